import { useState } from 'preact/hooks'
import { changeTask, giveTask, putTaskBack, type TaskPlace, type TaskWords } from '../intents/task-giving.ts'
import type { Task } from '../replica.ts'
import { lang, t } from '../t.ts'
import { ownOf, ownSpace } from '../thanks.ts'
import { clientHint } from './client-data.ts'
import { ClientHintLine } from './client-hint.tsx'
import { failureWords } from './failure.ts'
import { Fault } from './fault.tsx'
import { Field } from './field.tsx'
import { Sheet } from './sheet.tsx'
import { type Shell, useShell } from './shell.ts'
import { Switch } from './switch.tsx'
import { taskReceivers } from './task-receivers.ts'
import { personsIn, teamIn } from './thanks-people.ts'
import { TITLE_MAX } from './title.ts'
import { useAuthor } from './use-author.ts'
import { useDraft } from './use-draft.ts'
import { Whom } from './whom.tsx'
import { capital } from './words.ts'

const PROMPT_MAX = 600
const WHY_MAX = 300
const STEPS_MAX = 10
const STEP_MAX = 200
const EMPTY = { title: '', prompt: '', why: '', due: '', steps: '', relay: '', to: '' }

type Words = typeof EMPTY

interface FormProps {
  close: () => void
  /** The one to be changed; a new one without it. */
  task?: Task
}

/** A task: for whom, what, why, by when, in which steps; or a relay over the shifts. Changed in the same form. */
export function TaskForm({ close, task }: FormProps) {
  const shell = useShell()
  // What stood there when the form opened is what the words are merged with.
  const [before] = useState(task)
  const { words, set, clear } = useDraft(before ? `task:edit:${before.id}` : 'task', wordsOf(before))
  const [fault, setFault] = useState('')
  const [ids] = useState(() => ({ id: shell.clock.cardId(), copy: shell.clock.cardId() }))
  const by = useAuthor()
  const to = receiverOf(words)
  const hint = clientHint(Object.values(words).join('\n\n'))
  const save = async (event: Event) => {
    event.preventDefault()
    const wrong = faultOf(words)
    setFault(wrong)
    if (wrong || hint.code) return
    const said = saidIn(words)
    const place = placeOf(to, ids)
    const new_ = { ...said, lang: lang.value, relay: words.relay === 'yes' }
    const kept = before ? changeTask(before, said, by) : giveTask(new_, place, by)
    const failed = await kept.then(() => '', failureWords)
    setFault(failed)
    if (failed) return
    await clear()
    close()
    if (before) shell.say({ text: t('edit.done'), undo: () => putTaskBack(before, said) })
    else show(shell, place)
  }
  return (
    <Sheet
      title={t(before ? 'task.change' : 'task.new')}
      close={close}
      closeLabel={t('capture.close')}
      shape="tall"
    >
      <form class="v gap4" onSubmit={save}>
        {!before && (
          <TaskTo to={to} set={(key) => set({ to: key, ...(key.startsWith('p') ? { relay: '' } : {}) })} />
        )}
        <TaskFields words={words} set={set} />
        {!before && to.startsWith('t') && (
          <Switch
            words={capital(t('relay.title'))}
            hint={t('relay.what')}
            on={words.relay === 'yes'}
            set={(on) => set({ relay: on ? 'yes' : '' })}
          />
        )}
        {words.relay !== 'yes' && (
          <Field
            label={t('task.steps')}
            hint={t('task.steps_hint')}
            value={words.steps}
            set={(text) => set({ steps: text })}
            max={STEPS_MAX * STEP_MAX}
            rows={3}
          />
        )}
        <ClientHintLine hint={hint} remove={(code) => set(without(code, words))} />
        <Fault words={fault} />
        <button type="submit" class="btn pri full big">
          {t(before ? 'edit.save' : to.startsWith('p') ? 'task.give_one' : 'task.give')}
        </button>
      </form>
    </Sheet>
  )
}

/** My teams first, then their people: one of them. */
function TaskTo({ to, set }: { to: string; set: (key: string) => void }) {
  const all = taskReceivers()
  return (
    <div class="v gap2">
      <Whom chosen={[to]} set={([key]) => set(key ?? '')} first={all.slice(0, FIRST)} all={all} most={1} />
      {to.startsWith('p') && <p class="sm soft">{t('task.one_text')}</p>}
    </div>
  )
}

const FIRST = 8

interface FieldsProps {
  words: Words
  set: (part: Partial<Words>) => void
}

function TaskFields({ words, set }: FieldsProps) {
  return (
    <>
      <Field
        label={t('task.title')}
        value={words.title}
        set={(title) => set({ title })}
        max={TITLE_MAX}
        focus
      />
      <Field
        label={t('task.prompt')}
        value={words.prompt}
        set={(prompt) => set({ prompt })}
        max={PROMPT_MAX}
        rows={4}
      />
      <Field label={t('task.why')} value={words.why} set={(why) => set({ why })} max={WHY_MAX} rows={2} />
      <label class="field">
        <span class="label">{t('task.by_when')}</span>
        <input
          class="input"
          type="date"
          value={words.due}
          onInput={(event) => set({ due: event.currentTarget.value })}
        />
      </label>
    </>
  )
}

/** Who is chosen; the first team where nobody is, or somebody who is here no more. */
function receiverOf(words: Words): string {
  const all = taskReceivers()
  return (all.find(({ key }) => key === words.to) ?? all[0])?.key ?? ''
}

function placeOf(to: string, { id, copy }: { id: string; copy: string }): TaskPlace {
  const [person] = personsIn([to])
  if (person === undefined) return { team: teamIn([to]) ?? 0, id }
  const [theirs = 0] = ownOf(person)
  return { person, theirs, id, mine: ownSpace(), copy }
}

/** A code may stand in any of them. */
const without = (code: string, { title, prompt, why, steps }: Words): Partial<Words> => ({
  title: title.replaceAll(code, ''),
  prompt: prompt.replaceAll(code, ''),
  why: why.replaceAll(code, ''),
  steps: steps.replaceAll(code, ''),
})

/** The team's task, or my copy of what somebody else alone reads. */
const show = (shell: Shell, place: TaskPlace) =>
  shell.go({ at: 'card', id: 'copy' in place ? place.copy : place.id })

const linesIn = (steps: string): readonly string[] =>
  steps
    .split('\n')
    .map((step) => step.trim())
    .filter(Boolean)

function wordsOf(task: Task | undefined): Words {
  if (!task) return EMPTY
  const { title, prompt, why, due, steps, relay } = task
  const lines = Object.values(steps).join('\n')
  return { ...EMPTY, title, prompt, why, due: due ?? '', steps: lines, relay: relay ? 'yes' : '' }
}

function saidIn({ title, prompt, why, due, steps, relay }: Words): TaskWords {
  const lines = relay === 'yes' ? [] : linesIn(steps)
  return { title: title.trim(), prompt: prompt.trim(), why: why.trim(), due, steps: lines }
}

function faultOf({ title, prompt, why, steps }: Words): string {
  if (!title.trim() || !prompt.trim()) return t('task.too_short')
  const lines = linesIn(steps)
  const isLong = [...title].length > TITLE_MAX || [...prompt].length > PROMPT_MAX || [...why].length > WHY_MAX
  if (isLong || lines.length > STEPS_MAX || lines.some((step) => [...step].length > STEP_MAX))
    return t('task.too_long', { steps: STEPS_MAX })
  return ''
}
