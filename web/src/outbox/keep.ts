/** Storing a save: sealed first, then written in one strict transaction. */

import type { Disk, Key, OutboxRow, Step } from '../disk.ts'
import type { Vault } from '../vault.ts'
import type { Encoded, Part } from './record.ts'
import { split } from './record.ts'

/** What another tab needs to know of a save. */
export interface Saved {
  key: number
  row: OutboxRow
  bytes: Uint8Array
}

interface Save {
  changes: readonly Encoded[]
  epoch: string
  /** What else belongs into the transaction. */
  steps: readonly Step[]
}

/** Seal and store changes; resolves when they are on the disk, rejects when nothing is. */
export async function keep(disk: Disk, vault: Vault, save: Save): Promise<{ saved: Saved; part: Part }[]> {
  const { epoch, steps } = save
  const parts = split(save.changes)
  const rows = await Promise.all(
    parts.map(async ({ id, bytes }): Promise<OutboxRow> => {
      const box = await vault.seal('outbox', id, bytes)
      return { id, epoch, box, again: false, left: [], notes: [] }
    }),
  )
  const keys = await write(disk, [...steps, ...rows.map((value): Step => ({ store: 'outbox', value }))])
  return parts.flatMap((part, i) => {
    const row = rows[i]
    return row === undefined
      ? []
      : [{ saved: { key: Number(keys[steps.length + i]), row, bytes: part.bytes }, part }]
  })
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
