/** How pending changes lie on the disk: those of one save in one sealed record. */

import type { Change } from '../codec.ts'
import type { Note, OutboxRow, Step } from '../disk.ts'
import type { Attention, Pending } from '../replica/copy.ts'

/** One pending change, where it lies on the disk, and what is known of it. */
export interface Entry extends Pending {
  readonly change: Change
  readonly bytes: Uint8Array
  readonly record: OutboxRecord
  readonly index: number
  order: number
  status: Pending['status']
  seq: number
  note: Note | null
}

export interface OutboxRecord {
  readonly key: number
  readonly size: number
  row: OutboxRow
  entries: readonly Entry[]
}

/** The step that takes entries out of their record on the disk: the record goes with the last of them. */
export function letGo(record: OutboxRecord, gone: readonly Entry[]): Step {
  const left = [...record.row.left, ...gone.map(({ index }) => index)]
  if (left.length >= record.size) return { store: 'outbox', key: record.key }
  const notes = record.row.notes.filter((note) => !left.includes(note.index))
  record.row = { ...record.row, left, notes }
  return { store: 'outbox', key: record.key, value: record.row }
}

export function byRecord(entries: readonly Entry[]): Map<OutboxRecord, Entry[]> {
  const groups = new Map<OutboxRecord, Entry[]>()
  for (const entry of entries) {
    const group = groups.get(entry.record)
    if (group === undefined) groups.set(entry.record, [entry])
    else group.push(entry)
  }
  return groups
}

/** A change as its author is asked about it. */
export const attentionOf = (change: Change, note: Note): Attention => ({
  ...note,
  ...change,
  key: change.id,
})
