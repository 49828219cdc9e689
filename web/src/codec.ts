/** The messages of the protocol to bytes and back. Trailing elements that we don't know are ignored. */

import type { Clock } from './clock.ts'
import type { Id, Row } from './codec/row.ts'
import { fieldAt, isHidden, readValue, WireRow, withRaw } from './codec/row.ts'
import type { Value } from './gen/cards.ts'
import { decode, encode, hex, Malformed, Packer, Unpacker } from './msgpack.ts'

export type { Fields, Id, Row } from './codec/row.ts'
export { decode, encode, fieldAt, hex, isHidden, Malformed, withRaw }

export type Touched = Readonly<Record<string, readonly [was: Value, now: Value]>>

/** One intent of one person on one card. `id` is hexadecimal, 24 characters. */
export interface Change {
  id: string
  space: number
  card: Id
  kind: string
  at: number
  base: number
  set: Touched
}

export interface Frame {
  space: number
  since: number
  upto: number
  rows: Row[]
  count: number
  sum: number
  /** A copy of the frame as it came over the wire. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface Verdict {
  id: string
  code: number
  seq: number
  reason: string
  field: string
}

export interface Grant {
  space: number
  role: string
  kind: string
  name: string
}

export interface Grants {
  version: number
  spaces: readonly Grant[]
}

export interface Sync {
  version: number
  epoch: string | null
  grants: number
  cursors: ReadonlyMap<number, number>
  /** Changes in the form that `encodeChange` gave them. */
  changes: readonly Uint8Array[]
  sent: number
}

export interface Synced {
  epoch: string
  now: number
  sent: number
  grants: Grants | null
  verdicts: Verdict[]
  frames: Frame[]
  behind: number[]
  stable: Map<number, number>
}

export interface Encoded {
  change: Change
  bytes: Uint8Array
}

/** So many rows are read in some milliseconds, also by a slow phone. */
const SLICE = 4_000

/** One change as bytes; they never change again, whatever becomes of the device. */
export function encodeChange(change: Change): Uint8Array<ArrayBuffer> {
  return encodeChanges([change]).whole
}

/** Changes one after another in `whole`, and where each of them stands in it. A packer may be used again and again. */
export function encodeChanges(
  changes: readonly Change[],
  packer = new Packer(),
): {
  whole: Uint8Array<ArrayBuffer>
  each: Encoded[]
} {
  packer.at = 0
  const ends = changes.map((change) => {
    packer.array(7)
    packer.bin(fromHex(change.id))
    packer.int(change.space)
    packer.bin(fromHex(change.card))
    packer.str(change.kind)
    packer.int(change.at)
    packer.int(change.base)
    packer.record(change.set)
    return packer.at
  })
  const whole = packer.take()
  const each = changes.map((change, i) => ({
    change,
    bytes: whole.subarray(i > 0 ? ends[i - 1] : 0, ends[i]),
  }))
  return { whole, each }
}

/** The changes that stand one after another in `bytes`, each with its own bytes. */
export function decodeChanges(bytes: Uint8Array): Encoded[] {
  const unpacker = new Unpacker(bytes)
  const changes: Encoded[] = []
  while (!unpacker.done) {
    const from = unpacker.at
    const change = readChange(unpacker)
    changes.push({ change, bytes: bytes.subarray(from, unpacker.at) })
  }
  return changes
}

export function encodeSync(sync: Sync): Uint8Array<ArrayBuffer> {
  const packer = new Packer()
  packer.array(6)
  packer.int(sync.version)
  packer.value(sync.epoch === null ? null : fromHex(sync.epoch))
  packer.int(sync.grants)
  packer.value(sync.cursors)
  packer.array(sync.changes.length)
  for (const change of sync.changes) packer.raw(change)
  packer.int(sync.sent)
  return packer.take()
}

/** Reads a `Sync` (the tests' server does). */
export function decodeSync(bytes: Uint8Array): Omit<Sync, 'changes'> & { changes: Change[] } {
  const unpacker = new Unpacker(bytes)
  const length = unpacker.array()
  const version = unpacker.int()
  const epoch = unpacker.nil() ? null : unpacker.hex()
  const grants = unpacker.int()
  const cursors = readNumbers(unpacker)
  const changes = unpacker.list(() => readChange(unpacker))
  const sent = length > 5 ? unpacker.int() : 0
  return { version, epoch, grants, cursors, changes, sent }
}

export function decodeSynced(bytes: Uint8Array): Synced {
  const unpacker = new Unpacker(bytes)
  const more = unpacker.tuple(8)
  const synced: Synced = {
    epoch: unpacker.hex(),
    now: unpacker.int(),
    sent: unpacker.int(),
    grants: unpacker.nil() ? null : readGrants(unpacker),
    verdicts: unpacker.list(() => readVerdict(unpacker)),
    frames: unpacker.list(() => readFrame(unpacker)),
    behind: unpacker.list(() => unpacker.int()),
    stable: readNumbers(unpacker),
  }
  unpacker.skip(more)
  return synced
}

