/** A strong lock that a tablet gets later, or loses, holds for a copy from its next right PIN with a network on (D-51). */

import type { Disk } from '../disk.ts'
import { type ByPin, unwrap, wrap } from '../vault/lock.ts'
import { LOCK, type LockRow } from '../vault/lock-row.ts'
import type { Tablet } from './tablet.ts'

/** What a copy's lock has become. */
export type Relocked = 'strong' | 'plain'

/** A copy that its PIN has just opened: its number on the wire, and its data key, which may be wrapped anew. */
export interface Opening {
  row: LockRow
  device: string
  dataKey: CryptoKey
}

type Bytes = Uint8Array<ArrayBuffer>

/** What the lock of a copy is to become on this tablet; null where it is as the tablet has it. */
export function dueOn(on: Tablet | null, row: LockRow): Relocked | null {
  if (on === null || on.strong === (row.strong !== undefined)) return null
  return on.strong ? 'strong' : 'plain'
}

/**
 * The same data key under the PIN with this `share` of the server's, or without one where the lock is plain again: one
 * write, so that a crash leaves either lock whole. Answers the key for use alone. Rejects when the disk can't take it.
 */
export async function relock(
  disk: Disk,
  { row, device, dataKey }: Opening,
  { pin, deviceKey, rounds }: ByPin,
  { share, random }: { share: Bytes | null; random: (size: number) => Bytes },
): Promise<CryptoKey> {
  const by = { pin, deviceKey, rounds, ...(share && { share }) }
  const wrapped = await wrap(dataKey, by, disk.name, random)
  const opened = await unwrap(wrapped, by, disk.name)
  if (opened === null) throw new Error('a key that was just wrapped does not open')
  const { strong: _, ...rest } = row
  const value = { ...rest, pin: wrapped, ...(share && { strong: { device } }) }
  await disk.write([{ store: 'meta', key: LOCK, value }])
  return opened
}
