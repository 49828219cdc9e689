/** What a person can do with the own strength cards: they lie in the own space, and a team reads copies alone. */

import { author, edit, make } from '../intents.ts'
import type { Draft } from '../outbox.ts'
import { commit } from '../outbox.ts'
import type { Card, Id, SharedStrength, StrengthCard } from '../replica.ts'

export interface Chosen {
  id: Id
  /** My own space. */
  space: number
  strength: StrengthCard['strength']
  place: number
}

export const chooseStrength = ({ id, space, strength, place }: Chosen): Promise<void> =>
  make('strength_card', { id, space, fields: { strength, place } })

/** Put the cards into this order; only those that move are written. */
export async function arrange(cards: readonly StrengthCard[]): Promise<void> {
  for (const [i, card] of cards.entries()) await edit(card, { place: i + 1 })
}

/** Show a team a copy of one card: it and the note of where it is are kept together. */
export async function shareStrength(card: StrengthCard, team: number, id: Id): Promise<void> {
  const { strength, note } = card
  const field = `shared/${team}`
  await commit(author(), [
    {
      space: team,
      card: id,
      kind: 'shared_strength',
      set: { strength: [null, strength], ...(note ? { note: [null, note] } : {}) },
    },
    {
      space: card.space,
      card: card.id,
      kind: card.kind,
      set: { [field]: [card.raw[field] ?? null, id] },
    },
  ])
}

/** Take the copies back from a team: they are hidden from all others. */
export async function unshareStrength(
  card: StrengthCard,
  team: number,
  copies: readonly SharedStrength[],
): Promise<void> {
  const field = `shared/${team}`
  const set = { [field]: [card.raw[field] ?? null, null] as const }
  await commit(author(), [...copies.map(away), { space: card.space, card: card.id, kind: card.kind, set }])
}

/** Take a card out of one's own, and back from every team. */
export async function dropStrength(card: StrengthCard, copies: readonly SharedStrength[]): Promise<void> {
  await commit(author(), [...copies, card].map(away))
}

const away = ({ space, id, kind, raw }: Card): Draft => ({
  space,
  card: id,
  kind,
  set: { gone: [raw.gone ?? null, ['withdrawn', '']] },
})
