/**
 * Words leave this device without a session: sealed, and proved by their author's signature (D-44, D-59 to D-64). A
 * device that was removed lets go of its copy after that; what could not be delivered stays, sealed (D-11).
 */

import { fromBase64url } from '../bytes.ts'
import { encode } from '../codec.ts'
import { alone } from '../disk/alone.ts'
import type { Disk, Step } from '../disk.ts'
import { deleteDisk, openDisk } from '../disk.ts'
import type { Me, ServerKey } from '../link/me.ts'
import { isRecord } from '../link/me.ts'
import type { Wire } from '../link/wire.ts'
import { wireOf } from '../link/wire.ts'
import type { Home } from '../vault/author.ts'
import { sealContent } from '../vault/envelope.ts'
import type { Closed } from './handing.ts'
import { activeOf, askServer, dropOpen, hand, leftOn } from './handing.ts'
import { currentName, onDevice, PARTED, readParted, useDisk } from './homes.ts'
import type { Pending } from './pending.ts'
import { counted, keepCount, pending, senderOf } from './pending.ts'

/** Who leaves: where their words lie, who they are to the server, and the way there. */
export interface Leaver {
  home: Home
  me: Me
  wire: Wire
}

/** What is left sealed, how many words could not be sealed (no key, or they don't open), and whether I was removed. */
interface Delivered {
  left: readonly Closed[]
  open: number
  gone: boolean
}

/**
 * Hand in what waits and find out whether this device or its person was removed. If so, `halt` stops whoever writes
 * here, and the copy goes; answers how many words then still wait, or null when nothing was removed. A session that is
 * merely over takes nothing (D-19).
 */
export async function depart(leaver: Leaver, halt: () => Promise<void>): Promise<number | null> {
  const isGone = await wasRemoved(leaver)
  return isGone === null ? null : await inTurn(leaver, () => leaveWith(leaver, halt, isGone))
}

/**
 * My account goes: hand in what waits and drop the copy; answers as `depart` does. What doesn't open goes too: its
 * person has taken leave of it, and the board must not stay here for its sake.
 */
export const leaveCopy = (leaver: Leaver, halt: () => Promise<void>): Promise<number | null> =>
  inTurn(leaver, () => leaveWith(leaver, halt, true, true))

/** Hand in what waits; the copy stays as it is. */
export const handIn = (leaver: Leaver): Promise<Delivered> => inTurn(leaver, () => deliver(leaver))

/** One window at a time: numbers are counted once. */
const inTurn = <T>({ home }: Leaver, work: () => Promise<T>): Promise<T> =>
  alone(`departing/${home.disk.name}`, work)

/** Nothing goes while a word is neither with the server nor sealed: then it is tried again at the next contact. */
async function leaveWith(
  leaver: Leaver,
  halt: () => Promise<void>,
  isGone: boolean,
  isWish = false,
): Promise<number | null> {
  const { disk } = leaver.home
  const { gone, open } = await deliver(leaver, isWish)
  if ((!isGone && !gone) || open > 0) return null
  await halt()
  const { left, open: late } = await deliver(leaver, isWish)
  if (late > 0) {
    // Written just before `halt`: the next start goes on from here.
    await useDisk(disk.name)
    return null
  }
  await drop(disk, left)
  await notePart(left.length > 0 ? disk.name : null)
  return left.length
}

