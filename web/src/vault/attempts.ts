/** Tries of a PIN, counted on the disk before each: killing the browser gives none for free (D-54). */

import type { Disk } from '../disk.ts'
import type { Opener } from './lock.ts'
import { unwrap } from './lock.ts'
import type { LockRow } from './lock-row.ts'

/** After the fifth wrong PIN no other is taken until the person has signed in. */
export const MOST_TRIES = 5
const ATTEMPTS = 'attempts'
const SECOND_MS = 1_000
const WAITS_MS: Readonly<Record<number, number>> = { 3: 30 * SECOND_MS, 4: 120 * SECOND_MS }

/** The data key, or how many PINs have been wrong by now. */
export type Tried = { dataKey: CryptoKey } | { wrong: number }

/** How many PINs have been wrong since the last right one. */
export async function attemptsOf(disk: Disk): Promise<number> {
  const kept = await disk.get('meta', ATTEMPTS)
  return typeof kept === 'number' ? kept : 0
}

/** How long to wait after so many wrong ones; from the start again after a restart. */
export const waitMs = (wrong: number): number => WAITS_MS[wrong] ?? 0

/** Try a PIN. With `wrapped` the data key that comes out may be wrapped anew. */
export async function tryPin(disk: Disk, row: LockRow, by: Opener, wrapped = false): Promise<Tried> {
  const wrong = (await attemptsOf(disk)) + 1
  if (wrong > MOST_TRIES) return { wrong: MOST_TRIES }
  await disk.write([{ store: 'meta', key: ATTEMPTS, value: wrong }])
  const dataKey = await unwrap(row.pin, by, disk.name, wrapped)
  if (dataKey === null) return { wrong }
  await clearAttempts(disk)
  return { dataKey }
}

/** The person has shown otherwise who they are, or the PIN was right. */
export async function clearAttempts(disk: Disk): Promise<void> {
  await disk.write([{ store: 'meta', key: ATTEMPTS }])
}
