/** Who is signed in on this device, what they were granted, and how the network does: as signals. */

import { computed, signal } from '@preact/signals-core'
import type { Clock } from './clock.ts'
import type { Grant, Grants } from './codec.ts'
import { hex } from './codec.ts'
import type { Disk } from './disk.ts'
import { deleteDisk, openDisk } from './disk.ts'
import type { Engine } from './engine.ts'
import { startEngine } from './engine.ts'
import type { Card, KindName, Who } from './gen/cards.ts'
import { KINDS } from './gen/cards.ts'
import type { Me } from './link/me.ts'
import { readMe } from './link/me.ts'
import { Photos } from './link/photos.ts'
import { browserTabs } from './link/tabs.ts'
import type { Net, Wire } from './link/wire.ts'
import { wireOf } from './link/wire.ts'
import type { Result } from './link.ts'
import { call, callAnew, reachBy } from './link.ts'
import { writeFor } from './outbox.ts'
import { fieldOf, TABLE } from './replica/view.ts'
import { card as cardOf, show, shownReplica } from './replica.ts'
import {
  currentName,
  hasParted,
  homeOf,
  keepMe,
  keptMe,
  lastHome,
  lockOf,
  newHome,
  takeMail,
  useDisk,
} from './session/homes.ts'
import { askToStay, measure } from './session/room.ts'
import type { Home } from './vault/author.ts'
import { passAuthorKey, signPublic } from './vault/author.ts'
import { openVault } from './vault.ts'

export type { Grant, Me, Net }

/** What main.tsx hands over. */
export interface SessionParts {
  clock: Clock
  wire: Wire
  report?: (what: string) => void
}

interface Person {
  engine: Engine
  me: Me
  /** To the other windows on the same database: its key has changed, so they start anew. */
  windows: BroadcastChannel
}

const parts = signal<SessionParts | null>(null)
const current = signal<Person | null>(null)
const closed = signal<Disk | null>(null)
const left = signal<number | null>(null)

export const me = computed(() => current.value?.me ?? null)
/** The database that waits behind the app lock. */
export const behindLock = computed(() => closed.value)
/** Somebody was removed from this device; how many sealed words of theirs still wait here. */
export const parted = computed(() => left.value)
export const signedIn = computed(() => current.value !== null)
export const grants = computed<readonly Grant[]>(
  () => current.value?.engine.replica.grants.value.spaces ?? [],
)
export const net = computed<Net>(() => current.value?.engine.loop.net.value ?? 'connecting')
/** When the server was last heard, by its clock. */
export const lastSync = computed(() => current.value?.engine.loop.lastSync.value ?? null)
/** How many changes are on their way right now. */
export const sending = computed(() => current.value?.engine.loop.sending.value ?? 0)
/** The server wants a newer version of the app. */
export const outdated = computed(() => current.value?.engine.loop.outdated.value ?? false)

/** The engine that is shown: for drafts and tests, not for screens. */
export const engineNow = (): Engine | null => current.peek()?.engine ?? null

/** Open what lies on this device, if somebody is signed in here, and listen for the network's return. */
export async function openSession(given: SessionParts): Promise<void> {
  parts.value = given
  const name = await currentName()
  if (name !== null) {
    const disk = await openDisk(name)
    if ((await lockOf(disk)) !== null) closed.value = disk
    else await enterKept({ disk, vault: await openVault(disk, given.clock.random) })
  }
  if (await hasParted()) resumeParted()
  addEventListener('online', () => {
    current.peek()?.engine.wake()
    if (left.peek() !== null) resumeParted()
  })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') current.peek()?.engine.wake()
    measure()
  })
  measure()
}

/** The app lock has been opened with this data key; false when it doesn't open what lies here. */
export async function unlock(dataKey: CryptoKey): Promise<boolean> {
  const given = parts.peek()
  const disk = closed.peek()
  if (given === null || disk === null) return false
  const home = { disk, vault: await openVault(disk, given.clock.random, dataKey) }
  await takeMail(home, given.clock.random)
  return await enterKept(home)
}

/**
 * Stop what runs on this database, let `work` change how it is sealed, and go on with the data key that it answers.
 * Other windows of this person start anew. When it fails, everything goes on as before, and so does the failure.
 */
