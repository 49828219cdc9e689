/** Who is signed in on this device, what they were granted, and how the network does: as signals. */

import { computed } from '@preact/signals-core'
import type { Grant } from './codec.ts'
import { hex } from './codec.ts'
import { openDisk } from './disk.ts'
import type { Engine } from './engine.ts'
import type { Card, KindName, Who } from './gen/cards.ts'
import { KINDS } from './gen/cards.ts'
import type { Me } from './link/me.ts'
import type { Net } from './link/wire.ts'
import { fieldOf } from './replica/view.ts'
import { card as cardOf, shownReplica } from './replica.ts'
import { enterKept } from './session/entering.ts'
import type { SessionParts } from './session/here.ts'
import { closed, current, leaving, left, parts, shared } from './session/here.ts'
import { hasParted, lockOf, startOf, takeMail } from './session/homes.ts'
import { measure } from './session/room.ts'
import { openVault } from './vault.ts'

export type { Grant, Me, Net }

export const me = computed(() => current.value?.me ?? null)
/** The database that waits behind a lock: the app lock, or that of a copy on a tablet. */
export const behindLock = computed(() => closed.value)
/** Whether this browser is a tablet that a team shares. */
export const onTablet = computed(() => shared.value)
/** A shared tablet is being locked: every form gives its words to the drafts. */
export const isLeaving = computed(() => leaving.value)
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
  const { name, isTablet } = await startOf()
  shared.value = isTablet
  if (name !== null && !isTablet) {
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

/** The lock has been opened with this data key; false when it doesn't open what lies here. */
export async function unlock(dataKey: CryptoKey): Promise<boolean> {
  const given = parts.peek()
  const disk = closed.peek()
  if (given === null || disk === null) return false
  const home = { disk, vault: await openVault(disk, given.clock.random, dataKey) }
  await takeMail(home, given.clock.random)
  return await enterKept(home)
}

async function resumeParted(): Promise<void> {
  const wire = parts.peek()?.wire
  if (wire === undefined) return
  left.value = await (await import('./session/departing.ts')).resume(wire).catch(() => left.peek())
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
  const person = me.value?.person
  switch (who) {
    case 'author':
      return person !== undefined && (card.by === person || card.raw.sender === person)
    case 'member':
      return MEMBERS.has(role)
    case 'supervisor':
    case 'agent':
      return role === who
    case 'dev_lead':
    case 'owner':
    case 'poster':
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
