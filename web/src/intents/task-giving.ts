/** Giving a task and changing it afterwards. Each resolves when it survives a crash on this device. */

import type { Id } from '../codec.ts'
import { type Author, author, edit, make, making } from '../intents.ts'
import { commit } from '../outbox.ts'
import { card as cardOf, type Task, type Value } from '../replica.ts'
import { stepCells } from './step-cells.ts'

/** What a task says; a step is a line. */
export interface TaskWords {
  title: string
  prompt: string
  why: string
  due: string
  steps: readonly string[]
}

export interface NewTask extends TaskWords {
  lang: string
  relay: boolean
}

/** A team, by its space; or one person, by number and own space: their card's id, and the giver's space and copy. */
export type TaskPlace =
  | { team: number; id: Id }
  | { person: number; theirs: number; id: Id; mine: number; copy: Id }

/** For a team; or into one person's own space, and a copy without progress into mine (H9). */
export async function giveTask(task: NewTask, place: TaskPlace, by: Author = author()): Promise<void> {
  const fields = { ...wordFields(task), ...stepFields(stepCells({}, task.steps)), lang: task.lang }
  if ('team' in place) {
    const { team: space, id } = place
    await make('task', { id, space, fields: { team: space, ...fields, relay: task.relay || null } }, by)
    return
  }
  const { id, theirs, mine, copy } = place
  const to = String(place.person)
  const given = await making('task', { id, space: theirs, fields: { team: theirs, ...fields } })
  const kept = await making('task', { id: copy, space: mine, fields: { team: mine, ...fields, to } })
  await commit(by, [given.draft, kept.draft])
}

/** Other words for a task that was given; a step that stays keeps its ticks. */
export function changeTask(task: Task, words: TaskWords, by: Author = author()): Promise<void> {
  return edit(task, changed(task, words), by)
}

/** The words of before, over what `changeTask` wrote. */
export async function putTaskBack(before: Task, words: TaskWords): Promise<void> {
  const now = cardOf(before.id).peek()
  const names = Object.keys(changed(before, words))
  if (now) await edit(now, Object.fromEntries(names.map((name) => [name, before.raw[name] ?? null])))
}

function changed(task: Task, words: TaskWords): Record<string, Value> {
  const names = Object.keys(task.raw).filter((name) => name.startsWith(STEPS))
  const ever = names.map((name) => name.slice(STEPS.length))
  return { ...wordFields(words), ...stepFields(stepCells(task.steps, words.steps, ever)) }
}

const STEPS = 'steps/'

const wordFields = ({ title, prompt, why, due }: Omit<TaskWords, 'steps'>): Record<string, Value> => ({
  title,
  prompt,
  why: why || null,
  due: due || null,
})

const stepFields = (cells: Readonly<Record<string, string | null>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(cells).map(([key, words]) => [`${STEPS}${key}`, words]))
