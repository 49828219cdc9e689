import { t } from '../t.ts'
import { Empty } from './empty.tsx'
import { LeadingHead } from './leading-head.tsx'
import { DropAnswer } from './task-answer.tsx'
import { allTasks } from './task-list.ts'
import { aloneWords, batonWords, progressOf } from './tasks.ts'
import { TaskRows } from './tasks-today.tsx'

/** Every task that I can read: what is open, what is over, what I gave one person; and my answers without a task. */
export function TasksPage() {
  const { open, over, given, left } = allTasks()
  const isEmpty = open.length + over.length + given.length + left.length === 0
  return (
    <div class="screen gut v gap4">
      <LeadingHead title={t('task.all')} to={{ at: 'today' }} />
      {isEmpty && <Empty title={t('task.none')} text={t('task.none_text')} />}
      <TaskRows
        title={t('task.today')}
        id="open"
        tasks={open}
        words={(task) => (task.relay ? batonWords(task) : aloneWords(task) || progressOf(task).words)}
      />
      <TaskRows
        title={t('task.over')}
        id="over"
        tasks={over}
        words={(task) => (task.stage === 'closed' ? t('task.closed') : t('task.ready'))}
      />
      <TaskRows title={t('task.given')} id="given" tasks={given} words={aloneWords} />
      {left.length > 0 && (
        <section class="v gap2" aria-labelledby="left">
          <h2 id="left">{t('task.left_answers')}</h2>
          {left.map((answer) => (
            <div key={answer.id} class="panel v gap2">
              <p class="said" lang={answer.lang || undefined}>
                {answer.text}
              </p>
              <DropAnswer answer={answer} />
            </div>
          ))}
        </section>
      )}
    </div>
  )
}
