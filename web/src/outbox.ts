/** Writing: what a person does goes through here into the outbox of the replica that is shown. */

import type { Change, Fields } from './codec.ts'
import type { Author, Draft, Photo } from './outbox/draft.ts'
import type { Attention, Replica } from './replica/copy.ts'
import { shownReplica } from './replica.ts'

export type { Author, Draft, Photo }

const authors = new WeakMap<Replica, Author>()

/** Whoever this replica belongs to may write from now on. */
export function writeFor(replica: Replica, by: Author): void {
  authors.set(replica, by)
}

/** Whose words are written now. A form takes this when it opens and gives it back when it saves. */
export function author(): Author {
  const replica = shownReplica()
  const by = replica === null ? undefined : authors.get(replica)
  if (by === undefined) throw new Error('nobody is signed in')
  return by
}

/** Store changes and show them; resolves when they survive a crash ("Tallessa"). */
export function commit(
  by: Author,
  drafts: readonly Draft[],
  photos: readonly Photo[] = [],
): Promise<Change[]> {
  return by.outbox.commit(drafts, photos)
}

/** Let a refused or held change go for good. */
export const discard = (key: string, by: Author = author()): Promise<void> => by.outbox.discard(key)

/** Try a refused change again with other values in some of its fields. */
export function redo(
  { key, space, card, kind, set }: Attention,
  other: Fields,
  by: Author = author(),
): Promise<Change[]> {
  const now = Object.entries(other).map(([field, value]) => [field, [set[field]?.[0] ?? null, value]])
  return by.outbox.commit([{ space, card, kind, set: { ...set, ...Object.fromEntries(now) } }], [], key)
}
