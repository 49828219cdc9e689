/**
 * The drop box on this device: what is written under no name waits here sealed for the server alone, beside tickets
 * that don't say whose they were (D-67 to D-69). Nothing here bears a time, a person or the order of writing.
 */

import { fromBase64url, joined } from './bytes.ts'
import type { Clock } from './clock.ts'
import { encode, fromHex, hex } from './codec.ts'
import { alone } from './disk/alone.ts'
import type { Disk } from './disk.ts'
import type { ServerKey } from './link/me.ts'
import { isRecord } from './link/me.ts'
import { MSGPACK, type Wire } from './link/wire.ts'
import { onDevice } from './session/homes.ts'
import { sealTo } from './vault/hpke.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** What somebody drops; `claim` is the proof of their code. */
export interface Drop {
  space: number
  kind: 'idea' | 'observation'
  title: string
  text: string
  claim: Bytes
  lang: string
}

/** For whom it is sealed: the organisation in hexadecimal, and the keys that its server offers. */
export interface Receiver {
  org: string
  keys: readonly ServerKey[]
}

/** What became of one try: sent, nothing there, no ticket left, or something waits for another time. */
export type Sent = 'sent' | 'none' | 'no_ticket' | 'waits'

interface Waiting {
  kid: Bytes
  box: Bytes
  /** The ticket of a try whose reply was lost: the same one again is the same drop. */
  ticket: Bytes | null
}

const DROP = 'drop/'
const TICKETS = 'tickets'
const SMALLEST = 512
const NAMELESS = new Uint8Array(28)
const SEALED = new TextEncoder().encode('virtaamo/sealed/1\0')
const LOCK = 'v-drops'

/** Resolves when the words are safe on this device's disk, sealed; rejects when they are not. */
export async function keepDrop(drop: Drop, to: Receiver, random: Clock['random']): Promise<void> {
  const key = to.keys.find(({ state }) => state === 'active')
  if (key === undefined) throw new Error('no key to seal with')
  const info = joined(SEALED, fromHex(to.org), NAMELESS)
  const box = await sealTo({ to: fromBase64url(key.public), info, plain: padded(encode(drop)) })
  const value: Waiting = { kid: fromBase64url(key.kid), box, ticket: null }
  await onDevice((device) => device.write([{ store: 'meta', key: DROP + hex(random(16)), value }]))
}

/** Lengths talk: 512 bytes times a power of two. */
function padded(plain: Bytes): Bytes {
  let size = SMALLEST
  while (size < plain.length) size *= 2
  return joined(plain, new Uint8Array(size - plain.length))
}

/** How many drops wait on this device. */
export const waitingDrops = async (): Promise<number> => (await onDevice(dropKeys)).length

const dropKeys = async (device: Disk) =>
  (await device.keys('meta')).map(String).filter((key) => key.startsWith(DROP))

/** How many tickets are left. */
export const ticketsLeft = async (): Promise<number> => (await onDevice(ticketsOf)).length

const ticketsOf = async (device: Disk): Promise<Bytes[]> => {
  const kept = await device.get('meta', TICKETS)
  return Array.isArray(kept) ? kept.flatMap((one) => (one instanceof Uint8Array ? [one.slice()] : [])) : []
}

/** Put more tickets to those that are left. */
export const addTickets = (more: readonly Bytes[]): Promise<void> =>
  alone(LOCK, () =>
    onDevice(async (device) => {
      const value = [...(await ticketsOf(device)), ...more]
      await device.write([{ store: 'meta', key: TICKETS, value }])
    }),
  )

/** Send one drop, whichever chance names, over a wire that carries no cookie. Never rejects for what the network does. */
export const sendOne = (wire: Wire, random: Clock['random']): Promise<Sent> =>
  alone(LOCK, () => onDevice((device) => sendAny(device, wire, random)))

async function sendAny(device: Disk, wire: Wire, random: Clock['random']): Promise<Sent> {
  const names = await dropKeys(device)
  const [drawn = 0] = random(1)
  const name = names[drawn % names.length]
  if (name === undefined) return 'none'
  const waiting = readWaiting(await device.get('meta', name))
  if (waiting === null) return 'waits'
  const ticket = waiting.ticket ?? (await takeTicket(device, name, waiting))
  if (ticket === null) return 'no_ticket'
  const outcome = await post(wire, { ...waiting, ticket })
  if (outcome === 'sent') await device.write([{ store: 'meta', key: name }])
  // That ticket is good for nothing any more: the next try takes another.
  if (outcome !== 'bad_ticket') return outcome
  await device.write([{ store: 'meta', key: name, value: { ...waiting, ticket: null } }])
  return 'waits'
}

/** The drop takes one ticket for itself, in one write: no other drop gets the same. */
async function takeTicket(device: Disk, name: string, waiting: Waiting): Promise<Bytes | null> {
  const [ticket, ...left] = await ticketsOf(device)
  if (ticket === undefined) return null
  await device.write([
    { store: 'meta', key: TICKETS, value: left },
    { store: 'meta', key: name, value: { ...waiting, ticket } },
  ])
  return ticket
}

async function post(wire: Wire, { ticket, box, kid }: Waiting): Promise<Sent | 'bad_ticket'> {
  const headers = { 'Content-Type': MSGPACK, Accept: 'application/json' }
  const body = encode({ ticket, box, kid })
  const reply = await wire.ask({ method: 'POST', path: '/api/drop', headers, body }).catch(() => null)
  if (reply?.status === 204) return 'sent'
  return reply?.status === 403 && reply.type === 'application/json' ? 'bad_ticket' : 'waits'
}

function readWaiting(kept: unknown): Waiting | null {
  if (!isRecord(kept) || !(kept.kid instanceof Uint8Array) || !(kept.box instanceof Uint8Array)) return null
  const ticket = kept.ticket instanceof Uint8Array ? kept.ticket.slice() : null
  return { kid: kept.kid.slice(), box: kept.box.slice(), ticket }
}
