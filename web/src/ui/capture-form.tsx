import type { Signal } from '@preact/signals'
import { useRef, useState } from 'preact/hooks'
import { type Author, addIdea, addObservation } from '../intents.ts'
import type { Grant } from '../session.ts'
import { t } from '../t.ts'
import type { CaptureDraft } from './capture-draft.ts'
import { CaptureMore } from './capture-more.tsx'
import { clientHint } from './client-data.ts'
import { ClientHintLine } from './client-hint.tsx'
import { failureWords } from './failure.ts'
import { Field } from './field.tsx'
import { KindChoice } from './kind-choice.tsx'
import { PhotoPick } from './photo-pick.tsx'
import { Radios } from './radios.tsx'
import { TeamSelect } from './team-select.tsx'
import { TITLE_MAX, titleOf } from './title.ts'
import { useAuthor } from './use-author.ts'
import { capital, OBSERVATION_TYPES, OBSERVATION_WORDS } from './words.ts'

interface CaptureFormProps {
  form: Signal<CaptureDraft>
  teams: readonly Grant[]
  saved: () => void
}

const TEXT_MAX = { idea: 1000, observation: 500 }
const TEXT_MIN = 3

/** One field to start with. Everything else can be left alone. */
export function CaptureForm({ form, teams, saved }: CaptureFormProps) {
  const draft = form.value
  const set = (part: Partial<CaptureDraft>) => {
    form.value = { ...form.value, ...part }
  }
  const [fault, setFault] = useState('')
  const [busy, setBusy] = useState(false)
  const by = useAuthor()
  const input = useRef<HTMLTextAreaElement>(null)
  const idea = draft.kind === 'idea'
  const hint = clientHint(`${draft.title ?? ''}\n\n${draft.text}`)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (busy) return
    if (draft.text.trim().length < TEXT_MIN) return setFault(t('capture.too_short'))
    if (!teams.length) return setFault(t('capture.no_team'))
    if (hint.code || [...draft.text].length > TEXT_MAX[draft.kind]) return input.current?.focus()
    setBusy(true)
    const failed = await save(draft, by).then(() => '', failureWords)
    setBusy(false)
    if (failed) setFault(failed)
    else saved()
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event)
  }
  return (
    <form class="v gap4 grow capture" onSubmit={submit} onKeyDown={keys}>
      <KindChoice kind={draft.kind} choose={(kind) => set({ kind })} />
      <Field
        label={idea ? t('capture.idea_label') : t('capture.observation_label')}
        value={draft.text}
        set={(text) => {
          set({ text })
          setFault('')
        }}
        max={TEXT_MAX[draft.kind]}
        rows={5}
        fault={fault}
        focus
        input={input}
      />
      <ClientHintLine
        hint={hint}
        remove={(code) =>
          set({ title: draft.title?.replaceAll(code, '') ?? null, text: draft.text.replaceAll(code, '') })
        }
      />
      {idea ? <TitleLine draft={draft} set={set} /> : <TypeChoice draft={draft} set={set} />}
      <PhotoPick photos={draft.photos} set={(photos) => set({ photos })} />
      {teams.length > 1 && <TeamSelect teams={teams} team={draft.team} choose={(team) => set({ team })} />}
      <CaptureMore draft={draft} set={set} />
      <div>
        <button type="submit" class="btn pri full big" aria-busy={busy}>
          {busy ? t('capture.saving') : idea ? t('capture.save_idea') : t('capture.save_observation')}
        </button>
        <p class="sm soft center">{t('capture.offline_too')}</p>
      </div>
    </form>
  )
}

/** Resolves once the words are safe on this device; rejects with why they are not. */
function save(draft: CaptureDraft, by: Author): Promise<void> {
  const { id, team, goals, photos, lang } = draft
  const common = { id, space: team, team, goals, photos, lang }
  const text = draft.text.trim()
  if (draft.kind === 'observation') return addObservation({ ...common, text, type: draft.type || null }, by)
  const made = titleOf(text)
  const own = draft.title?.trim()
  return addIdea(
    {
      ...common,
      title: own || made.title,
      text: own ? text : made.rest,
      need: draft.need,
      source: null,
    },
    by,
  )
}

interface PartProps {
  draft: CaptureDraft
  set: (part: Partial<CaptureDraft>) => void
}

/** The title that the first sentence makes, and the way to write another. */
function TitleLine({ draft, set }: PartProps) {
  if (draft.title !== null)
    return (
      <Field label={t('field.title')} value={draft.title} set={(title) => set({ title })} max={TITLE_MAX} />
    )
  const { title } = titleOf(draft.text)
  if (!title) return null
  return (
    <p class="h between wrap sm">
      <span class="soft">
        {t('field.title')}: <b>{title}</b>
      </span>
      <button type="button" class="link" onClick={() => set({ title })}>
        {t('capture.change_title')}
      </button>
    </p>
  )
}

function TypeChoice({ draft, set }: PartProps) {
  const options = OBSERVATION_TYPES.map((type) => ({
    value: type,
    words: capital(t(OBSERVATION_WORDS[type] ?? 'kind.observation')),
  }))
  const chosen = OBSERVATION_TYPES.find((type) => type === draft.type) ?? null
  return (
    <Radios
      look="chip"
      label={t('capture.type')}
      options={options}
      value={chosen}
      choose={(type) => set({ type })}
    />
  )
}
