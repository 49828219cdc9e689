/** A person's copy on a shared tablet: what makes it differ from an own device while it is open, and how it ends. */

import { effect } from '@preact/signals-core'
import type { Clock } from '../clock.ts'
import { fromHex } from '../codec.ts'
import { written } from '../drafts.ts'
import type { Me } from '../link/me.ts'
import type { Wire } from '../link/wire.ts'
import type { Replica } from '../replica/copy.ts'
import { TABLE } from '../replica/view.ts'
import type { Home } from '../vault/author.ts'
import { authorKey } from '../vault/author.ts'
import {
  countWaiting,
  dropTile,
  noteOpened,
  noteTile,
  tidyCopies,
  tileName,
  tiles,
  UNLOCKED,
} from './copies.ts'
import { handInAll } from './handing.ts'
import type { Person } from './here.ts'
import { current, leaving, parts } from './here.ts'
import { Beside, legsHere, TeamKeys } from './legs.ts'
import { keepHeard, keepTablet, readTablet } from './tablet.ts'
import { twinned } from './twins.ts'
import { wireOfCopy } from './unlocking.ts'

const LONGEST_SAVE_MS = 10_000
const LONGEST_WORD_MS = 300
const JSON_TYPE = { 'Content-Type': 'application/json' }
const LOCKED = '/lukko'

/** The disk that writes twins, and the way that unlocks by itself. */
export async function dressed(home: Home, now: Me, { wire, clock }: { wire: Wire; clock: Clock }) {
  const author = await authorKey(home)
  const device = fromHex(now.device.id)
  const sender = { person: now.person, org: fromHex(now.org), device, author }
  const { legs, turn } = await legsHere()
  const keys = new TeamKeys(home, clock)
  await keys.load()
  const beside = new Beside()
  await beside.load(keys, legs)
  const serverKeys = () => current.peek()?.me.keys ?? now.keys
  const disk = await twinned(home, { sender, keys: serverKeys, legs: { keys, turn } })
  await noteOpened(now.person, clock.wall())
  handOthersIn(wire, clock)
  effect(() => {
    const me = current.value?.me
    if (!me) return
    const { name, colour, lang } = me
    noteTile(me.person, { name: tileName(name), colour, lang, device: me.device.id }).catch(() => {})
  })
  let isDelivered = legs.every(({ isSent }) => isSent)
  const copy = {
    person: now.person,
    device,
    author,
    // Others' legs first: what this person adds to them would come too early.
    before: async () => {
      if (!isDelivered) isDelivered = (await handInAll(wire, clock.wall())) !== null
    },
    opened: ({ leg_keys }: Readonly<Record<string, unknown>>) => keys.keep(leg_keys),
  }
  const lay = (replica: Replica) => beside.lay(replica)
  return { disk, vault: home.vault, wire: wireOfCopy(copy, wire), table: beside.table(TABLE), lay }
}

/**
 * While somebody is in, what others have left sealed goes too: when the network is back, when the window is, and each
 * minute. No browser but Chromium wakes the service worker for it (D-26).
 */
function handOthersIn(wire: Wire, clock: Clock): void {
  let cancel = () => {}
  let isOn = false
  const arm = () => {
    cancel()
    cancel = clock.after(AGAIN_MS, round)
  }
  const round = async () => {
    if (isOn || leaving.peek()) return
    isOn = true
    await handInAll(wire, clock.wall()).catch(() => null)
    isOn = false
    arm()
  }
  addEventListener('online', round)
  document.addEventListener('visibilitychange', round)
  arm()
}

/**
 * Lock: what is half-written goes to the drafts, a save under way to the disk, and then a whole new page takes the place
 * of this one, which drops all that was readable (D-56).
 */
export async function lock(): Promise<void> {
  const here = current.peek()
  if (here === null || leaving.peek()) return
  // No form is on the screen any more: each has handed its words over as a draft.
  leaving.value = true
  await soon(async () => {
    await wait(0)
    await written()
    await here.engine.outbox.commit([])
    // What a form does once it is saved, such as letting go of its draft.
    await wait(0)
  }, LONGEST_SAVE_MS)
  // A reply that comes now finds nobody to be written for, and nothing unlocks the copy again.
  current.value = null
  here.engine.loop.stop()
  await soon(tellLocked, LONGEST_WORD_MS)
  here.engine.stop()
  location.replace(LOCKED)
}

/** The pair that unlocked this copy dies on the server too. Whether it hears of it or not, the half is gone from here. */
const tellLocked = async () =>
  await parts.peek()?.wire.ask({ method: 'POST', path: '/api/lock', headers: JSON_TYPE, body: '{}' })

