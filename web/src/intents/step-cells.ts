/** The steps of a task as cells: a step that stays keeps its key, and with it everybody's ticks. */

type Cells = Readonly<Record<string, string>>

const KEYS = Array.from({ length: 99 }, (_, i) => i + 1)
const APART = 9 // leaves room for others between
const DIGITS = 2

/**
 * Which cells change when the steps become these lines. A reworded step keeps its key; a new one gets a key between
 * its neighbours' that nobody has ticked under (`taken`: all that were ever used).
 */
export function stepCells(
  before: Cells,
  lines: readonly string[],
  taken: readonly string[] = Object.keys(before),
): Readonly<Record<string, string | null>> {
  const used = new Set(taken.map(Number))
  const kept = keptKeys(Object.entries(before), lines)
  const keys = placed(kept, used) ?? placed(fresh(lines), used) ?? placed(fresh(lines), new Set()) ?? []
  const now = new Map(lines.map((line, i) => [String(keys[i]).padStart(DIGITS, '0'), line]))
  const away = Object.keys(before).filter((key) => !now.has(key))
  return Object.fromEntries([
    ...away.map((key) => [key, null] as const),
    ...[...now].filter(([key, line]) => before[key] !== line),
  ])
}

const fresh = (lines: readonly string[]): readonly null[] => lines.map(() => null)

/** The key that each line keeps: that of the same words, or of what stood in its place; null for a new one. */
function keptKeys(before: readonly (readonly [string, string])[], lines: readonly string[]) {
  const kept: (number | null)[] = [...fresh(lines)]
  const ends = [...same(before, lines), [before.length, lines.length] as const]
  let [i, j] = [0, 0]
  for (const [old, now] of ends) {
    for (; i <= old && j <= now && i < before.length && j < lines.length; i++, j++) {
      if ((i === old) !== (j === now)) break
      kept[j] = Number(before[i]?.[0])
    }
    if (now < lines.length) kept[now] = Number(before[old]?.[0])
    i = old + 1
    j = now + 1
  }
  return kept
}

/** The longest row of steps that are there before and after, in their order, as pairs of places. */
function same(before: readonly (readonly [string, string])[], lines: readonly string[]) {
  let rows: (readonly (readonly [number, number])[])[] = [[], ...lines.map(() => [])]
  for (const [i, [, words]] of before.entries()) {
    const next: typeof rows = [[]]
    for (const [j, line] of lines.entries()) {
      const [up, left, cross] = [rows[j + 1] ?? [], next[j] ?? [], rows[j] ?? []]
      const longer = up.length >= left.length ? up : left
      next.push(words === line && cross.length >= longer.length ? [...cross, [i, j]] : longer)
    }
    rows = next
  }
  return rows.at(-1) ?? []
}

/** A key for every line, growing; where there is no room, what follows moves too. Null where even that is too little. */
function placed(kept: readonly (number | null)[], used: ReadonlySet<number>): readonly number[] | null {
  const keys: number[] = []
  while (keys.length < kept.length) {
    const low = keys.at(-1) ?? 0
    const key = kept[keys.length]
    if (typeof key === 'number' && key > low) keys.push(key)
    else {
      const more = room(kept, keys.length, low, used)
      if (!more) return null
      keys.push(...more)
    }
  }
  return keys
}

/** Unused keys for the lines from here to the first one that leaves room before it. */
function room(kept: readonly (number | null)[], from: number, low: number, used: ReadonlySet<number>) {
  for (let to = from + 1; to <= kept.length; to++) {
    const high = to < kept.length ? kept[to] : KEYS.length + 1
    if (high === null || high === undefined) continue
    const free = KEYS.filter((key) => key > low && key < high && !used.has(key))
    const step = Math.min(APART, free.length / (to - from + 1))
    if (free.length >= to - from)
      return kept.slice(from, to).map((_, n) => free[Math.floor((n + 1) * step)] ?? 0)
  }
  return null
}
