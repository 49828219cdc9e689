/** What a person can do with the own strength cards: they lie in the own space, and a team reads copies alone. */

import { author, changing, make, making, withdrawing } from '../intents.ts'
import { commit } from '../outbox.ts'
import type { Id, SharedStrength, StrengthCard } from '../replica.ts'

export interface Chosen {
  id: Id
  /** My own space. */
  space: number
  strength: StrengthCard['strength']
  place: number
}

export const chooseStrength = ({ id, space, strength, place }: Chosen): Promise<void> =>
  make('strength_card', { id, space, fields: { strength, place } })

/** Put the cards into this order; only those that move are written, all together. */
export async function arrange(cards: readonly StrengthCard[]): Promise<void> {
  const by = author()
  const moved = cards.flatMap((card, i) => (card.place === i + 1 ? [] : [changing(card, { place: i + 1 })]))
  if (moved.length > 0) await commit(by, moved)
}

/** Show a team a copy of one card: it and the note of where it is are kept together. */
export async function shareStrength(card: StrengthCard, team: number, id: Id): Promise<void> {
  const by = author()
  const { strength, note } = card
  const fields = { strength, note: note || null }
  const { draft } = await making('shared_strength', { id, space: team, fields })
  await commit(by, [draft, changing(card, { [`shared/${team}`]: id })])
}

/** Take the copies back from a team: they are hidden from all others. */
export async function unshareStrength(
  card: StrengthCard,
  team: number,
  copies: readonly SharedStrength[],
): Promise<void> {
  await commit(author(), [...copies.map(withdrawing), changing(card, { [`shared/${team}`]: null })])
}

/** Take a card out of one's own, and back from every team. */
export async function dropStrength(card: StrengthCard, copies: readonly SharedStrength[]): Promise<void> {
  await commit(author(), [...copies, card].map(withdrawing))
}
