/** Half-written words: sealed, one per form, kept until the form is saved or dropped (D-13). */

import { decode, encode } from './codec.ts'
import type { Disk } from './disk.ts'
import type { Vault } from './vault.ts'

let writing: Promise<unknown> = Promise.resolve()

/** Resolves when no draft is on its way to the disk. */
export const written = () => writing

/** Keep what a form holds: texts, numbers, bytes, lists and records of these. */
export function writeDraft(disk: Disk, vault: Vault, key: string, draft: object): Promise<void> {
  const done = vault
    .seal('drafts', key, encode(draft))
    .then((value) => disk.write([{ store: 'drafts', key, value }]))
    .then(() => {})
  writing = Promise.all([writing, done]).catch(() => {})
  return done
}

/** What was kept, unchecked: an older version of the app may have written it. Null when there is nothing to read. */
export async function readDraft(disk: Disk, vault: Vault, key: string): Promise<unknown> {
  const box = await disk.get('drafts', key)
  if (box === undefined) return null
  return await vault.open('drafts', key, box).then(decode, () => null)
}

export async function removeDraft(disk: Disk, key: string): Promise<void> {
  await disk.write([{ store: 'drafts', key }])
}
