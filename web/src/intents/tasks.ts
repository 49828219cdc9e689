/** What a person can do with a task between workshops. An answer goes to the own space, for nobody else to read. */

import { fromHex } from '../codec.ts'
import {
  author,
  changing,
  edit,
  type Making,
  make,
  making,
  marking,
  type NewPhoto,
  withdrawing,
} from '../intents.ts'
import { commit } from '../outbox.ts'
import type { Id, Task, TaskAnswer, TaskShare, Value } from '../replica.ts'
import { grants } from '../session.ts'

/** What one shift adds: its words, and who goes on (null: anybody). */
export interface NewLeg {
  id: Id
  text: string
  to: string | null
  lang: string
  photos: readonly NewPhoto[]
}

/** The id of a person's own answer: that of the task in another version, so that two own devices mean the same card. */
export const answerId = (task: Id): Id => `${task.slice(0, 12)}8${task.slice(13)}`

/** Write to my own answer, which is made by its first words or tick. */
export function saveAnswer(
  task: Task,
  answer: TaskAnswer | undefined,
  now: Readonly<Record<string, Value>>,
): Promise<void> {
  return answer ? edit(answer, now) : make('task_answer', newAnswer(task, now))
}

function newAnswer(task: Task, now: Readonly<Record<string, Value>>): Making {
  const own = grants.value.find((grant) => grant.role === 'owner')?.space ?? 0
  return { id: answerId(task.id), space: own, fields: { on: fromHex(task.id), of: task.space, ...now } }
}

/** Done or not: my own answer says so, and the team's sum; both or neither are kept. */
export async function setDone(task: Task, answer: TaskAnswer | undefined, done: boolean): Promise<void> {
  const by = author()
  const said = answer
    ? changing(answer, { done })
    : (await making('task_answer', newAnswer(task, { done }))).draft
  const counted = marking(task, 'done', done)
  await commit(by, answer?.raw.done === done ? [counted] : [said, counted])
}

/** Show the team a copy of chosen words: it and the note of where it is are kept together. */
export async function shareAnswer(
  task: Task,
  answer: TaskAnswer,
  copy: { id: Id; text: string; lang: string },
): Promise<void> {
  const by = author()
  const { id, text, lang } = copy
  const fields = { on: fromHex(task.id), text, lang }
  const { draft } = await making('task_share', { id, space: task.space, fields })
  await commit(by, [draft, changing(answer, { shared: fromHex(id) })])
}

/** Take the copy back: it is hidden from all others, and my answer isn't shared any more. */
export async function unshare(share: TaskShare, answer: TaskAnswer): Promise<void> {
  await commit(author(), [withdrawing(share), changing(answer, { shared: null })])
}

/** Let my words go, and take back every copy of them; what I ticked stays. */
export async function emptyAnswer(answer: TaskAnswer, shares: readonly TaskShare[]): Promise<void> {
  await commit(author(), [...shares.map(withdrawing), changing(answer, { text: '', shared: null })])
}

/** Take the baton; whoever reached the server first has it. */
export const takeBaton = (task: Task, me: number): Promise<void> =>
  edit(task, { baton: [task.baton?.[0] ?? 1, 'held', String(me), task.baton?.[3] ?? null] })

/** Write my leg, and give the baton on or end the relay: both or neither are kept. */
export async function passBaton(task: Task, leg: NewLeg, isLast: boolean): Promise<void> {
  const by = author()
  const { draft, photos } = await making('relay_leg', legOf(task, leg))
  const number = task.baton?.[0] ?? 1
  const after = fromHex(leg.id)
  const baton: Value = isLast ? [number, 'finished', null, after] : [number + 1, 'waiting', leg.to, after]
  await commit(by, [draft, changing(task, { baton })], photos)
}

/** A leg by itself: a side note, unless the baton goes on from it. */
export const addLeg = (task: Task, leg: NewLeg): Promise<void> => make('relay_leg', legOf(task, leg))

function legOf(task: Task, { id, text, to, lang, photos }: NewLeg): Making {
  const after = task.baton?.[3] ?? null
  return { id, space: task.space, fields: { on: fromHex(task.id), after, text, to, lang }, photos }
}

export const closeTask = (task: Task, closed: boolean): Promise<void> =>
  edit(task, { stage: closed ? 'closed' : 'open' })