/** A frame from another tab. */
export const decodeFrame = (bytes: Uint8Array): Frame => readFrame(new Unpacker(bytes))

/** A snapshot, or a frame from the disk: of a large one so many rows at a time, and in between the page has its turn. */
export async function decodeWhole(bytes: Uint8Array, clock: Pick<Clock, 'after'>): Promise<Frame> {
  const reading = readRows(new Unpacker(bytes))
  let step = reading.next()
  while (!step.done) {
    await new Promise<void>((resolve) => clock.after(0, resolve))
    step = reading.next()
  }
  return step.value
}

/** Grants from the disk: they lie there as they come over the wire. */
export const decodeGrants = (bytes: Uint8Array): Grants => readGrants(new Unpacker(bytes))

/** A frame of what we hold, to take the place of those that it was made of. */
export function encodeFrame(
  frame: Omit<Frame, 'bytes' | 'rows'> & { rows: Iterable<Row> },
): Uint8Array<ArrayBuffer> {
  const packer = new Packer()
  packer.array(6)
  packer.int(frame.space)
  packer.int(frame.since)
  packer.int(frame.upto)
  const rows = [...frame.rows]
  packer.array(rows.length)
  for (const row of rows) {
    packer.array(6)
    packer.bin(fromHex(row.id))
    packer.str(row.kind)
    packer.int(row.seq)
    packer.value(row.by)
    packer.int(row.made)
    if (row.packed) packer.raw(row.packed)
    else packer.record(row.raw)
  }
  packer.int(frame.count)
  packer.int(frame.sum)
  return packer.take()
}

/** The bytes that hexadecimal text stands for. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length >> 1)
  for (let i = 0; i < bytes.length; i++) bytes[i] = (digit(text, i * 2) << 4) | digit(text, i * 2 + 1)
  return bytes
}

function digit(text: string, i: number): number {
  const code = text.charCodeAt(i)
  return code > 0x60 ? code - 0x57 : code - 0x30
}

function readChange(unpacker: Unpacker): Change {
  const more = unpacker.tuple(7)
  const change = {
    id: unpacker.hex(),
    space: unpacker.int(),
    card: unpacker.hex(),
    kind: unpacker.str(),
    at: unpacker.int(),
    base: unpacker.int(),
    set: readTouched(unpacker),
  }
  unpacker.skip(more)
  return change
}

function readTouched(unpacker: Unpacker): Touched {
  const set: Record<string, readonly [Value, Value]> = {}
  for (let left = unpacker.map(); left > 0; left--) {
    const field = unpacker.str()
    const more = unpacker.tuple(2)
    set[field] = [readValue(unpacker), readValue(unpacker)]
    unpacker.skip(more)
  }
  return set
}

function readFrame(unpacker: Unpacker): Frame {
  const reading = readRows(unpacker)
  let step = reading.next()
  while (!step.done) step = reading.next()
  return step.value
}

/** Reads a frame, and pauses now and then. */
function* readRows(unpacker: Unpacker): Generator<void, Frame> {
  const from = unpacker.at
  const more = unpacker.tuple(6)
  const space = unpacker.int()
  const since = unpacker.int()
  const upto = unpacker.int()
  const rows: Row[] = []
  for (let left = unpacker.array(); left > 0; left--) {
    rows.push(new WireRow(unpacker, space))
    if (left % SLICE === 0) yield
  }
  const count = unpacker.int()
  const sum = unpacker.int()
  unpacker.skip(more)
  const { bytes, at } = unpacker
  return {
    space,
    since,
    upto,
    rows,
    count,
    sum,
    get bytes() {
      return bytes.slice(from, at)
    },
  }
}

function readVerdict(unpacker: Unpacker): Verdict {
  const more = unpacker.tuple(2)
  const verdict = { id: unpacker.hex(), code: unpacker.int(), seq: 0, reason: '', field: '' }
  if (more > 0) verdict.seq = unpacker.int()
  if (more > 1) {
    const { reason, field }: Partial<Record<string, unknown>> = Object(unpacker.value())
    verdict.reason = String(reason ?? '')
    verdict.field = String(field ?? '')
  }
  unpacker.skip(more - 2)
  return verdict
}

function readGrants(unpacker: Unpacker): Grants {
  const more = unpacker.tuple(2)
  const version = unpacker.int()
  const spaces = unpacker.list(() => {
    const more = unpacker.tuple(4)
    const grant = { space: unpacker.int(), role: unpacker.str(), kind: unpacker.str(), name: unpacker.str() }
    unpacker.skip(more)
    return grant
  })
  unpacker.skip(more)
  return { version, spaces }
}

function readNumbers(unpacker: Unpacker): Map<number, number> {
  const numbers = new Map<number, number>()
  for (let left = unpacker.map(); left > 0; left--) numbers.set(unpacker.int(), unpacker.int())
  return numbers
}
