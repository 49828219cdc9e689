/** How a browser becomes a tablet that a team shares (docs/devices.md D-40). */

import { diskNames } from '../disk/names.ts'
import { keepBoxes } from '../drop/boxes.ts'
import { isRecord } from '../link/me.ts'
import type { Result } from '../link.ts'
import { callAnew } from '../link.ts'
import { deviceKey } from '../vault/lock.ts'
import { dropTile, tiles } from './copies.ts'
import { onDevice, PERSONS } from './homes.ts'
import type { Tablet } from './tablet.ts'
import { keepTablet, readTablet, tabletHere } from './tablet.ts'

/** What whoever enrols a tablet looks at first (D-52), as the server calls it. */
export const CHECKS = ['managed', 'encrypted', 'no_debugging', 'kiosk', 'no_learning', 'updates'] as const
export type Check = (typeof CHECKS)[number]

/**
 * Whether anybody has a copy of their own in this browser. Then it becomes no tablet: on one the server knows no session
 * but that of an unlocked copy, and what waits here would stay here.
 */
export async function isSomebodyHere(): Promise<boolean> {
  return (await diskNames()).some((name) => name.startsWith(PERSONS))
}

/** From now on this browser is the tablet that the code was made for. */
export async function enrolHere(code: string, checked: readonly Check[]): Promise<Result<Tablet>> {
  await onDevice(deviceKey)
  navigator.storage?.persist?.().catch(() => false)
  const made = await callAnew('POST', '/api/devices', { code, checked }, asItself)
  // Where only the reply was lost, the code is used and the cookie is here: the server says what tablet this is.
  const got = made.ok ? made : await callAnew('GET', '/api/me', null, asItself)
  if (!got.ok) return made.ok ? got : made
  // Copies stood on the tablet that this browser was before: each needs a phone again, and what is sealed still leaves.
  const before = await tabletHere()
  if (before !== null && before.device !== got.value.tablet.device)
    for (const tile of await tiles()) if (tile.state === 'ready') await dropTile(tile)
  await keepTablet(got.value.tablet)
  // The drop box opens from now on, with or without a network.
  await keepBoxes(got.value.said)
  return { ok: true, value: got.value.tablet }
}

const asItself = (said: unknown) => ({ tablet: asTablet(said), said })

/** Throws on what isn't a tablet's own word of itself, such as a person's. */
function asTablet(value: unknown): Tablet {
  if (!isRecord(value) || !isRecord(value.device)) throw new TypeError('not a tablet')
  const { id, kind, name } = value.device
  const found = readTablet({
    device: id,
    name,
    teams: value.teams,
    lockS: value.lock_s,
    strong: value.strong,
  })
  if (kind !== 'shared' || found === null) throw new TypeError('not a tablet')
  return found
}
