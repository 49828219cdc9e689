/** The drop box of this window: its sender, and where tickets come from. */

import { fromBase64url } from '../bytes.ts'
import type { Clock } from '../clock.ts'
import { addTickets, ticketsLeft } from '../drop.ts'
import { isRecord } from '../link/me.ts'
import { makeWire } from '../link/wire.ts'
import { call, callAnew } from '../link.ts'
import { sinceHanded } from '../session/handing.ts'
import { tabletHere } from '../session/tablet.ts'
import { me, sending, signedIn } from '../session.ts'
import { keepBoxes } from './boxes.ts'
import { renewReport, reportHere } from './report.ts'
import { delay, makeSender } from './sender.ts'

/** More are asked for when fewer are left, so many at a time. */
const OWN = { fewest: 5, wanted: 20 }
const SHARED = { fewest: 25, wanted: 50 }
const EVERY_MS = 3 * 3_600_000
const AGAIN_MS = 10 * 60_000
/** So long after somebody came or went, or sealed words left, nothing leaves. */
const APART_MS = 30_000

let sender: { wake: () => Promise<void> } | null = null

/** Start this window's sender, and fetch tickets at moments that tell nothing of any drop. */
export async function startDrops(clock: Clock): Promise<void> {
  let changed = clock.wall()
  me.subscribe(() => {
    changed = clock.wall()
  })
  sender = makeSender({
    clock,
    wire: bareWire(),
    calm: () => sending.peek() === 0 && clock.wall() - changed > APART_MS && sinceHanded() > APART_MS,
    online: () => navigator.onLine,
  })
  const wake = () => sender?.wake()
  addEventListener('online', wake)
  // Not every browser tells when the network is back.
  const again = () => {
    wake()
    clock.after(AGAIN_MS, again)
  }
  clock.after(AGAIN_MS, again)
  keepLooking(clock)
  if ((await reportHere()) === null) renewReport(bareWire())
  await wake()
}

/** By chance and by the clock alone, and again when the network is back: never because something waits. */
function keepLooking(clock: Clock): void {
  let cancel = () => {}
  const arm = (ms: number) => {
    cancel()
    cancel = clock.after(ms + delay(clock.random), async () => {
      const isDone = await fetchTickets().catch(() => false)
      arm(isDone ? EVERY_MS : 0)
    })
  }
  addEventListener('online', () => arm(0))
  arm(0)
}

/** A way to the server that carries no cookie, and says of nobody whose it is (D-67). */
export const bareWire = () =>
  makeWire(location.origin, (url, init) => fetch(url, { ...init, credentials: 'omit' }))

/** Something new waits. */
export const wakeDrops = () => sender?.wake()

/** False when there are too few still. A tablet asks as itself, whoever has unlocked it. */
async function fetchTickets(): Promise<boolean> {
  const isShared = (await tabletHere()) !== null
  if (isShared) await renewBoxes()
  await renewReport(bareWire())
  const { fewest, wanted } = isShared ? SHARED : OWN
  if ((await ticketsLeft()) >= fewest) return true
  if (!isShared && !signedIn.peek()) return false
  const got = await (isShared ? callAnew : call)('POST', '/api/tickets', { n: wanted }, readTickets)
  if (got.ok) await addTickets(got.value)
  return got.ok
}

/** Teams and keys change while nobody is there. */
async function renewBoxes(): Promise<void> {
  const told = await callAnew('GET', '/api/me', null, (said) => said)
  if (told.ok) await keepBoxes(told.value)
}

function readTickets(said: unknown): Uint8Array<ArrayBuffer>[] {
  if (!isRecord(said) || !Array.isArray(said.tickets)) throw new TypeError('no tickets')
  return said.tickets.map((one) => fromBase64url(String(one)))
}
