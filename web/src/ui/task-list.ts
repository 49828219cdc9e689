import { card as cardOf, cards, type Task, type TaskAnswer } from '../replica.ts'
import { batonOf, isAlone, isCopy, isDone } from './tasks.ts'
import { myTeamSpaces } from './teams.ts'

export interface TaskList {
  open: readonly Task[]
  /** Done by me, finished or ended; newest first, as the rest. */
  over: readonly Task[]
  /** My copies of what I gave one person. */
  given: readonly Task[]
  /** My answers whose task was taken back or can't be read any more. */
  left: readonly TaskAnswer[]
}

/** All tasks of my teams and my own, and what I wrote to those that are gone. */
export function allTasks(): TaskList {
  const mine = new Set(myTeamSpaces())
  const all = cards('task').value.toSorted((a, b) => b.made - a.made)
  const here = all.filter((task) => !isCopy(task) && (mine.has(task.space) || isAlone(task)))
  const isOver = (task: Task) =>
    task.stage === 'closed' || (task.relay ? batonOf(task).state === 'finished' : isDone(task))
  return {
    open: here.filter((task) => !isOver(task)),
    over: here.filter(isOver),
    given: all.filter(isCopy),
    left: cards('task_answer').value.filter((answer) => answer.text !== '' && !isThere(answer)),
  }
}

function isThere({ on }: TaskAnswer): boolean {
  const task = cardOf(on).value
  return task?.kind === 'task' && task.gone === null
}
