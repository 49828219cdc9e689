/** The messages of the protocol to bytes and back. Trailing elements that we don't know are ignored. */

import type { Id, Row } from './codec/row.ts'
import { fieldAt, isHidden, need, readValue, rest, WireRow } from './codec/row.ts'
import type { Value } from './gen/cards.ts'
import { decode, encode, hex, Malformed, Packer, Unpacker } from './msgpack.ts'

export type { Fields, Id, Row } from './codec/row.ts'
export { decode, encode, fieldAt, hex, isHidden, Malformed }

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
  /** The frame as it came over the wire. */
  bytes: Uint8Array<ArrayBuffer>
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
  const size = sync.changes.reduce((sum, change) => sum + change.length, 200)
  const packer = new Packer(size)
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
  const changes = Array.from({ length: unpacker.array() }, () => readChange(unpacker))
  const sent = length > 5 ? unpacker.int() : 0
  return { version, epoch, grants, cursors, changes, sent }
}

export function decodeSynced(bytes: Uint8Array): Synced {
  const unpacker = new Unpacker(bytes)
  const length = need(unpacker.array(), 8)
  const synced: Synced = {
    epoch: unpacker.hex(),
    now: unpacker.int(),
    sent: unpacker.int(),
    grants: unpacker.nil() ? null : readGrants(unpacker),
    verdicts: Array.from({ length: unpacker.array() }, () => readVerdict(unpacker)),
    frames: Array.from({ length: unpacker.array() }, () => readFrame(unpacker)),
    behind: Array.from({ length: unpacker.array() }, () => unpacker.int()),
    stable: readNumbers(unpacker),
  }
  rest(unpacker, length, 8)
  return synced
}

/** A snapshot, or a frame from the disk. */
export function decodeFrame(bytes: Uint8Array): Frame {
  return readFrame(new Unpacker(bytes))
}

/** Grants from the disk: they lie there as they come over the wire. */
export const decodeGrants = (bytes: Uint8Array): Grants => readGrants(new Unpacker(bytes))

/** A frame of what we hold, to take the place of those that it was made of. */
export function encodeFrame(
  frame: Omit<Frame, 'bytes' | 'rows'> & { rows: Iterable<Row> },
): Uint8Array<ArrayBuffer> {
  const packer = new Packer(65536)
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
  const length = need(unpacker.array(), 7)
  const change = {
    id: unpacker.hex(),
    space: unpacker.int(),
    card: unpacker.hex(),
    kind: unpacker.str(),
    at: unpacker.int(),
    base: unpacker.int(),
    set: readTouched(unpacker),
  }
  rest(unpacker, length, 7)
  return change
}

function readTouched(unpacker: Unpacker): Touched {
  const set: Record<string, readonly [Value, Value]> = {}
  for (let left = unpacker.map(); left > 0; left--) {
    const field = unpacker.str()
    const length = need(unpacker.array(), 2)
    set[field] = [readValue(unpacker), readValue(unpacker)]
    rest(unpacker, length, 2)
  }
  return set
}

function readFrame(unpacker: Unpacker): Frame {
  const from = unpacker.at
  const length = need(unpacker.array(), 6)
  const space = unpacker.int()
  const since = unpacker.int()
  const upto = unpacker.int()
  const rows: Row[] = []
  for (let left = unpacker.array(); left > 0; left--) rows.push(new WireRow(unpacker, space))
  const count = unpacker.int()
  const sum = unpacker.int()
  rest(unpacker, length, 6)
  return { space, since, upto, rows, count, sum, bytes: unpacker.bytes.slice(from, unpacker.at) }
}

function readVerdict(unpacker: Unpacker): Verdict {
  const length = need(unpacker.array(), 2)
  const verdict = { id: unpacker.hex(), code: unpacker.int(), seq: 0, reason: '', field: '' }
  if (length > 2) verdict.seq = unpacker.int()
  if (length > 3) {
    const detail = unpacker.value()
    if (detail !== null && typeof detail === 'object') {
      if ('reason' in detail && typeof detail.reason === 'string') verdict.reason = detail.reason
      if ('field' in detail && typeof detail.field === 'string') verdict.field = detail.field
    }
  }
  rest(unpacker, length, 4)
  return verdict
}

function readGrants(unpacker: Unpacker): Grants {
  const length = need(unpacker.array(), 2)
  const version = unpacker.int()
  const spaces = Array.from({ length: unpacker.array() }, () => {
    const parts = need(unpacker.array(), 4)
    const grant = { space: unpacker.int(), role: unpacker.str(), kind: unpacker.str(), name: unpacker.str() }
    rest(unpacker, parts, 4)
    return grant
  })
  rest(unpacker, length, 2)
  return { version, spaces }
}

function readNumbers(unpacker: Unpacker): Map<number, number> {
  const numbers = new Map<number, number>()
  for (let left = unpacker.map(); left > 0; left--) numbers.set(unpacker.int(), unpacker.int())
  return numbers
}
