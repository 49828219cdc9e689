/** Storing a save: sealed first, then written in one strict transaction. */

import type { Disk, Key, Note, OutboxRow, Step } from '../disk.ts'
import type { Vault } from '../vault.ts'

/** What another tab needs to know of a save. */
export interface Saved {
  key: number
  row: OutboxRow
  bytes: Uint8Array
}

/** What an outbox tells. */
export interface OutboxEvents {
  /** There is something to send. */
  due(): void
  saved(saved: Saved): void
  /** Entries are gone or wait for their author: other tabs should know. */
  settled(ids: readonly string[], notes: readonly (readonly [id: string, note: Note])[]): void
}

/** Seal and store what the row names, with other steps; resolves when all is on the disk, rejects when nothing is. */
export async function keep(
  disk: Disk,
  vault: Vault,
  { bytes, ...row }: Omit<OutboxRow, 'box'> & { bytes: Uint8Array<ArrayBuffer> },
  steps: readonly Step[],
): Promise<Saved> {
  const value = { ...row, box: await vault.seal('outbox', row.id, bytes) }
  const keys = await write(disk, [...steps, { store: 'outbox', value }])
  return { key: Number(keys[steps.length]), row: value, bytes }
}

/** On a full disk photos that can be fetched again make room, once; never anything that waits. */
async function write(disk: Disk, steps: readonly Step[]): Promise<Key[]> {
  try {
    return await disk.write(steps)
  } catch (fault) {
    const kept = (await disk.keys('files')).filter((key) => !String(key).startsWith('up/'))
    if (!(fault instanceof Error) || fault.name !== 'QuotaExceededError' || kept.length === 0) throw fault
    await disk.write(kept.map((key): Step => ({ store: 'files', key })))
    return await disk.write(steps)
  }
}
