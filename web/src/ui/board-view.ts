import type { Clock } from '../clock.ts'
import type { Idea, Observation } from '../replica.ts'
import { ALL_STAGES, type BoardStage } from './words.ts'

/** What the person chose to see of the board. Kept while the window is open. */
export interface BoardView {
  stage: BoardStage
  /** A team's space, 0 for all that I may read, null until chosen: then my first team. */
  team: number | null
  goal: string
  mine: boolean
  query: string
  parked: boolean
}

export const FIRST_VIEW: BoardView = {
  stage: 'new',
  team: null,
  goal: '',
  mine: false,
  query: '',
  parked: false,
}

export type Lanes = Readonly<Record<BoardStage, readonly Idea[]>>

/** The ideas of the chosen team, goal and person by stage, newest first. */
export function lanesOf(
  ideas: readonly Idea[],
  view: Pick<BoardView, 'goal' | 'mine'>,
  team: number,
  me: number | null,
): Lanes {
  const lanes: Record<BoardStage, Idea[]> = { new: [], considering: [], trying: [], in_use: [], not_now: [] }
  for (let i = ideas.length - 1; i >= 0; i--) {
    const idea = ideas[i]
    if (!idea || (team && idea.team !== team) || (view.mine && idea.by !== me)) continue
    if (view.goal && !idea.goals[view.goal]) continue
    const stage = ALL_STAGES.find((s) => s === idea.stage)
    if (stage) lanes[stage].push(idea)
  }
  return lanes
}

const folded = new WeakMap<object, string>()

/** A card's words for searching, folded once. */
function wordsOf(card: Idea | Observation): string {
  let words = folded.get(card)
  if (words === undefined) {
    words = (card.kind === 'idea' ? `${card.title}\n${card.text}` : card.text).toLowerCase()
    folded.set(card, words)
  }
  return words
}

const SLICE_MS = 8
const PAUSE_MS = 16

/** Fold the words of cards a little at a time, so that a search finds them ready. The answer stops it. */
export function foldAhead(cards: readonly (Idea | Observation)[], after: Clock['after']): () => void {
  let next = cards.length - 1
  let stop = after(PAUSE_MS, slice)
  function slice() {
    const end = performance.now() + SLICE_MS
    for (let card = cards[next]; card && performance.now() < end; card = cards[--next]) wordsOf(card)
    if (next >= 0) stop = after(PAUSE_MS, slice)
  }
  return () => stop()
}

/** Every card on this device that has all the words, newest first; parked ideas too. */
export function find<T extends Idea | Observation>(cards: readonly T[], query: string): T[] {
  const parts = query.toLowerCase().split(/\s+/).filter(Boolean)
  const found: T[] = []
  for (let i = cards.length - 1; i >= 0; i--) {
    const card = cards[i]
    if (card && parts.every((part) => wordsOf(card).includes(part))) found.push(card)
  }
  return found
}
