import { type ReadonlySignal, useComputed } from '@preact/signals'
import { type Comment, cards, type Idea, type Team } from '../replica.ts'
import { grants, may } from '../session.ts'
import { DAY_MS } from './when.ts'
import { ALL_STAGES, type BoardStage } from './words.ts'

export type Teams = ReadonlyMap<number, Team>

const DEFAULT_REPLY_DAYS = 7
const ANSWERS = new Set(['supervisor', 'agent', 'dev_lead'])

/** The teams that I may see, by the number of their space. */
export const useTeams = (): ReadonlySignal<Teams> =>
  useComputed(() => new Map(cards('team').value.map((team) => [Number(team.raw.space), team])))

/** Comments per card. */
export const useThreads = (): ReadonlySignal<ReadonlyMap<string, readonly Comment[]>> =>
  useComputed(() => {
    const threads = new Map<string, Comment[]>()
    for (const comment of cards('comment').value) {
      const thread = comment.on ? threads.get(comment.on) : undefined
      if (thread) thread.push(comment)
      else if (comment.on) threads.set(comment.on, [comment])
    }
    return threads
  })

/** The spaces of the teams that I belong to. */
export const myTeamSpaces = () => grants.value.filter((g) => g.kind === 'team').map((g) => g.space)

/** When this idea is owed an answer; null once it has one or has moved on. */
export function replyDue(idea: Idea, teams: Teams): number | null {
  if (idea.reply || idea.stage !== 'new') return null
  const days =
    idea.team === null ? DEFAULT_REPLY_DAYS : (teams.get(idea.team)?.reply_days ?? DEFAULT_REPLY_DAYS)
  return idea.made + days * DAY_MS
}

/** Whether the answer to this idea is mine to give. */
export const mineToAnswer = (idea: Idea) =>
  grants.value.some((g) => g.space === idea.team && g.role === 'supervisor')

/** Where I may move this idea: its supervisor anywhere, the team from new to trying while it has the permission. */
export function stagesFor(idea: Idea): readonly BoardStage[] {
  if (mineToAnswer(idea)) return ALL_STAGES
  return idea.stage === 'new' && may(idea, 'stage') ? ['new', 'trying'] : []
}

/** Whether I may hide cards of this team, with a reason. */
export const mayHide = (team: number | null) =>
  grants.value.some((g) => (g.space === team || g.kind === 'org') && ANSWERS.has(g.role))
