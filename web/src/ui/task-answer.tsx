import { useState } from 'preact/hooks'
import { emptyAnswer, saveAnswer, setDone } from '../intents/tasks.ts'
import { cards, type Task, type TaskAnswer } from '../replica.ts'
import { me } from '../session.ts'
import { lang, t } from '../t.ts'
import { clientHint } from './client-data.ts'
import { ClientHintLine } from './client-hint.tsx'
import { failureWords } from './failure.ts'
import { Field } from './field.tsx'
import { Icon } from './icons.tsx'
import { ShareSheet } from './task-shares.tsx'
import { answerTo, isAlone, isDone } from './tasks.ts'
import { useDraft } from './use-draft.ts'
import { useTry } from './use-try.ts'
import { VersionsNotice } from './versions.tsx'

const TEXT_MAX = 2000

/** My own answer: nobody else reads it. Done and shared are separate choices. */
export function TaskAnswerBox({ task }: { task: Task }) {
  const answer = answerTo(task)
  const [editing, edit] = useState(false)
  const written = answer?.text !== undefined && answer.text !== ''
  const isShared = mySharesOf(task.id).length > 0
  return (
    <section class="panel v gap4" aria-labelledby="answer">
      <h2 id="answer">{t('task.answer')}</h2>
      <p class="h gap2 top sm">
        <Icon name="lock" size="s" />
        <span>{t(isAlone(task) ? 'task.private_one' : 'task.private')}</span>
      </p>
      {written && !editing ? (
        <Written answer={answer} edit={() => edit(true)} />
      ) : (
        <AnswerForm key={task.id} task={task} answer={answer} saved={() => edit(false)} />
      )}
      {answer && answer.forks.length > 0 && <VersionsNotice card={answer} />}
      <DoneButton task={task} answer={answer} />
      {written && !isShared && !isAlone(task) && <ShareButton task={task} answer={answer} />}
    </section>
  )
}

function Written({ answer, edit }: { answer: TaskAnswer; edit: () => void }) {
  return (
    <div class="v gap2">
      <p class="said" lang={answer.lang || undefined}>
        {answer.text}
      </p>
      <button type="button" class="btn quiet" onClick={edit}>
        <Icon name="pencil" />
        {t('task.edit_answer')}
      </button>
      <DropAnswer answer={answer} />
    </div>
  )
}

/** What I let the group read of my answer, while it may: others can hide it, and leaving the team takes it back. */
const mySharesOf = (task: string) =>
  cards('task_share').value.filter((share) => share.on === task && share.by === me.value?.person)

/** My words go, and with them what the group reads of them; asked twice. */
export function DropAnswer({ answer }: { answer: TaskAnswer }) {
  const tried = useTry()
  const [isAsked, ask] = useState(false)
  const drop = () => tried(emptyAnswer(answer, mySharesOf(answer.on)))
  return (
    <button
      type="button"
      class={isAsked ? 'btn bad' : 'btn quiet'}
      onClick={isAsked ? drop : () => ask(true)}
    >
      <Icon name="trash-2" />
      {t(isAsked ? 'task.drop_answer_sure' : 'task.drop_answer')}
    </button>
  )
}

interface FormProps {
  task: Task
  answer: TaskAnswer | undefined
  saved: () => void
}

function AnswerForm({ task, answer, saved }: FormProps) {
  // What stood there when the form opened is what the words are merged with.
  const [before] = useState(answer)
  const { words, set, clear } = useDraft(`task:${task.id}`, { text: before?.text ?? '' })
  const [fault, setFault] = useState('')
  const hint = clientHint(words.text)
  const save = async (event: Event) => {
    event.preventDefault()
    const isLong = [...words.text].length > TEXT_MAX
    setFault(isLong ? t('talk.long', { max: TEXT_MAX }) : words.text.trim() ? '' : t('relay.no_words'))
    if (hint.code || !words.text.trim() || isLong) return
    const now = { text: words.text.trim(), lang: lang.value }
    const failed = await saveAnswer(task, before ?? answer, now).then(() => '', failureWords)
    setFault(failed)
    if (failed) return
    await clear()
    saved()
  }
  return (
    <form class="v gap2" onSubmit={save}>
      <Field
        label={t('task.noticed')}
        value={words.text}
        set={(text) => set({ text })}
        max={TEXT_MAX}
        rows={4}
        fault={fault}
      />
      <ClientHintLine hint={hint} remove={(code) => set({ text: words.text.replaceAll(code, '') })} />
      <button type="submit" class="btn">
        {t('task.save_answer')}
      </button>
    </form>
  )
}

function DoneButton({ task, answer }: { task: Task; answer: TaskAnswer | undefined }) {
  const tried = useTry()
  const done = isDone(task)
  return (
    <button
      type="button"
      class={done ? 'btn quiet full' : 'btn pri full'}
      onClick={() => tried(setDone(task, answer, !done))}
    >
      <Icon name={done ? 'undo-2' : 'check'} />
      {done ? t('task.undone') : t('task.mark_done')}
    </button>
  )
}

function ShareButton({ task, answer }: { task: Task; answer: TaskAnswer }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" class="btn soft full" onClick={() => setOpen(true)}>
        <Icon name="share" />
        {t('task.share')}
      </button>
      {open && <ShareSheet task={task} answer={answer} close={() => setOpen(false)} />}
    </>
  )
}