const wait = (ms: number) =>
  new Promise<void>((done) => {
    parts.peek()?.clock.after(ms, done)
  })

/** Do this, but wait no longer for it than so. */
const soon = (work: () => Promise<unknown>, ms: number) => Promise.race([work().catch(() => null), wait(ms)])

/** Whoever is here has taken leave of their copy. */
export async function endHere(): Promise<void> {
  const here = current.peek()
  if (here !== null) await lost(here)
}

/** The server lets this copy in no more: if it was removed, what is sealed is delivered and the rest goes (D-44). */
export async function lost({ engine, me }: Person): Promise<void> {
  const reply = await engine.wire.ask({ method: 'GET', path: '/api/me' }).catch(() => null)
  if (reply?.status !== 410 || reply.type !== 'application/json') return
  leaving.value = true
  try {
    await soon(async () => {
      await wait(0)
      await engine.outbox.commit([])
    }, LONGEST_SAVE_MS)
    engine.stop()
    await deliver()
    current.value = null
    await dropTile({ person: me.person, db: engine.disk.name })
  } finally {
    location.replace(LOCKED)
  }
}

/** Hand in all that lies sealed on this tablet, whoever wrote it; copies whose writers were removed go after that. */
export async function deliver(): Promise<void> {
  const given = parts.peek()
  const removed = given === null ? null : await handInAll(given.wire, given.clock.wall())
  for (const tile of await tiles()) if (removed?.includes(tile.db)) await dropTile(tile)
  await tidyCopies()
  await countWaiting()
}

const AGAIN_MS = 60_000
const FRESH_MS = 3_600_000

/**
 * What a tablet does while nobody is at it: it delivers what is sealed, hears of its own changes, and takes a new version
 * of the app. `gone` is told when the tablet was removed, `done` after each round. Answers what ends it.
 */
export function attend(clock: Clock, gone: () => void, done: () => void): () => void {
  let isOver = false
  let cancel = () => {}
  const round = async () => {
    cancel()
    if (isOver) return
    if (await hearOfTablet().catch(() => true)) await deliver().catch(() => {})
    else gone()
    done()
    cancel()
    if (!isOver) cancel = clock.after(AGAIN_MS, round)
  }
  const fresh = () => {
    if (isOver) return
    takeUpdate().catch(() => {})
    clock.after(FRESH_MS, fresh)
  }
  addEventListener('online', round)
  round()
  fresh()
  return () => {
    isOver = true
    cancel()
    removeEventListener('online', round)
  }
}

/** Look for a new version, and take it when no window of this tablet is unlocked (D-24). */
async function takeUpdate(): Promise<void> {
  const registration = await navigator.serviceWorker.ready
  await registration.update()
  const fresh = registration.installing ?? registration.waiting
  const take = async () => {
    const { held = [] } = await navigator.locks.query()
    if (fresh?.state === 'installed' && !held.some(({ name }) => name === UNLOCKED))
      fresh.postMessage('activate')
  }
  fresh?.addEventListener('statechange', take)
  await take()
}

/**
 * What the server says of this tablet, while nobody is at it: name, teams, seconds. When the tablet was removed, all that
 * can be read here goes once what is sealed was offered. Answers false then.
 */
export async function hearOfTablet(): Promise<boolean> {
  const given = parts.peek()
  const headers = { Accept: 'application/json' }
  const reply = await given?.wire.ask({ method: 'GET', path: '/api/me', headers }).catch(() => null)
  if (reply?.type !== 'application/json') return true
  const said: unknown = JSON.parse(new TextDecoder().decode(reply.body))
  if (reply.status === 200) {
    const { device, teams, lock_s, strong, gone }: { [field: string]: unknown } = Object(said)
    const { id, name }: { id?: unknown; name?: unknown } = Object(device)
    const now = readTablet({ device: id, name, teams, lockS: lock_s, strong })
    if (now !== null) await keepTablet(now)
    if (given) await keepHeard(given.clock.now())
    await dropGone(Array.isArray(gone) ? gone.map(String) : [])
  }
  const { error }: { error?: unknown } = Object(said)
  if (reply.status !== 410 || error !== 'gone') return true
  await deliver()
  for (const tile of await tiles()) if (tile.state === 'ready') await dropTile(tile)
  return false
}

/** Copies that the server has said are no more: what is sealed is offered, and what can be read goes (D-44). */
async function dropGone(gone: readonly string[]): Promise<void> {
  const over = (await tiles()).filter(({ state, device }) => state === 'ready' && gone.includes(device))
  if (over.length === 0) return
  await deliver()
  for (const tile of over) await dropTile(tile)
}
