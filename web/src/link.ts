/** What the screens ask of the network. It never blocks anything: each answer may be "no network". */

import { decode } from './codec.ts'
import type { Call, Method, Result } from './link/call.ts'
import { makeCall, refusal } from './link/call.ts'
import type { Photos } from './link/photos.ts'
import type { Wire } from './link/wire.ts'
import { makeWire } from './link/wire.ts'
import type { Replica } from './replica/copy.ts'
import type { Card, Value } from './replica.ts'
import { shownReplica } from './replica.ts'

export type { Call, Method, Result }

/** One line of a card's history. */
export interface Past {
  seq: number
  by: number | null
  at: number
  received: number
  set: Readonly<Record<string, readonly [was: Value, now: Value]>>
  code: number
}

/** What belongs to a replica that is being synced. */
export interface Reach {
  wire: Wire
  photos: Photos
  wake: () => void
}

const reaches = new WeakMap<Replica, Reach>()

/** From now on this is how this replica reaches the server. */
export function reachBy(replica: Replica, reach: Reach): void {
  reaches.set(replica, reach)
}

/** How the replica that is shown reaches the server. */
export function reachNow(): Reach | null {
  const replica = shownReplica()
  return replica === null ? null : (reaches.get(replica) ?? null)
}

/** Ask the app's own API in JSON; never rejects. `decode` throws on what it doesn't expect. */
export const call: Call = (method, path, body, decode) =>
  makeCall(reachNow()?.wire ?? makeWire(''), spoken)(method, path, body, decode)

/** The same, asked for nobody in particular: to come in. */
export const callAnew: Call = (method, path, body, decode) =>
  makeCall(makeWire(''), spoken)(method, path, body, decode)

const spoken = () => document.documentElement.lang

/** Send and fetch at once, whatever the back-off says. */
export function sendNow(): void {
  reachNow()?.wake()
}

/** A photo by its SHA-256, from this device or the server; null while neither has it. */
export async function photo(sha: string): Promise<Blob | null> {
  return (await reachNow()?.photos.get(sha)) ?? null
}

/** A file of the server's, of this type; otherwise what it says instead. Never rejects. */
export async function fetchFile(path: string, type: string): Promise<Result<Blob>> {
  const headers = { Accept: 'application/json', 'Accept-Language': document.documentElement.lang }
  const wire = reachNow()?.wire ?? makeWire('')
  const reply = await wire.ask({ method: 'GET', path, headers }).catch(() => null)
  if (reply === null || (reply.type !== type && reply.type !== 'application/json')) return OFFLINE
  if (reply.status === 200 && reply.type === type)
    return { ok: true, value: new Blob([reply.body], { type }) }
  return refusal(reply)
}

const OFFLINE = { ok: false, error: 'offline', message: '', status: 0 } as const

/** What happened to a card, oldest first. Needs a network. */
export async function history(card: Card): Promise<Result<readonly Past[]>> {
  const path = `/api/spaces/${card.space}/cards/${card.id}/history`
  const headers = { Accept: 'application/x-msgpack' }
  try {
    const reply = await reachNow()?.wire.ask({ method: 'GET', path, headers })
    if (reply === undefined || reply.type !== 'application/x-msgpack') return OFFLINE
    if (reply.status !== 200) return { ok: false, error: 'not_found', message: '', status: reply.status }
    return { ok: true, value: pasts(decode(reply.body)) }
  } catch {
    return OFFLINE
  }
}

function pasts(value: unknown): Past[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((line) => {
    if (!Array.isArray(line)) return []
    const [seq, by, at, received, set, code] = line
    const author = typeof by === 'number' ? by : null
    return [
      {
        seq: Number(seq),
        by: author,
        at: Number(at),
        received: Number(received),
        set: touched(set),
        code: Number(code),
      },
    ]
  })
}

function touched(set: unknown): Past['set'] {
  if (typeof set !== 'object' || set === null) return {}
  const pairs = Object.entries(set).map(([field, pair]) => {
    const [was, now]: readonly Value[] = Array.isArray(pair) ? pair : []
    return [field, [was ?? null, now ?? null]] as const
  })
  return Object.fromEntries(pairs)
}
