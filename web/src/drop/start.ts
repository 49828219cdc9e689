/** The drop box of this window: its sender, and where tickets come from. */

import { fromBase64url } from '../bytes.ts'
import type { Clock } from '../clock.ts'
import { addTickets, ticketsLeft } from '../drop.ts'
import { isRecord } from '../link/me.ts'
import { makeWire } from '../link/wire.ts'
import { call } from '../link.ts'
import { sending, signedIn } from '../session.ts'
import { delay, makeSender } from './sender.ts'

const FEWEST = 5
const WANTED = 20

let sender: { wake: () => Promise<void> } | null = null

/** Start this window's sender, and fetch tickets at a moment that tells nothing of any drop. */
export async function startDrops(clock: Clock): Promise<void> {
  sender = makeSender({
    clock,
    wire: bareWire(),
    calm: () => sending.peek() === 0,
    online: () => navigator.onLine,
    refill: fetchTickets,
  })
  const wake = () => sender?.wake()
  addEventListener('online', wake)
  clock.after(delay(clock.random), fetchTickets)
  await wake()
}

/** A way to the server that carries no cookie, and says of nobody whose it is (D-67). */
export const bareWire = () =>
  makeWire(location.origin, (url, init) => fetch(url, { ...init, credentials: 'omit' }))

/** Something new waits. */
export const wakeDrops = () => sender?.wake()

async function fetchTickets(): Promise<void> {
  if (!signedIn.peek() || (await ticketsLeft()) >= FEWEST) return
  const got = await call('POST', '/api/tickets', { n: WANTED }, readTickets)
  if (got.ok) await addTickets(got.value)
}

function readTickets(said: unknown): Uint8Array<ArrayBuffer>[] {
  if (!isRecord(said) || !Array.isArray(said.tickets)) throw new TypeError('no tickets')
  return said.tickets.map((one) => fromBase64url(String(one)))
}
