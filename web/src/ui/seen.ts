/** What this person has opened on this device, so that "uutta" means new. Kept encrypted with the drafts. */
export type Seen = Readonly<Record<string, string>>

const KEPT = 500

/** New = never opened, or its words have changed since. The mark is the length and first words, not the text. */
export const isNew = (seen: Seen, id: string, words: string) => seen[id] !== markOf(words)

/** The same with one more thing seen; the oldest fall out. */
export function sawNow(seen: Seen, id: string, words: string): Seen {
  const { [id]: _, ...rest } = seen
  return Object.fromEntries([...Object.entries(rest).slice(1 - KEPT), [id, markOf(words)]])
}

/** When the server was last heard, as it was kept for an offline start. */
export const asHeard = (kept: unknown): number | null => {
  const at: unknown = typeof kept === 'object' && kept !== null ? Reflect.get(kept, 'at') : null
  return typeof at === 'number' ? at : null
}

const markOf = (words: string) => `${words.length}:${words.slice(0, 12)}`

/** What was kept, checked: only marks are taken up. */
export const asSeen = (kept: unknown): Seen =>
  typeof kept === 'object' && kept !== null
    ? Object.fromEntries(
        Object.entries(kept).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
      )
    : {}
