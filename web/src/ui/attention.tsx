import { useState } from 'preact/hooks'
import { discard, redo } from '../outbox.ts'
import { type Attention, attention, card as cardOf } from '../replica.ts'
import { t } from '../t.ts'
import { Empty } from './empty.tsx'
import { Field } from './field.tsx'
import { Icon } from './icons.tsx'
import { KIND_WORDS } from './kind-words.ts'
import { LateWords } from './late-words.tsx'
import { LinkTo } from './link-to.tsx'
import { REFUSAL_WORDS } from './refusal-words.ts'
import { useShell } from './shell.ts'
import { ago } from './when.ts'
import { FIELD_WORDS, SIZE_WORDS, STAGE_WORDS, wordsOf } from './words.ts'

const WRITTEN = new Set(['title', 'text', 'reason', 'reply', 'prompt', 'why', 'note', 'steps'])
/** What forms of other kinds call their fields. */
const MORE_WORDS = {
  prompt: 'task.prompt',
  why: 'task.why',
  note: 'field.note',
  steps: 'task.steps',
} as const

/** Vaatii huomiosi: what was not accepted, with its words, the reason, and what can be done. */
export function AttentionPage() {
  const all = attention.value
  return (
    <div class="screen gut card-body">
      <h1 tabIndex={-1}>{t('attention.title')}</h1>
      <LateWords none={all.length === 0 && <AllIsWell />} />
      <ul class="v gap4">
        {all.map((one) => (
          <li key={one.key}>
            <Refused one={one} />
          </li>
        ))}
      </ul>
    </div>
  )
}

const AllIsWell = () => (
  <Empty heading="h2" drawing="sun" title={t('attention.none')} text={t('attention.none_text')} />
)

const saidIn = (one: Attention) =>
  Object.entries(one.set)
    .map(([field, [, now]]) => ({ field, words: inWords(nameOf(field), wordsOf(now)) }))
    .filter(({ words }) => words !== '')
    .toSorted((a, b) => cellOf(a.field).localeCompare(cellOf(b.field)))

/** A cell of a field is called after it: "steps/1a2b". */
const nameOf = (field: string) => field.split('/', 1)[0] ?? field

/** Steps stand in the order of their cells. */
const cellOf = (field: string) => field.split('/', 2)[1] ?? ''

const labelOf = (name: string) =>
  t(FIELD_WORDS[name] ?? (name in MORE_WORDS ? MORE_WORDS[name as keyof typeof MORE_WORDS] : 'field.text'))

/** What a person wrote stays as it is; what they chose is said as they saw it, and codes say nothing. */
function inWords(field: string, value: string): string {
  if (WRITTEN.has(field)) return value
  const chosen = (field === 'stage' && STAGE_WORDS[value]) || (field === 'size' && SIZE_WORDS[value])
  return chosen ? t(chosen) : ''
}

function Refused({ one }: { one: Attention }) {
  const shell = useShell()
  const [text, setText] = useState<string | null>(null)
  const said = saidIn(one)
  const prose = said.find(({ field }) => field === 'text' || field === 'title')
  const held = one.code === 6
  const again = async () => {
    if (!prose || text === null) return
    await redo(one, { [prose.field]: text })
    shell.say({ text: t('attention.sent') })
  }
  const copy = async () => {
    await navigator.clipboard.writeText(said.map(({ words }) => words).join('\n\n'))
    shell.say({ text: t('attention.copied') })
  }
  return (
    <article class="panel v">
      <p class="h top gap2">
        <Icon name="circle-alert" />
        <span>
          <b>{t(REFUSAL_WORDS[one.reason] ?? 'refusal.internal')}</b>
          <br />
          <span class="sm soft">
            {t(KIND_WORDS[one.kind] ?? 'title.card')} · {ago(one.at, shell.now.value)}
            {held && ` · ${t('attention.held')}`}
          </span>
        </span>
      </p>
      {said.map(({ field, words }) => (
        <blockquote key={field} class="quote said">
          <span class="sm soft">{labelOf(nameOf(field))}: </span>
          {words}
        </blockquote>
      ))}
      {text !== null && <Field label={t('attention.words')} value={text} set={setText} max={1000} rows={4} />}
      <div class="choices">
        {prose &&
          (text === null ? (
            <button type="button" class="btn" onClick={() => setText(prose.words)}>
              <Icon name="pencil" size="s" />
              {t('attention.edit')}
            </button>
          ) : (
            <button type="button" class="btn pri" onClick={again}>
              {t('attention.again')}
            </button>
          ))}
        {said.length > 0 && (
          <button type="button" class="btn" onClick={copy}>
            <Icon name="copy" size="s" />
            {t('attention.copy')}
          </button>
        )}
        {cardOf(one.card).value && (
          <LinkTo to={{ at: 'card', id: one.card }} class="btn quiet">
            {t('attention.open')}
          </LinkTo>
        )}
        <button type="button" class="btn quiet" onClick={() => discard(one.key)}>
          <Icon name="trash-2" size="s" />
          {t('attention.discard')}
        </button>
      </div>
    </article>
  )
}
