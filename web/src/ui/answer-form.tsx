import { useEffect, useRef, useState } from 'preact/hooks'
import { type Answer, answer } from '../intents.ts'
import type { Idea } from '../replica.ts'
import { lang, t } from '../t.ts'
import { failureWords } from './failure.ts'
import { Fault } from './fault.tsx'
import { Field } from './field.tsx'
import { REASON_MAX, REASON_MIN } from './move.tsx'
import { Radios } from './radios.tsx'
import { useShell } from './shell.ts'
import { replyDue, useTeams } from './teams.ts'
import { useAuthor } from './use-author.ts'
import { useDraft } from './use-draft.ts'
import { daysBetween, shortDate } from './when.ts'
import { SIZE_WORDS, SIZES, STAGE_LOOK, STAGE_WORDS } from './words.ts'

const TEXT_MIN = 10
const TEXT_MAX = 600
const NEXT = ['considering', 'trying', 'in_use', 'not_now'] as const
const EMPTY = { size: '', stage: '', text: '', date: '', reason: '', revisit: '' }
type Words = typeof EMPTY

/** What is wrong where. */
interface At {
  at: string
  text: string
}

/** The supervisor's answer, asked for at the top while it is due. Under a minute: size, stage, words. */
export function AnswerForm({ idea }: { idea: Idea }) {
  const shell = useShell()
  const { words, set, clear } = useDraft(`answer:${idea.id}`, EMPTY)
  const [fault, setFault] = useState<At | null>(null)
  const by = useAuthor()
  const form = useFaultFocus(fault)
  const submit = async (event: Event) => {
    event.preventDefault()
    const wrong = faultOf(words)
    setFault(wrong)
    if (wrong) return
    const failed = await answer(idea, answerOf(words), by).then(() => '', failureWords)
    if (failed) return setFault({ at: 'text', text: failed })
    await clear()
    shell.say({ text: t('answer.done') })
  }
  return (
    <form ref={form} class="panel answer" onSubmit={submit} aria-labelledby="answer">
      <h2 id="answer">{t('answer.title')}</h2>
      <Due idea={idea} />
      <Choices words={words} set={set} fault={fault} />
      <Starters put={(sentence) => set({ text: `${words.text}${words.text ? ' ' : ''}${sentence}` })} />
      <Field
        label={t('answer.text')}
        value={words.text}
        set={(text) => set({ text })}
        max={TEXT_MAX}
        rows={4}
        fault={fault?.at === 'text' ? fault.text : ''}
      />
      {words.stage === 'not_now' && (
        <Field
          label={t('move.reason')}
          value={words.reason}
          set={(reason) => set({ reason })}
          max={REASON_MAX}
          rows={2}
          fault={fault?.at === 'reason' ? fault.text : ''}
        />
      )}
      <Dates words={words} set={set} fault={fault?.at === 'date' ? fault.text : ''} />
      <button type="submit" class="btn pri full big">
        {t('answer.send')}
      </button>
    </form>
  )
}

/** Focus goes to the first fault: words take it themselves, choices and days are given it here. */
function useFaultFocus(fault: At | null) {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (fault)
      form.current?.querySelector<HTMLElement>(`[data-at="${fault.at}"] :is(input, [tabindex="0"])`)?.focus()
  }, [fault])
  return form
}

function faultOf({ size, stage, text, date, reason }: Words): At | null {
  if (!size) return { at: 'size', text: t('answer.no_size') }
  if (!stage) return { at: 'stage', text: t('answer.no_stage') }
  const length = [...text.trim()].length
  if (length < TEXT_MIN || length > TEXT_MAX) return { at: 'text', text: t('answer.short') }
  if (stage === 'not_now' && reason.trim().length < REASON_MIN)
    return { at: 'reason', text: t('move.reason_short') }
  if (size !== 'quick' && !date) return { at: 'date', text: t('answer.no_date') }
  return null
}

function answerOf({ size, stage, text, date, reason, revisit }: Words): Answer {
  const parked = stage === 'not_now' ? { reason: reason.trim(), ...(revisit ? { revisit } : {}) } : {}
  return { size, stage, text: text.trim(), date: date || null, ...parked }
}

interface PartProps {
  words: Words
  set: (part: Partial<Words>) => void
}

function Choices({ words, set, fault }: PartProps & { fault: At | null }) {
  const sizes = SIZES.map((size) => ({ value: size, words: t(SIZE_WORDS[size] ?? 'size.quick') }))
  const stages = NEXT.map((stage) => ({
    value: stage,
    words: t(STAGE_WORDS[stage] ?? 'stage.new'),
    icon: STAGE_LOOK[stage]?.icon ?? ('lightbulb' as const),
  }))
  return (
    <>
      <div class="v gap2" data-at="size">
        <p class="label">{t('answer.size')}</p>
        <Radios
          look="chip"
          label={t('answer.size')}
          options={sizes}
          value={SIZES.find((s) => s === words.size) ?? null}
          choose={(size) => set({ size })}
        />
        {fault?.at === 'size' && <Fault words={fault.text} />}
      </div>
      <div class="v gap2" data-at="stage">
        <p class="label">{t('answer.stage')}</p>
        <Radios
          look="chip"
          label={t('answer.stage')}
          options={stages}
          value={NEXT.find((s) => s === words.stage) ?? null}
          choose={(stage) => set({ stage })}
        />
        {fault?.at === 'stage' && <Fault words={fault.text} />}
      </div>
    </>
  )
}

function Dates({ words, set, fault }: PartProps & { fault: string }) {
  const asked = words.size === 'complex' || words.size === 'project'
  return (
    <>
      {asked && (
        <label class="field" data-at="date">
          <span class="label">{t('answer.date')}</span>
          <input
            class="input"
            type="date"
            value={words.date}
            onInput={(e) => set({ date: e.currentTarget.value })}
          />
          {fault && <Fault words={fault} />}
        </label>
      )}
      {words.stage === 'not_now' && (
        <label class="field">
          <span class="label">{t('move.revisit')}</span>
          <input
            class="input"
            type="date"
            value={words.revisit}
            onInput={(e) => set({ revisit: e.currentTarget.value })}
          />
        </label>
      )}
    </>
  )
}

/** Beginnings that are easy to go on from. */
function Starters({ put }: { put: (sentence: string) => void }) {
  const sentences = [t('answer.start_try'), t('answer.start_ask'), t('answer.start_not')]
  return (
    <div class="choices" role="group" aria-label={t('answer.starters')}>
      {sentences.map((sentence) => (
        <button key={sentence} type="button" class="btn soft slim sm" onClick={() => put(sentence)}>
          {sentence}
        </button>
      ))}
    </div>
  )
}

function Due({ idea }: { idea: Idea }) {
  const now = useShell().now.value
  const due = replyDue(idea, useTeams().value)
  if (due === null) return null
  if (due < now) return <p class="sm late">{t('note.waited', { count: daysBetween(idea.made, now) })}</p>
  return <p class="sm soft">{t('note.answer_by', { date: shortDate(due, lang.value) })}</p>
}