/** Seal and hand in all that the server has not told us of; what it did not take comes back. */
async function deliver(leaver: Leaver, isWish = false): Promise<Delivered> {
  const { home, me, wire } = leaver
  const count = await counted(home.disk, me.device.id)
  const { found, unopened } = await pending(home)
  const shutIn = isWish ? 0 : unopened
  const waiting = found.filter(({ id }) => !count.done.has(id))
  if (waiting.length === 0) return { left: [], open: shutIn, gone: false }
  for (const { id } of waiting) if (!count.of.has(id)) count.of.set(id, ++count.n)
  await keepCount(home.disk, me.device.id, count)
  const known = activeOf(me.keys)
  const sealed = known === undefined ? [] : await sealAll(leaver, waiting, known, count.of)
  const handed = await hand(wire, sealed)
  const shut = known === undefined ? waiting : waiting.filter(({ id }) => handed.unknownKey.has(id))
  const newer = shut.length > 0 ? activeOf((await askServer(wire))?.keys ?? []) : undefined
  const again = newer === undefined ? [] : await sealAll(leaver, shut, newer, count.of)
  const anew = await hand(wire, again)
  for (const id of [...handed.stored, ...anew.stored]) count.done.add(id)
  await keepCount(home.disk, me.device.id, count)
  // What is sealed for a key that the server has no more is as good as open.
  const good = [...sealed.filter(({ id }) => !handed.unknownKey.has(id)), ...again]
  const left = good.filter(({ id }) => !count.done.has(id) && !anew.unknownKey.has(id))
  const open = shutIn + waiting.filter(({ id }) => !count.done.has(id)).length - left.length
  return { left, open, gone: handed.gone || anew.gone }
}

/** Seal with one key, each under the number that it was given once and for all. */
async function sealAll(
  { home, me }: Leaver,
  what: readonly Pending[],
  { kid, public: point }: ServerKey,
  numbers: ReadonlyMap<string, number>,
): Promise<Closed[]> {
  const from = await senderOf(home, me)
  const key = { kid: fromBase64url(kid), public: fromBase64url(point) }
  return await Promise.all(
    what.map(async ({ id, content }) => {
      const n = numbers.get(id) ?? 0
      return { id, bytes: await sealContent(from, key, { ...content, n }, encode) }
    }),
  )
}

/** Hand in what those left behind who have parted from this device; how many words still wait, null: nobody parted. */
export async function resume(wire: Wire): Promise<number | null> {
  const names = await partedNames()
  if (names === null) return null
  const current = await currentName()
  let waiting = 0
  for (const name of names) {
    if (name === current) continue
    const disk = await openDisk(name)
    const left = await leftOn(disk, wire)
    waiting += left
    if (left > 0) disk.close()
    else await deleteDisk(disk)
    if (left === 0) await notePart(null, name)
  }
  if (waiting === 0 && current !== null) await forgetParted()
  return current === null || waiting > 0 ? waiting : null
}

// ---- the way to the server

/** True: the server says `gone`; false: the session is over; null: neither, or nobody answered. */
async function wasRemoved({ me, wire }: Leaver): Promise<boolean | null> {
  const reply = await wireOf(me.person, wire)
    .ask({ method: 'GET', path: '/api/me' })
    .catch(() => null)
  if (reply === null || reply.type !== 'application/json') return null
  if (reply.status !== 401 && reply.status !== 410) return null
  const said: unknown = JSON.parse(new TextDecoder().decode(reply.body))
  const error = isRecord(said) ? said.error : null
  return error === 'gone' ? true : error === 'signed_out' ? false : null
}

// ---- letting go

/** The keys and everything but what is sealed go at once; the database goes with the last of it. */
async function drop(disk: Disk, left: readonly Closed[]): Promise<void> {
  await dropOpen(disk, left)
  if (left.length === 0) await deleteDisk(disk)
  else disk.close()
}

/** Note that somebody has parted from this device, in which database sealed words are left, and which has none now. */
async function notePart(left: string | null, empty: string | null = null): Promise<void> {
  const names = new Set((await partedNames()) ?? [])
  if (left !== null) names.add(left)
  if (empty !== null) names.delete(empty)
  // Whoever comes next begins anew: what was here last has no keys any more.
  const steps: Step[] = [
    { store: 'meta', key: PARTED, value: [...names] },
    { store: 'meta', key: 'last' },
  ]
  await onDevice((device) => device.write(steps))
}

const forgetParted = () => onDevice((device) => device.write([{ store: 'meta', key: PARTED }]))

async function partedNames(): Promise<string[] | null> {
  const names = await onDevice(readParted)
  return Array.isArray(names) ? names.map(String) : null
}
