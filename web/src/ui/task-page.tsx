import { useState } from 'preact/hooks'
import { closeTask } from '../intents/tasks.ts'
import { withdraw } from '../intents.ts'
import type { Task } from '../replica.ts'
import { may, me } from '../session.ts'
import { lang, t } from '../t.ts'
import { bringBack } from './bring-back.ts'
import { stateWords } from './card-head.tsx'
import { HideSheet } from './hide-sheet.tsx'
import { Icon } from './icons.tsx'
import { Relay } from './relay.tsx'
import { useShell } from './shell.ts'
import { TaskAnswerBox } from './task-answer.tsx'
import { TaskForm } from './task-form.tsx'
import { Shares } from './task-shares.tsx'
import { TaskSteps } from './task-steps.tsx'
import { aloneWords, dueWords, isAlone, isCopy, mayChange, progressOf } from './tasks.ts'
import { useTeams } from './teams.ts'
import { useTry } from './use-try.ts'
import { VersionsNotice } from './versions.tsx'
import { capital, nameIn } from './words.ts'

/** A task between workshops: what is asked, how far the team is, one's own steps and answer, or the relay. */
export function TaskPage({ task }: { task: Task }) {
  return (
    <>
      <Head task={task} />
      <div class="screen gut card-body">
        <p class="said" lang={task.lang || undefined}>
          {task.prompt}
        </p>
        {task.why && (
          <p class="quote" lang={task.lang || undefined}>
            <b>{t('task.why')}:</b> {task.why}
          </p>
        )}
        <VersionsNotice card={task} />
        <Doing task={task} />
        <TaskActions task={task} />
      </div>
    </>
  )
}

/** What is done with it: by the team, by me alone, or by somebody of whom I learn no more (H9). */
function Doing({ task }: { task: Task }) {
  if (isCopy(task))
    return (
      <>
        <Given task={task} />
        <p class="h gap2 top sm">
          <Icon name="lock" size="s" />
          <span>{t('task.one_text')}</span>
        </p>
      </>
    )
  if (task.relay) return <Relay task={task} />
  return (
    <>
      {!isAlone(task) && <Progress task={task} />}
      <TaskSteps task={task} />
      <TaskAnswerBox task={task} />
      <Shares task={task} />
    </>
  )
}

/** The steps as I gave them: nobody's ticks. */
function Given({ task }: { task: Task }) {
  const steps = Object.entries(task.steps)
  if (steps.length === 0) return null
  return (
    <section aria-labelledby="steps">
      <h2 id="steps">{t('task.steps')}</h2>
      <ol lang={task.lang || undefined}>
        {steps.map(([key, words]) => (
          <li key={key}>{words}</li>
        ))}
      </ol>
    </section>
  )
}

function Head({ task }: { task: Task }) {
  const shell = useShell()
  const team = useTeams().value.get(task.team)
  const back = () => {
    if (history.state?.inside) history.back()
    else shell.go({ at: 'today' })
  }
  return (
    <header class="card-top task">
      <div class="bar">
        <button type="button" class="iconbtn" aria-label={t('card.back')} onClick={back}>
          <Icon name="chevron-left" />
        </button>
        <span class="kind grow">
          <Icon name="footprints" />
          {task.relay ? capital(t('relay.title')) : capital(t('kind.task'))}
        </span>
        <span class="sm">{stateWords(task.state)}</span>
      </div>
      <h1 tabIndex={-1} lang={task.lang || undefined}>
        {task.title}
      </h1>
      <p class="sm">
        {[
          task.stage === 'closed' ? t('task.closed') : dueWords(task, shell.now.value),
          team ? nameIn(team.names, lang.value) : aloneWords(task),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
    </header>
  )
}

function Progress({ task }: { task: Task }) {
  const { words, part } = progressOf(task)
  const percent = Math.round(part * 100)
  return (
    <div>
      <span
        class="flowbar"
        style={`--p: ${percent}%`}
        role="progressbar"
        aria-valuenow={percent}
        aria-valuetext={words}
        aria-label={t('task.team_progress')}
      />
      <p class="sm soft">{words}</p>
    </div>
  )
}

/** Whoever may give it changes it, ends it for everybody, takes it back or hides it; from my own space I put it away. */
function TaskActions({ task }: { task: Task }) {
  const shell = useShell()
  const tried = useTry()
  const [open, setOpen] = useState<'edit' | 'hide' | null>(null)
  const close = () => setOpen(null)
  const isClosed = task.stage === 'closed'
  const isMine = task.by === me.value?.person || isAlone(task)
  const takeBack = async () => {
    if (!(await tried(withdraw(task)))) return
    shell.go({ at: 'today' })
    shell.say({ icon: 'trash-2', text: t('task.away'), undo: () => bringBack(task.id) })
  }
  return (
    <div class="choices">
      {mayChange(task) && (
        <>
          <button type="button" class="btn" onClick={() => setOpen('edit')}>
            <Icon name="pencil" size="s" />
            {t('edit.open')}
          </button>
          <button type="button" class="btn quiet" onClick={() => tried(closeTask(task, !isClosed))}>
            {isClosed ? t('task.reopen') : t('task.close')}
          </button>
        </>
      )}
      {isMine && (
        <button type="button" class="btn quiet" onClick={takeBack}>
          <Icon name="trash-2" size="s" />
          {t(isAlone(task) ? 'task.put_away' : 'withdraw.do')}
        </button>
      )}
      {!isMine && may(task, 'gone') && (
        <button type="button" class="btn quiet" onClick={() => setOpen('hide')}>
          <Icon name="eye-off" size="s" />
          {t('hide.open')}
        </button>
      )}
      {open === 'edit' && <TaskForm task={task} close={close} />}
      {open === 'hide' && <HideSheet card={task} close={close} />}
    </div>
  )
}
