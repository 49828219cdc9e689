import { useEffect, useState } from 'preact/hooks'
import type { Box } from '../drop/boxes.ts'
import { newCode, proofOf } from '../drop/code.ts'
import { reportHere } from '../drop/report.ts'
import { wakeDrops } from '../drop/start.ts'
import { keepDrop, type Receiver } from '../drop.ts'
import { lang, t } from '../t.ts'
import { clientHint } from './client-data.ts'
import { ClientHintLine } from './client-hint.tsx'
import { DropCode } from './drop-code.tsx'
import { failureWords } from './failure.ts'
import { Fault } from './fault.tsx'
import { Field } from './field.tsx'
import { KindChoice } from './kind-choice.tsx'
import { useShell } from './shell.ts'
import { TeamSelect } from './team-select.tsx'
import { titleOf } from './title.ts'

interface DropFormProps {
  teams: readonly Box[]
  to: Receiver
  done: () => void
  /** Words that came along. */
  start?: string
  dropped?: () => void
  /** Told whether there are words that would be lost. */
  typed?: (has: boolean) => void
  /** On a shared tablet: what whoever writes has to know beforehand. There links lead nowhere. */
  note?: string
}

type Kind = 'idea' | 'observation'

const TEXT_MAX = { idea: 1000, observation: 500 }
const TEXT_MIN = 3

/** The drop box: words under no name, and then the code that finds their answer. Nothing of it is kept as a draft. */
export function DropForm({ teams, to, done, start, dropped, typed, note }: DropFormProps) {
  const { clock } = useShell()
  const [kind, setKind] = useState<Kind>('idea')
  const [text, setText] = useState(start ?? '')
  const [space, setSpace] = useState(teams[0]?.space ?? 0)
  const [fault, setFault] = useState('')
  const [failed, setFailed] = useState('')
  const [busy, setBusy] = useState(false)
  const [code, setCode] = useState('')
  const hint = clientHint(text)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (busy || hint.code || [...text].length > TEXT_MAX[kind]) return
    if (text.trim().length < TEXT_MIN) return setFault(t('capture.too_short'))
    setBusy(true)
    const made = newCode(clock.random)
    const kept = proofOf(made).then((claim) =>
      keepDrop({ space, kind, ...wordsOf(kind, text), claim, lang: lang.value }, to, clock.random),
    )
    const why = await kept.then(() => '', failureWords)
    setBusy(false)
    if (why) return setFailed(why)
    wakeDrops()
    typed?.(false)
    dropped?.()
    setCode(made)
  }
  if (code) return <DropCode code={code} done={done} />
  return (
    <form class="v gap4" onSubmit={submit}>
      <p class="soft">
        {t('drop.nameless')} {teams.find((team) => team.space === space)?.few && t('drop.few')}{' '}
        {t('drop.misuse')}
      </p>
      <Report asText={note !== undefined} />
      {note && <p class="soft">{note}</p>}
      <KindChoice kind={kind} choose={setKind} />
      <Field
        label={kind === 'idea' ? t('capture.idea_label') : t('capture.observation_label')}
        value={text}
        set={(next) => {
          setText(next)
          typed?.(next.trim() !== '')
          setFault('')
        }}
        max={TEXT_MAX[kind]}
        rows={5}
        fault={fault}
      />
      <ClientHintLine hint={hint} remove={(found) => setText(text.replaceAll(found, ''))} />
      {teams.length > 1 && <TeamSelect teams={teams} team={space} choose={setSpace} />}
      <Fault words={failed} />
      <div>
        <button type="submit" class="btn pri full big" aria-busy={busy}>
          {t('drop.do')}
        </button>
        <p class="sm soft center">{t('capture.offline_too')}</p>
      </div>
    </form>
  )
}

/** An idea's first sentence is its title; an observation has none. */
function wordsOf(kind: Kind, text: string): { title: string; text: string } {
  if (kind === 'observation') return { title: '', text: text.trim() }
  const { title, rest } = titleOf(text)
  return { title, text: rest }
}

/** The organisation's own channel for what the box is not for, if it has told of one (D-72). */
function Report({ asText }: { asText: boolean }) {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    reportHere().then(setUrl)
  }, [])
  if (!url) return null
  const words = t('drop.report', { address: url.replace(/^(https?:\/\/|mailto:)/, '') })
  if (asText) return <p class="soft">{words}</p>
  return (
    <a href={url} class="link" rel="noopener noreferrer" target="_blank">
      {words}
    </a>
  )
}
