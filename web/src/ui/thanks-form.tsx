import { useState } from 'preact/hooks'
import type { Recognition } from '../replica.ts'
import { person } from '../replica.ts'
import { lang, t } from '../t.ts'
import { type NewThanks, thank } from '../thanks.ts'
import type { DraftPhoto } from './capture-draft.ts'
import { Chips } from './chips.tsx'
import { clientHint } from './client-data.ts'
import { ClientHintLine } from './client-hint.tsx'
import { Fault } from './fault.tsx'
import { Field } from './field.tsx'
import { Icon } from './icons.tsx'
import { PhotoPick } from './photo-pick.tsx'
import { useShell } from './shell.ts'
import { STRENGTHS, strengthName } from './strengths.ts'
import { Switch } from './switch.tsx'
import { type Giving, keyOf } from './thanks-giving.ts'
import { MOST_RECEIVERS, people, personsIn, teamIn, teamReceivers } from './thanks-people.ts'
import { useAuthor } from './use-author.ts'
import { useDraft } from './use-draft.ts'
import { useTry } from './use-try.ts'
import { Whom } from './whom.tsx'

interface FormProps {
  giving: Giving
  done: () => void
}

const EMPTY = { to: '', text: '', strengths: '', relayed: '', wall: '' }
const TEXT_MIN = 3
const TEXT_MAX = 300
const MOST_STRENGTHS = 3
const FIRST_STRENGTHS = 8
const FIRST_PEOPLE = 8

/** To whom, what was seen, a few words. The words survive a closed window; a photo doesn't. */
export function ThanksForm({ giving, done }: FormProps) {
  const shell = useShell()
  const { words, set, clear } = useDraft(`thanks:${keyOf(giving)}`, wordsOf(giving))
  const [photos, setPhotos] = useState<readonly DraftPhoto[]>([])
  const [fault, setFault] = useState({ to: '', text: '' })
  const [busy, setBusy] = useState(false)
  const by = useAuthor()
  const tried = useTry()
  const isForWall = giving.onward?.wall ?? true
  const chosen = listed(words.to).filter((key) => isForWall || key.startsWith('p'))
  const to = giving.answers ? [`p${giving.answers.by ?? 0}`] : chosen
  const hint = clientHint(words.text)
  const submit = async (event: Event) => {
    event.preventDefault()
    const length = [...words.text.trim()].length
    const wrong = {
      to: to.length ? '' : t('thanks.no_receiver'),
      text: length < TEXT_MIN ? t('thanks.too_short') : '',
    }
    setFault(wrong)
    if (busy || wrong.to || wrong.text || hint.code || length > TEXT_MAX) return
    setBusy(true)
    const stored = await tried(
      thank(
        {
          ...asThanks(isForWall ? words : { ...words, wall: '' }, to, photos),
          answers: giving.answers?.origin ?? null,
        },
        shell.clock,
        by,
      ),
    )
    setBusy(false)
    if (!stored) return
    await clear()
    setPhotos([])
    done()
    shell.say({ icon: 'check', text: t('thanks.sent') })
  }
  return (
    <form class="panel v gap4" aria-label={t('thanks.give')} onSubmit={submit}>
      {giving.answers && <Answering to={giving.answers} />}
      {!giving.answers && (
        <ThanksTo chosen={to} set={(keys) => set({ to: keys.join(',') })} teams={isForWall} />
      )}
      <Fault words={fault.to} />
      <Strengths
        chosen={listed(words.strengths)}
        set={(chosen) => set({ strengths: chosen.slice(-MOST_STRENGTHS).join(',') })}
      />
      <Field
        label={t('thanks.words')}
        value={words.text}
        set={(text) => set({ text })}
        max={TEXT_MAX}
        rows={3}
        fault={fault.text}
      />
      <ClientHintLine hint={hint} remove={(code) => set({ text: words.text.replaceAll(code, '') })} />
      <PhotoPick photos={photos} set={setPhotos} />
      <Switch
        words={t('thanks.relayed')}
        hint={t('thanks.relayed_hint')}
        on={words.relayed !== ''}
        set={(on) => set({ relayed: on ? '1' : '' })}
      />
      {isForWall && teamIn(to) === null && (
        <Switch
          words={t('thanks.wall_wish')}
          hint={t('thanks.wall_wish_hint')}
          on={words.wall !== ''}
          set={(on) => set({ wall: on ? '1' : '' })}
        />
      )}
      <div>
        <button type="submit" class="btn pri full big" aria-busy={busy}>
          {t('thanks.send')}
        </button>
        <p class="sm soft center">{t('thanks.who_sees')}</p>
        {(giving.answers || giving.onward) && (
          <button type="button" class="btn quiet full" onClick={done}>
            {t('thanks.leave')}
          </button>
        )}
      </div>
    </form>
  )
}

interface ToProps {
  chosen: readonly string[]
  set: (chosen: readonly string[]) => void
  /** Whether a team may be chosen: not for words whose sender wants them on no wall. */
  teams: boolean
}

/** Colleagues first, and one's own team. */
function ThanksTo({ chosen, set, teams: hasTeams }: ToProps) {
  const [folk, teams] = [people(), hasTeams ? teamReceivers() : []]
  const first = [...folk.slice(0, FIRST_PEOPLE), ...teams.slice(0, 1)]
  return <Whom chosen={chosen} set={set} first={first} all={[...folk, ...teams]} most={MOST_RECEIVERS} />
}

/** A handful of the deck first; the rest is one tap away. */
function Strengths({ chosen, set }: { chosen: readonly string[]; set: (chosen: readonly string[]) => void }) {
  const [all, showAll] = useState(false)
  const shown = STRENGTHS.filter((key, i) => all || i < FIRST_STRENGTHS || chosen.includes(key))
  return (
    <div>
      <Chips
        label={t('thanks.strength')}
        options={shown.map((key) => ({ value: key, words: strengthName(key) }))}
        chosen={chosen}
        set={set}
      />
      {!all && (
        <button type="button" class="btn quiet" onClick={() => showAll(true)}>
          {t('thanks.more_strengths')}
        </button>
      )}
    </div>
  )
}

function Answering({ to }: { to: Recognition }) {
  return (
    <p class="h gap2">
      <Icon name="reply" />
      <b>{t('thanks.answering', { name: person(to.by)?.name ?? t('card.no_name') })}</b>
    </p>
  )
}

/** One that is passed on brings its words along. */
function wordsOf({ onward }: Giving): typeof EMPTY {
  if (!onward) return EMPTY
  const { text, strengths, relayed } = onward
  return { ...EMPTY, text, strengths: Object.keys(strengths).join(','), relayed: relayed ? '1' : '' }
}

const listed = (kept: string): readonly string[] => (kept ? kept.split(',') : [])

function asThanks(
  words: typeof EMPTY,
  to: readonly string[],
  photos: readonly DraftPhoto[],
): Omit<NewThanks, 'answers'> {
  return {
    to: personsIn(to),
    team: teamIn(to),
    text: words.text.trim(),
    lang: lang.value,
    strengths: listed(words.strengths),
    relayed: words.relayed !== '',
    wall: words.wall !== '',
    photos,
  }
}
