import { hex } from '../codec.ts'
import { answerId } from '../intents/tasks.ts'
import { card as cardOf, cards, mark, person, type RelayLeg, type Task, type TaskAnswer } from '../replica.ts'
import { grants, may, me } from '../session.ts'
import { lang, type PlainKey, t } from '../t.ts'
import { myTeamSpaces } from './teams.ts'
import { ofDate, shortDate, weekday } from './when.ts'

export const MOST_LEGS = 10
const FEWEST_COUNTED = 5
const MEMBERS = new Set(['staff', 'supervisor', 'agent'])
const GIVERS = new Set(['supervisor', 'agent', 'dev_lead'])
const MORNING_FROM = 6
const EVENING_FROM = 14
const NIGHT_FROM = 21

/** Where the baton of a relay is. */
export interface Baton {
  leg: number
  state: string
  person: number | null
  /** The leg that the next one goes on from. */
  after: string | null
}

/** I took the baton, and somebody else was first: told until I have read it. */
export const hasLost = (task: Task): boolean =>
  task.forks.some((fork) => fork.field === 'baton' && fork.by === me.value?.person)

/** Open tasks of my teams, and those that somebody gave me alone. */
export function openTasks(): readonly Task[] {
  const mine = new Set(myTeamSpaces())
  const isHere = (task: Task) => mine.has(task.space) || (isAlone(task) && !isCopy(task))
  return cards('task').value.filter((task) => task.stage === 'open' && isHere(task))
}

/** Whether it lies in my own space: for me alone, or my copy of what I gave somebody. */
export const isAlone = (task: Task) => grants.value.some((g) => g.space === task.space && g.role === 'owner')

/** Whether it is my copy of what I gave one person, whose progress I don't learn (H9). */
export const isCopy = (task: Task) => task.to !== null && task.by === me.value?.person

/** Who gave a task to one person, or whom I gave it to; nothing of a team's. */
export function aloneWords(task: Task): string {
  if (isCopy(task)) return t('task.to', { name: nameOf(Number(task.to)) })
  return isAlone(task) ? t('task.from', { name: nameOf(task.by) }) : ''
}

export const isDone = (task: Task) => mark(task, 'done')

/** My own answer to a task; nobody else has it. */
export function answerTo(task: Task): TaskAnswer | undefined {
  const found = cardOf(answerId(task.id)).value
  return isAnswer(found) ? found : undefined
}

const isAnswer = (card: { kind: string } | undefined): card is TaskAnswer => card?.kind === 'task_answer'

/** Where I may give a task. */
export const teamsToGive = () => grants.value.filter((g) => g.kind === 'team' && GIVERS.has(g.role))

/** Whether I may change a task and end it; one for one person isn't changed once it is given. */
export const mayChange = (task: Task) => !isAlone(task) && may(task, 'title')

export function batonOf(task: Task): Baton {
  const [leg, state, number, after] = task.baton ?? [1, 'waiting', null, null]
  return { leg, state, person: number ? Number(number) : null, after: after ? hex(after) : null }
}

/** Whether I may take the baton: also from another who holds it, and may have gone home. */
export function mayTake(task: Task): boolean {
  const { state, person: number } = batonOf(task)
  const isFree = state === 'waiting' || (state === 'held' && number !== me.value?.person)
  return isFree && task.stage === 'open' && may(task, 'baton')
}

/**
 * The legs in their order, found by going back from the baton; all others are side notes. Null is a leg that was taken
 * away before this device saw it: what came before it is found from the beginning, as far as there is one way.
 */
