/** What this browser knows of being a tablet that a team shares: kept apart from any person, never with words. */

import { signal } from '@preact/signals-core'
import { hex } from '../codec.ts'
import { onDevice, TABLET } from './homes.ts'

const TEAMS = 64
const HEARD = 'heard'

export interface Tablet {
  /** The tablet's own number as 32 small hexadecimal digits. */
  readonly device: string
  readonly name: string
  readonly teams: readonly string[]
  /** After how many seconds without a touch it locks itself. */
  readonly lockS: number
  /** A strong lock: opening a copy takes a network (D-51). */
  readonly strong: boolean
}

/** The tablet that this browser is, once `tabletHere` has read it or the server has told of it. */
export const tablet = signal<Tablet | null>(null)

/** The tablet that this browser is; null on somebody's own device. */
export async function tabletHere(): Promise<Tablet | null> {
  const [kept, heard] = await onDevice((device) =>
    Promise.all([device.get('meta', TABLET), device.get('meta', HEARD)]),
  )
  tablet.value = readTablet(kept)
  if (typeof heard === 'number') heardAt.value = heard
  return tablet.value
}

/** From now on this browser is that tablet, or with null nobody's tablet any more. */
export async function keepTablet(now: Tablet | null): Promise<void> {
  const value = now === null ? {} : { value: now }
  tablet.value = now
  await onDevice((device) => device.write([{ store: 'meta', key: TABLET, ...value }]))
}

/** When the server last said something to this tablet, in ms; null before `tabletHere` has read it, or if never. */
export const heardAt = signal<number | null>(null)

/** The server has been heard. */
export async function keepHeard(at: number): Promise<void> {
  heardAt.value = at
  await onDevice((device) => device.write([{ store: 'meta', key: HEARD, value: at }]))
}

/** A tablet as it was kept, or as the server tells of it; null for anything else. */
export function readTablet(kept: unknown): Tablet | null {
  const { device, name, teams, lockS, strong }: { [key in keyof Tablet]?: unknown } = Object(kept)
  const number = device instanceof Uint8Array ? hex(device) : device
  if (typeof number !== 'string' || !/^[0-9a-f]{32}$/.test(number)) return null
  if (typeof name !== 'string' || typeof lockS !== 'number' || !(lockS >= 30 && lockS <= 300)) return null
  if (!Array.isArray(teams) || teams.length > TEAMS || !teams.every((team) => typeof team === 'string'))
    return null
  return { device: number, name, teams, lockS, strong: strong === true }
}
