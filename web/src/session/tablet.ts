/** What this browser knows of being a tablet that a team shares: kept apart from any person, never with words. */

import { hex } from '../codec.ts'
import { onDevice } from './homes.ts'

const TABLET = 'tablet'
const TEAMS = 64

export interface Tablet {
  /** The tablet's own number as 32 small hexadecimal digits. */
  readonly device: string
  readonly name: string
  readonly teams: readonly string[]
  /** After how many seconds without a touch it locks itself. */
  readonly lockS: number
}

/** The tablet that this browser is; null on somebody's own device. */
export async function tabletHere(): Promise<Tablet | null> {
  return readTablet(await onDevice((device) => device.get('meta', TABLET)))
}

/** From now on this browser is that tablet, or with null nobody's tablet any more. */
export async function keepTablet(tablet: Tablet | null): Promise<void> {
  const value = tablet === null ? {} : { value: tablet }
  await onDevice((device) => device.write([{ store: 'meta', key: TABLET, ...value }]))
}

/** A tablet as it was kept, or as the server tells of it; null for anything else. */
export function readTablet(kept: unknown): Tablet | null {
  const { device, name, teams, lockS }: { [key in keyof Tablet]?: unknown } = Object(kept)
  const number = device instanceof Uint8Array ? hex(device) : device
  if (typeof number !== 'string' || !/^[0-9a-f]{32}$/.test(number)) return null
  if (typeof name !== 'string' || typeof lockS !== 'number' || !(lockS >= 30 && lockS <= 300)) return null
  if (!Array.isArray(teams) || teams.length > TEAMS || !teams.every((team) => typeof team === 'string'))
    return null
  return { device: number, name, teams, lockS }
}