export function legsOf(task: Task): {
  chain: readonly (RelayLeg | null)[]
  notes: readonly RelayLeg[]
} {
  const all = cards('relay_leg').value.filter((leg) => leg.on === task.id)
  const { leg: number, state, after } = batonOf(task)
  const back: RelayLeg[] = []
  let at = legAt(after)
  while (at && !back.includes(at)) {
    back.unshift(at)
    at = legAt(at.after)
  }
  const before = (state === 'finished' ? number : number - 1) - back.length
  const isCut = (back[0]?.after ?? after) !== null && before > 0
  const start = isCut ? fromTheBeginning(all, before - 1) : []
  const away = isCut ? Array<null>(before - start.length).fill(null) : []
  const chain = [...start, ...away, ...back]
  return { chain, notes: all.filter((leg) => !chain.includes(leg)) }
}

/** At most so many legs from the first one on, until two go on from the same. */
function fromTheBeginning(all: readonly RelayLeg[], most: number): readonly RelayLeg[] {
  const found: RelayLeg[] = []
  while (found.length < most) {
    const [next, other] = all.filter(({ after }) => after === (found.at(-1)?.id ?? null))
    if (next === undefined || other !== undefined) break
    found.push(next)
  }
  return found
}

function legAt(id: string | null): RelayLeg | undefined {
  const found = cardOf(id ?? '').value
  return isLeg(found) ? found : undefined
}

const isLeg = (card: { kind: string } | undefined): card is RelayLeg => card?.kind === 'relay_leg'

/** Whoever belongs to a team. */
export const membersOf = (team: number) =>
  cards('member')
    .value.filter((one) => one.space === team && MEMBERS.has(one.role))
    .map((one) => ({ number: one.person, name: person(one.person)?.name ?? '' }))
    .filter(({ name }) => name !== '')

/** On a tablet in the order of its tiles, which its people chose; whoever has none there, and all elsewhere, by name. */
export function inOrder<P extends { number: number; name: string }>(
  people: readonly P[],
  onTiles: readonly number[],
): readonly P[] {
  const place = ({ number }: P) => (onTiles.includes(number) ? onTiles.indexOf(number) : onTiles.length)
  return [...people].sort((a, b) => place(a) - place(b) || a.name.localeCompare(b.name, lang.peek()))
}

/** How far the team is; a small one is told no number. */
export function progressOf(task: Task): { words: string; part: number } {
  const all = membersOf(task.team).length
  const done = Math.min(task.done, all)
  const isReady = all > 0 && done === all
  const words =
    all < FEWEST_COUNTED ? t(isReady ? 'task.ready' : 'task.under_way') : t('task.progress', { done, all })
  return { words, part: all < FEWEST_COUNTED ? (isReady ? 1 : 0) : done / all }
}

/** By when, in words; nothing where there is no day. */
export function dueWords(task: Task, now: number): string {
  if (!task.due) return ''
  const at = ofDate(task.due)
  return t('task.due', { date: `${weekday(at, lang.value)} ${shortDate(at, lang.value, now)}` })
}

/** Which shift went on, by the time at which it wrote: no roster is kept. */
export function shiftWords(leg: RelayLeg, isFirst: boolean): string {
  const hour = new Date(leg.made).getHours()
  const shift =
    hour < MORNING_FROM || hour >= NIGHT_FROM ? 'night' : hour < EVENING_FROM ? 'morning' : 'evening'
  const begun = {
    morning: 'relay.morning_began',
    evening: 'relay.evening_began',
    night: 'relay.night_began',
  } as const
  const gone = {
    morning: 'relay.morning_went_on',
    evening: 'relay.evening_went_on',
    night: 'relay.night_went_on',
  } as const
  const key: PlainKey = isFirst ? begun[shift] : gone[shift]
  return t(key)
}

/** Who has the baton, or whom it waits for. */
export function batonWords(task: Task): string {
  const { state, person: number } = batonOf(task)
  if (state === 'finished') return t('relay.finished')
  const isMine = number !== null && number === me.value?.person
  if (state === 'held') return isMine ? t('relay.mine') : t('relay.with', { name: nameOf(number) })
  if (number === null) return t('relay.for_anybody')
  return isMine ? t('relay.for_me') : t('relay.for', { name: nameOf(number) })
}

export const nameOf = (number: number | null) => person(number)?.name ?? t('card.no_name')
