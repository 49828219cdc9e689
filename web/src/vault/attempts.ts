/** Tries of a PIN, counted on the disk before each: killing the browser gives none for free (D-54). */

import { alone } from '../disk/alone.ts'
import type { Disk } from '../disk.ts'
import type { Opener } from './lock.ts'
import { unwrap } from './lock.ts'
import type { LockRow } from './lock-row.ts'

/** After the fifth wrong PIN no other is taken until the person has signed in. */
export const MOST_TRIES = 5
const ATTEMPTS = 'attempts'
const ATTEMPTED_AT = 'attempted-at'
const SECOND_MS = 1_000
const WAITS_MS: Readonly<Record<number, number>> = { 3: 30 * SECOND_MS, 4: 120 * SECOND_MS }

/**
 * The data key, or how many PINs have been wrong by now; `off`: none was tried, for that takes what only the server has
 * (D-51), and it can't be reached, or has it no more.
 */
export type Tried = { dataKey: CryptoKey } | { wrong: number; off?: 'offline' | 'lost' }

/** How many PINs have been wrong since the last right one. */
export async function attemptsOf(disk: Disk): Promise<number> {
  const kept = await disk.get('meta', ATTEMPTS)
  return typeof kept === 'number' ? kept : 0
}

/** How long to wait after so many wrong ones; a screen waits from the start again after a restart. */
export const waitMs = (wrong: number): number => WAITS_MS[wrong] ?? 0

export interface Trying {
  /** The time on the wall, in ms. */
  at: number
  /** The data key that comes out may be wrapped anew. */
  wrapped?: boolean
}

/**
 * Try a PIN. One window at a time, and none before the wait is over: else each window would give tries of its own. A try
 * that comes too early is not made and doesn't count.
 */
export const tryPin = (disk: Disk, row: LockRow, by: Opener, trying: Trying): Promise<Tried> =>
  alone(`pin/${disk.name}`, () => tryAlone(disk, row, by, trying))

async function tryAlone(disk: Disk, row: LockRow, by: Opener, { at, wrapped }: Trying): Promise<Tried> {
  const before = await attemptsOf(disk)
  if (before >= MOST_TRIES) return { wrong: MOST_TRIES }
  if (await isEarly(disk, before, at)) return { wrong: before }
  const wrong = before + 1
  await disk.write([
    { store: 'meta', key: ATTEMPTS, value: wrong },
    { store: 'meta', key: ATTEMPTED_AT, value: at },
  ])
  const dataKey = await unwrap(row.pin, by, disk.name, wrapped)
  if (dataKey === null) return { wrong }
  await clearAttempts(disk)
  return { dataKey }
}

/** A clock that was set back makes the wait begin anew, and not last until it has caught up. */
async function isEarly(disk: Disk, wrong: number, at: number): Promise<boolean> {
  const last = await disk.get('meta', ATTEMPTED_AT)
  if (waitMs(wrong) === 0 || typeof last !== 'number') return false
  if (at < last) await disk.write([{ store: 'meta', key: ATTEMPTED_AT, value: at }])
  return at - last < waitMs(wrong)
}

/** The person has shown otherwise who they are, or the PIN was right. */
export async function clearAttempts(disk: Disk): Promise<void> {
  await disk.write([
    { store: 'meta', key: ATTEMPTS },
    { store: 'meta', key: ATTEMPTED_AT },
  ])
}
