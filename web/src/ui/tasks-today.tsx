import { cards, type Task } from '../replica.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'
import { useShell } from './shell.ts'
import { aloneWords, batonOf, batonWords, dueWords, hasLost, isDone, openTasks, progressOf } from './tasks.ts'

const SHOWN = 7
const byDay = (a: Task, b: Task) => (a.due || '9').localeCompare(b.due || '9') || a.made - b.made

/** Whether there is a list to open: also when nothing is to be done. */
const hasAny = () => cards('task').value.length + cards('task_answer').value.length > 0

/** "Vuorolta vuorolle" above all else, then the tasks that I haven't done. */
export function TasksToday() {
  const open = openTasks()
  const lost = cards('task').value.filter(hasLost)
  const going = open.filter((task) => task.relay && batonOf(task).state !== 'finished' && !hasLost(task))
  const relays = [...lost, ...going.sort(byDay)]
  const mine = open.filter((task) => !task.relay && !isDone(task)).sort(byDay)
  return (
    <>
      <TaskRows
        title={t('relay.today')}
        id="relays"
        tasks={relays.slice(0, SHOWN)}
        words={(task) => (hasLost(task) ? t('relay.somebody_was_first') : batonWords(task))}
      />
      <TaskRows
        title={t('task.today')}
        id="tasks"
        tasks={mine.slice(0, SHOWN)}
        words={(task) => aloneWords(task) || progressOf(task).words}
      />
      {hasAny() && (
        <LinkTo to={{ at: 'tasks' }} class="btn quiet">
          {t('task.all')}
        </LinkTo>
      )}
    </>
  )
}

interface RowsProps {
  title: string
  id: string
  tasks: readonly Task[]
  words: (task: Task) => string
}

/** Tasks as rows, under a heading; nothing where there are none. */
export function TaskRows({ title, id, tasks, words }: RowsProps) {
  const shell = useShell()
  if (tasks.length === 0) return null
  return (
    <section aria-labelledby={id}>
      <div class="sect">
        <h2 id={id}>{title}</h2>
      </div>
      <ul class="list">
        {tasks.map((task) => (
          <li key={task.id}>
            <LinkTo to={{ at: 'card', id: task.id }} class="row">
              <span class="disc task">
                <Icon name="footprints" />
              </span>
              <span class="grow">
                <span class="t clamp2" lang={task.lang || undefined}>
                  {task.title}
                </span>
                <span class="d">
                  {[words(task), dueWords(task, shell.now.value)].filter(Boolean).join(' · ')}
                </span>
              </span>
              <Icon name="chevron-right" />
            </LinkTo>
          </li>
        ))}
      </ul>
    </section>
  )
}
