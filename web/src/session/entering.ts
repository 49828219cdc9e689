/** Somebody's database is opened, shown and kept in step with the server; and what happens when that is over. */

import type { Grants } from '../codec.ts'
import type { Disk } from '../disk.ts'
import type { Engine } from '../engine.ts'
import { startEngine } from '../engine.ts'
import type { Me } from '../link/me.ts'
import { readMe } from '../link/me.ts'
import { Photos } from '../link/photos.ts'
import { browserTabs } from '../link/tabs.ts'
import type { Wire } from '../link/wire.ts'
import { wireOf } from '../link/wire.ts'
import { call, reachBy } from '../link.ts'
import { writeFor } from '../outbox.ts'
import type { Table } from '../replica/cards.ts'
import type { Replica } from '../replica/copy.ts'
import { TABLE } from '../replica/view.ts'
import { show } from '../replica.ts'
import type { Home } from '../vault/author.ts'
import type { Vault } from '../vault.ts'
import type { Person, SessionParts } from './here.ts'
import { closed, current, homeAgain, left, parts, shared } from './here.ts'
import { keepMe, keptMe, useDisk } from './homes.ts'
import { askToStay } from './room.ts'

export async function enterKept(home: Home): Promise<boolean> {
  const kept = await keptMe(home)
  if (kept === null) home.disk.close()
  else await enter(home, kept)
  return kept !== null
}

export async function enter(home: Home, now: Me, granted?: Grants): Promise<void> {
  const given = parts.peek()
  if (given === null) return
  const { clock } = given
  const { lay, ...dress } = await dressed(home, now, given)
  const { disk, wire } = dress
  const tabs = browserTabs(disk.name, clock)
  const engine = await startEngine({ ...given, ...dress, tabs, person: now.person })
  lay?.(engine.replica)
  const photos = await photosOf(engine)
  if (granted !== undefined) {
    await engine.replica.regrant(granted)
    engine.wake()
  }
  const { replica } = engine
  reachBy(replica, { wire, photos, wake: () => engine.wake() })
  writeFor(replica, engine.outbox.author)
  show(replica)
  const windows = new BroadcastChannel(`windows/${disk.name}`)
  windows.onmessage = () => location.reload()
  current.value = { engine, me: now, windows }
  closed.value = null
  engine.loop.net.subscribe((net) => {
    if (net === 'signed_out') lost(engine).catch((fault) => given.report?.(String(fault)))
  })
  askToStay(replica)
  refresh()
}

/** What the engine gets, and what is laid over the cards before anybody sees them. */
interface Dress {
  disk: Disk
  vault: Vault
  wire: Wire
  table: Table
  lay?: (replica: Replica) => void
}

/** On a tablet every word is written with a sealed twin, and every request says that this copy is unlocked. */
async function dressed(home: Home, now: Me, { wire, clock }: SessionParts): Promise<Dress> {
  if (shared.peek()) return (await import('./on-tablet.ts')).dressed(home, now, { wire, clock })
  return { ...home, wire: wireOf(now.person, wire), table: TABLE }
}

/** Photos go up beside the changes that name them, by the tab that leads. */
async function photosOf(engine: Engine): Promise<Photos> {
  const photos = new Photos(engine)
  await photos.load()
  photos.onUp = (sha) => engine.tabs.tell({ sort: 'photo', sha })
  engine.on = { due: () => photos.send(), uploaded: (sha) => photos.done(sha) }
  return photos
}

/** Name, colour and language may have been changed on another device. */
async function refresh(): Promise<void> {
  const fresh = await call('GET', '/api/me', null, readMe)
  const here = current.peek()
  if (!fresh.ok || here === null || fresh.value.person !== here.me.person) return
  await keepMe(here.engine, fresh.value)
  current.value = { ...here, me: fresh.value }
}

// ---- words without a session; the code for that comes when it is needed

/** The server knows this session no more. What waits goes sealed; the copy goes only if this device was removed. */
async function lost(engine: Engine): Promise<void> {
  const here = current.peek()
  if (here?.engine !== engine) return
  if (shared.peek()) return (await import('./on-tablet.ts')).lost(here)
  const wire = parts.peek()?.wire
  if (wire === undefined) return
  const { depart } = await import('./departing.ts')
  const leaver = { home: await homeAgain(here), me: here.me, wire }
  const waiting = await depart(leaver, () => forget(here))
  if (waiting === null) leaver.home.disk.close()
  else left.value = waiting
}

/** This device forgets who is here; what lies on its disk stays. */
export async function forget(here: Person | null): Promise<void> {
  await useDisk(null)
  here?.windows.postMessage('left')
  here?.windows.close()
  here?.engine.stop()
  show(null)
  current.value = null
}

/** The app lock is on: nothing of anybody is shown until it is opened. */
export function shut(disk: Disk): void {
  show(null)
  current.value = null
  closed.value = disk
}