export async function reopen(work: (home: Home) => Promise<CryptoKey>): Promise<void> {
  const given = parts.peek()
  const here = current.peek()
  if (given === null || here === null) return
  here.engine.stop()
  const { name } = here.engine.disk
  let vault = here.engine.vault
  try {
    const disk = await openDisk(name)
    const key = await work({ disk, vault })
    disk.close()
    vault = await openVault(disk, given.clock.random, key)
    here.windows.postMessage('resealed')
  } finally {
    here.windows.close()
    await enter({ disk: await openDisk(name), vault }, here.me)
  }
}

async function enterKept(home: Home): Promise<boolean> {
  const kept = await keptMe(home)
  if (kept === null) home.disk.close()
  else await enter(home, kept)
  return kept !== null
}

export interface Joining {
  code: string
  name: string
  lang: string
  device_name: string
}

/** Use an invitation up; whoever is signed in already gets the grant. */
export const join = (joining: Joining): Promise<Result<Me>> => comeIn('/api/join', joining)

/**
 * Join, or sign in again: each path answers with who it is. Whoever has been here before goes on with the words that lie
 * here, somebody new gets a database of their own. The author key is made here and registered with it; that of whoever
 * was here last is used again, by which the server knows the device (D-19).
 */
export async function comeIn(path: string, form: object): Promise<Result<Me>> {
  const given = parts.peek()
  if (given === null) throw new Error('the session is not open yet')
  const here = current.peek()
  const known = here === null ? await lastHome(given.clock) : await homeAgain(here)
  const home = known ?? (await newHome(given.clock))
  const got = await callAnew('POST', path, { ...form, sign_pub: await signPublic(home) }, readMe)
  const isAnother = got.ok && here?.me.person !== got.value.person
  if (got.ok && isAnother) await moveIn(home, got.value, given.clock)
  else if (got.ok) await renew(got.value)
  // What waits of whoever was here goes sealed, or stays until they come back (D-17).
  if (here !== null && isAnother) handIn(home, here.me).finally(() => home.disk.close())
  else if (here !== null) home.disk.close()
  if (known === null && home.disk.name !== (await currentName())) await deleteDisk(home.disk)
  return got
}

/** The person's own facts have changed (name, colour, language). */
export async function renew(now: Me): Promise<void> {
  const here = current.peek()
  if (here === null || here.me.person !== now.person) return
  await keepMe(here.engine, now)
  current.value = { ...here, me: now }
  // Version 0: the next Sync brings the grants with their version.
  await here.engine.replica.regrant({ version: 0, spaces: now.grants })
  here.engine.wake()
}

/** The way out has been taken on the server: this device forgets who is here, but what waits stays on its disk. */
export async function leave(): Promise<void> {
  const here = current.peek()
  if (here !== null && here.engine.replica.waiting.peek() > 0) await handIn(here.engine, here.me)
  await forget(here)
}

async function forget(here: Person | null): Promise<void> {
  await useDisk(null)
  here?.windows.postMessage('left')
  stop(here)
  show(null)
  current.value = null
}

// ---- words without a session; the code for that comes when it is needed

const departing = () => import('./session/departing.ts')

/** What waits goes sealed: this session has ended, and with it the usual way. */
async function handIn(home: Home, me: Me): Promise<void> {
  const wire = parts.peek()?.wire
  if (wire !== undefined) await (await departing()).handIn({ home, me, wire }).catch(() => null)
}

/** The server knows this session no more. What waits goes sealed; the copy goes only if this device was removed. */
async function lost(engine: Engine): Promise<void> {
  const wire = parts.peek()?.wire
  const here = current.peek()
  if (wire === undefined || here?.engine !== engine) return
  const { depart } = await departing()
  const leaver = { home: await homeAgain(here), me: here.me, wire }
  const waiting = await depart(leaver, () => forget(here))
  if (waiting === null) leaver.home.disk.close()
  else left.value = waiting
}

/** My account goes, and so does this device's copy at once. */
export async function dropCopy(): Promise<void> {
  const here = current.peek()
  const wire = parts.peek()?.wire
  if (here === null || wire === undefined) return
  const home = await homeAgain(here)
  const waiting = await (await departing()).leaveCopy({ home, me: here.me, wire }, () => forget(here))
  if (waiting === null) home.disk.close()
}

/** A connection of its own, which goes on when the engine ends its. */
const homeAgain = async ({ engine }: Person): Promise<Home> => ({
  disk: await openDisk(engine.disk.name),
  vault: engine.vault,
})

async function resumeParted(): Promise<void> {
  const wire = parts.peek()?.wire
  if (wire === undefined) return
  left.value = await (await departing()).resume(wire).catch(() => left.peek())
}

