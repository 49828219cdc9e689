/** Sealed records on their way to the server: no session is needed, and no key (D-62). */

import { decode, encode } from '../codec.ts'
import { diskNames } from '../disk/names.ts'
import type { Disk, Key, Step, Store } from '../disk.ts'
import { openDisk } from '../disk.ts'
import type { ServerKey } from '../link/me.ts'
import { isRecord, readKeys } from '../link/me.ts'
import type { Wire } from '../link/wire.ts'
import { MSGPACK } from '../link/wire.ts'
import { dayEnd, noteServerTime } from './disuse.ts'
import { PERSONS } from './homes.ts'

/** A sealed record as it goes over the wire. */
export interface Closed {
  id: string
  bytes: Uint8Array<ArrayBuffer>
}

/** What became of records: those that the server has, those whose key it doesn't know; whether their writer was removed. */
export interface Handed {
  stored: ReadonlySet<string>
  unknownKey: ReadonlySet<string>
  gone: boolean
}

/** How an author key counts what it seals, in `meta`. */
export const COUNT = 'sealed-count'
/** Where sealed records lie, in `meta`. */
export const CLOSED = 'sealed/'
/** On a tablet: on which day and in which life of the server a record was taken. Its words may not be in a backup yet (D-63). */
export const SENT = 'sent/'
/** On a tablet: what a relay's next person reads of it until it was taken (docs/decisions/0034). */
export const LEG = 'leg/'
const SENT_KEPT_MS = 7 * 86_400_000
const STORES: readonly Store[] = ['frames', 'outbox', 'echo', 'files', 'drafts', 'meta']
const MOST_ITEMS = 100
const MOST_BYTES = 1_900_000

/** Hand in what lies sealed in a database that nobody here can open; how many records still wait. */
export async function leftOn(disk: Disk, wire: Wire): Promise<number> {
  const closed: Closed[] = []
  for (const key of await disk.keys('meta')) {
    const bytes = String(key).startsWith(CLOSED) ? await disk.get('meta', key) : null
    if (bytes instanceof Uint8Array)
      closed.push({ id: String(key).slice(CLOSED.length), bytes: bytes.slice() })
  }
  const { stored } = await hand(wire, closed)
  await disk.write([...stored].map((id): Step => ({ store: 'meta', key: CLOSED + id })))
  return closed.length - stored.size
}

let handedAt = Number.NEGATIVE_INFINITY

/** How long ago, in ms, sealed words last left this window: a drop goes apart from them (D-69). */
export const sinceHanded = (): number => performance.now() - handedAt

/** Hand records in; what the server has of them now, and what it can't open. Without an answer: nothing. */
export async function hand(wire: Wire, closed: readonly Closed[]): Promise<Handed> {
  const stored = new Set<string>()
  const unknownKey = new Set<string>()
  let gone = false
  for (const batch of batches(closed)) {
    const items = batch.map(({ bytes }) => decode(bytes))
    const headers = { 'Content-Type': MSGPACK, Accept: MSGPACK }
    const body = encode({ items })
    handedAt = performance.now()
    const reply = await wire.ask({ method: 'POST', path: '/api/sealed', headers, body }).catch(() => null)
    if (reply === null || reply.status !== 200 || reply.type !== MSGPACK) continue
    const said: unknown = decode(reply.body)
    if (!isRecord(said) || !Array.isArray(said.items)) continue
    gone ||= said.gone === true
    said.items.forEach((item: unknown, i) => {
      const id = batch[i]?.id
      if (!isRecord(item) || id === undefined) return
      if (item.state === 'stored') stored.add(id)
      else if (item.reason === 'key_unknown') unknownKey.add(id)
    })
  }
  return { stored, unknownKey, gone }
}

function batches(closed: readonly Closed[]): Closed[][] {
  const all: Closed[][] = []
  let size = 0
  for (const one of closed) {
    const last = all.at(-1)
    size += one.bytes.length
    if (last !== undefined && last.length < MOST_ITEMS && size < MOST_BYTES) last.push(one)
    else {
      all.push([one])
      size = one.bytes.length
    }
  }
  return all
}

/** The key to seal with now. */
export const activeOf = (keys: readonly ServerKey[]): ServerKey | undefined =>
  keys.find(({ state }) => state === 'active')

/** One strict transaction takes the keys of a database and all that is not sealed, and puts down what still is (D-11). */
export async function dropOpen(disk: Disk, left: readonly Closed[] = []): Promise<void> {
  const steps: Step[] = []
  for (const store of STORES) {
    const keys: readonly Key[] = await disk.keys(store)
    steps.push(...keys.filter(isOpen).map((key): Step => ({ store, key })))
  }
  for (const { id, bytes } of left) steps.push({ store: 'meta', key: CLOSED + id, value: bytes })
  await disk.write(steps)
}

const SHUT = [CLOSED, SENT, LEG]
const isOpen = (key: Key) => !SHUT.some((start) => String(key).startsWith(start))

interface Sent {
  at: number
  epoch: string
}

