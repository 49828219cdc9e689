import type { PlainKey } from '../t.ts'

/** What the kinds of cards are called. */
export const KIND_WORDS: Readonly<Record<string, PlainKey>> = {
  idea: 'kind.idea',
  observation: 'kind.observation',
  comment: 'kind.comment',
  recognition: 'kind.recognition',
  task: 'kind.task',
  task_answer: 'task.answer',
  task_share: 'task.shares',
  relay_leg: 'relay.leg',
}
