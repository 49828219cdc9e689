import type { SharedStrength } from '../replica.ts'
import { STRENGTHS, type Strength } from './strengths.ts'

/** So many have to have shared something before a team sees a map, and so many a card before it stands under "many". */
export const FEWEST = 5

/** What a team has in common, in the order of the deck: no number, no name, nobody's place among others (H4). */
export interface StrengthMap {
  many: readonly Strength[]
  some: readonly Strength[]
}

/** The map of a team from what its members share; null while fewer than five have shared anything. */
export function mapOf(shared: readonly SharedStrength[], members: ReadonlySet<number>): StrengthMap | null {
  const sharers = new Map<Strength, Set<number>>(STRENGTHS.map((strength) => [strength, new Set()]))
  const all = new Set<number>()
  for (const { by, strength } of shared) {
    if (by === null || !members.has(by)) continue
    all.add(by)
    sharers.get(strength)?.add(by)
  }
  if (all.size < FEWEST) return null
  const having = (fits: (size: number) => boolean) =>
    STRENGTHS.filter((strength) => fits(sharers.get(strength)?.size ?? 0))
  return { many: having((size) => size >= FEWEST), some: having((size) => size > 0 && size < FEWEST) }
}