/** What lies sealed in one database of a tablet, in the order in which it was written, and what the server has had. */
async function sealedIn(disk: Disk): Promise<{ closed: Closed[]; sent: Map<string, Sent> }> {
  const closed: Closed[] = []
  const sent = new Map<string, Sent>()
  for (const key of (await disk.keys('meta')).map(String)) {
    const value = key.startsWith(CLOSED) || key.startsWith(SENT) ? await disk.get('meta', key) : null
    if (value instanceof Uint8Array) closed.push({ id: key.slice(CLOSED.length), bytes: value.slice() })
    else if (isRecord(value))
      sent.set(key.slice(SENT.length), { at: Number(value.at), epoch: String(value.epoch) })
  }
  const kept = await disk.get('meta', COUNT)
  const numbers = isRecord(kept) && kept.of instanceof Map ? kept.of : new Map<unknown, unknown>()
  const order = ({ id }: Closed) => Number(numbers.get(id) ?? 0)
  return { closed: closed.sort((a, b) => order(a) - order(b)), sent }
}

/** How many records of a database the server has not had. */
export async function unsentIn(disk: Disk): Promise<number> {
  const keys = (await disk.keys('meta')).map(String)
  const sent = new Set(keys.filter((key) => key.startsWith(SENT)).map((key) => key.slice(SENT.length)))
  return keys.filter((key) => key.startsWith(CLOSED) && !sent.has(key.slice(CLOSED.length))).length
}

/**
 * Hand in what one person has left sealed on a tablet. What the server has had stays for a week, and is offered once
 * more when the server lives in another `epoch` since. `only`: these records. Answers how many records wait, and whether their writer was removed.
 */
export async function handInFrom(
  disk: Disk,
  wire: Wire,
  { at, epoch }: Sent,
  only?: ReadonlySet<string>,
): Promise<{ waiting: number; gone: boolean }> {
  const { closed, sent } = await sealedIn(disk)
  const due = closed.filter(({ id }) => (sent.get(id)?.epoch ?? '') !== epoch && (only?.has(id) ?? true))
  const { stored, gone } = await hand(wire, due)
  const steps: Step[] = [...stored].map((id) => ({
    store: 'meta',
    key: SENT + id,
    value: { at: dayEnd(at), epoch },
  }))
  for (const [id, one] of sent)
    if (at - one.at > SENT_KEPT_MS && !stored.has(id))
      steps.push(...[SENT, CLOSED, LEG].map((start): Step => ({ store: 'meta', key: start + id })))
  await disk.write(steps)
  return { waiting: closed.filter(({ id }) => !sent.has(id) && !stored.has(id)).length, gone }
}

/**
 * Hand in all that lies sealed on a tablet, whoever wrote it. Answers in which databases somebody was removed; null where
 * the server could not be asked.
 */
export async function handInAll(wire: Wire, at: number): Promise<string[] | null> {
  const server = await askServer(wire)
  if (server === null) return null
  noteServerTime(server.now)
  const removed = new Set<string>()
  const handIn = async (disk: Disk, only?: ReadonlySet<string>) => {
    const { gone } = await handInFrom(disk, wire, { at, epoch: server.epoch }, only)
    if (gone) removed.add(disk.name)
  }
  for (const { name, ids } of await turnsOf(server.epoch)) await onCopy(name, (disk) => handIn(disk, ids))
  await eachCopy((disk) => handIn(disk))
  return [...removed]
}

/** What goes before all else: relays, each turn at this tablet after the one that it went on from. */
async function turnsOf(epoch: string): Promise<{ name: string; ids: ReadonlySet<string> }[]> {
  const due: { name: string; id: string; turn: number }[] = []
  await eachCopy(async (disk) => {
    if (!(await disk.keys('meta')).some((key) => String(key).startsWith(LEG))) return
    const { closed, sent } = await sealedIn(disk)
    let turn = 0
    for (const { id } of closed) {
      const leg = await disk.get('meta', LEG + id)
      turn = Math.max(turn, isRecord(leg) ? Number(leg.turn) : 0)
      if (sent.get(id)?.epoch !== epoch) due.push({ name: disk.name, id, turn })
    }
  })
  const runs: { name: string; ids: Set<string> }[] = []
  for (const { name, id } of due.sort((a, b) => a.turn - b.turn)) {
    const last = runs.at(-1)
    if (last?.name === name) last.ids.add(id)
    else runs.push({ name, ids: new Set([id]) })
  }
  return runs
}

/** Every person's database on this device, one after another. */
export async function eachCopy(work: (disk: Disk) => Promise<void>): Promise<void> {
  for (const name of await diskNames()) if (name.startsWith(PERSONS)) await onCopy(name, work)
}

async function onCopy(name: string, work: (disk: Disk) => Promise<void>): Promise<void> {
  const disk = await openDisk(name)
  try {
    await work(disk)
  } catch {
    // One copy that is broken, or a full disk, holds up nobody else's words.
  } finally {
    disk.close()
  }
}

/** The server's keys, the life that it is in, and its time in ms; null without an answer. */
export async function askServer(
  wire: Wire,
): Promise<{ keys: readonly ServerKey[]; epoch: string; now: number } | null> {
  const reply = await wire.ask({ method: 'GET', path: '/api/keys' }).catch(() => null)
  if (reply === null || reply.status !== 200 || reply.type !== 'application/json') return null
  const said: unknown = JSON.parse(new TextDecoder().decode(reply.body))
  return isRecord(said)
    ? { keys: readKeys(said.keys), epoch: String(said.epoch), now: Number(said.now) }
    : null
}