/** Somebody has come in with a key that was made in `made`: to their own database, with the key that was registered. */
async function moveIn(made: Home, next: Me, clock: Clock): Promise<void> {
  const here = current.peek()
  const old = await homeOf(next.person, clock)
  const home = old ?? ((await keptMe(made)) === null ? made : await newHome(clock))
  if (home.disk.name !== made.disk.name) await passAuthorKey(made, home)
  here?.engine.stop()
  await keepMe(home, next)
  await useDisk(home.disk.name)
  here?.windows.postMessage('left')
  here?.windows.close()
  // Under an app lock, what was just written waits like mail until it is opened.
  if ((await lockOf(home.disk)) === null) await enter(home, next, { version: 0, spaces: next.grants })
  else shut(home.disk)
}

function stop(here: Person | null): void {
  here?.windows.close()
  here?.engine.stop()
}

/** The PIN is forgotten: what lies behind the lock goes, and whoever signs in next begins anew. */
export async function abandon(): Promise<void> {
  const disk = closed.peek()
  if (disk === null) return
  await call('POST', '/api/logout', {}, () => null)
  await useDisk(null)
  await deleteDisk(disk)
  closed.value = null
}

/** The app lock is on: nothing of anybody is shown until it is opened. */
function shut(disk: Disk): void {
  show(null)
  current.value = null
  closed.value = disk
}

async function enter({ disk, vault }: Home, now: Me, granted?: Grants): Promise<void> {
  const given = parts.peek()
  if (given === null) return
  const { clock } = given
  const wire = wireOf(now.person, given.wire)
  const tabs = browserTabs(disk.name, clock)
  const engine = await startEngine({ ...given, wire, disk, vault, tabs, table: TABLE, person: now.person })
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

// ---- what a person may do; the server decides, this only saves them from asking in vain

const MEMBERS = new Set(['staff', 'supervisor', 'agent'])
const SILENT = new Set(['employee_rep', 'admin'])

/** Whether I may write a field of a card; `gone` stands for hiding, restoring and withdrawing. */
export function may(card: Card, field: string): boolean {
  const kinds: Readonly<Record<string, { hidden_by: readonly Who[] }>> = KINDS
  const by = field === 'gone' ? (kinds[card.kind]?.hidden_by ?? []) : (fieldOf(card.kind, field)?.by ?? [])
  return by.some((who) => isWho(who, card, field))
}

/** Whether I may make a card of this kind in a space. */
export function mayMake(kind: KindName, space: number): boolean {
  const role = roleIn(space)
  return KINDS[kind].made_by.some((who) =>
    who === 'commenter' ? speaks(role) : who === 'member' && MEMBERS.has(role),
  )
}

/** The teams that I belong to. */
export const myTeams = (): readonly Grant[] => grants.value.filter(({ kind }) => kind === 'team')

function isWho(who: Who, card: Card, field: string): boolean {
  const team = teamOf(card)
  const role = roleIn(team)
  switch (who) {
    case 'author':
      return card.by !== null && card.by === me.value?.person
    case 'member':
      return MEMBERS.has(role)
    case 'supervisor':
    case 'agent':
      return role === who
    case 'dev_lead':
      return roleIn(card.space) === who
    case 'commenter':
      return speaks(roleIn(card.space))
    case 'shared':
      return MEMBERS.has(role) && card.raw.shared_edit === true
    case 'standing':
      return MEMBERS.has(role) && standing(team)
    case 'own':
      return speaks(roleIn(card.space)) && [undefined, String(me.value?.person)].includes(field.split('/')[1])
  }
}

const speaks = (role: string) => role !== '' && !SILENT.has(role)

const roleIn = (space: number): string => grants.value.find((grant) => grant.space === space)?.role ?? ''

/** The team whose roles count for a card: its own, or that of the card it is about. */
function teamOf({ raw, space }: Card): number {
  if (typeof raw.team === 'number') return raw.team
  if (!(raw.on instanceof Uint8Array)) return space
  const team = cardOf(hex(raw.on)).value?.raw.team
  return typeof team === 'number' ? team : space
}

/** Whether a team may start quick deeds by itself, by its `team` card. */
function standing(team: number): boolean {
  const id = `7465616d00000000${team.toString(16).padStart(16, '0')}`
  return shownReplica()?.card(id).value?.raw.standing_permission === true
}
