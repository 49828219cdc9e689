import { useState } from 'preact/hooks'
import { settleFork } from '../intents.ts'
import { type Card, type Fork, person } from '../replica.ts'
import { may, me } from '../session.ts'
import { t } from '../t.ts'
import { differences, type Stretch } from './differences.ts'
import { Field } from './field.tsx'
import { Icon } from './icons.tsx'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'
import { useAuthor } from './use-author.ts'
import { useTry } from './use-try.ts'
import { VersionChoice } from './version-choice.tsx'
import { FIELD_WORDS, wordsOf } from './words.ts'

type Choice = 'shown' | 'other'

/** "Kaksi versiota säilytetty": nothing was lost, and a person chooses. */
export function VersionsNotice({ card }: { card: Card }) {
  const [open, setOpen] = useState(false)
  const fork = card.forks.find(({ field }) => field !== 'baton') // of a baton its relay tells
  if (!fork) return null
  const mine = fork.by !== null && fork.by === me.value?.person
  const who = person(fork.by)?.name ?? t('history.someone')
  const what = t(FIELD_WORDS[fork.field] ?? 'field.text')
  return (
    <div class="banner" role="status">
      <Icon name="layers-2" />
      <span class="grow">
        <b>{t('versions.title')}</b>
        {mine ? t('versions.mine', { what }) : t('versions.also', { who, what })}
      </span>
      <button type="button" class="btn quiet" onClick={() => setOpen(true)}>
        {t('versions.compare')}
      </button>
      {open && <VersionsSheet key={fork.key} card={card} fork={fork} close={() => setOpen(false)} />}
    </div>
  )
}

interface VersionsProps {
  card: Card
  fork: Fork
  close: () => void
}

/** Both versions side by side, what differs marked and said, and the choice. */
function VersionsSheet({ card, fork, close }: VersionsProps) {
  const shell = useShell()
  const shown = wordsOf(card.raw[fork.field])
  const other = wordsOf(fork.value)
  const [ours, theirs] = differences(shown, other)
  const [choice, choose] = useState<Choice>('shown')
  const [joined, setJoined] = useState<string | null>(null)
  const mayChoose = may(card, fork.field) || fork.by === me.value?.person
  const by = useAuthor()
  const tried = useTry()
  const settle = async (how: Choice | 'both', text?: string) => {
    if (!(await tried(settleFork(card, fork, how, text, by)))) return
    close()
    shell.say({ text: t('versions.done') })
  }
  return (
    <Sheet title={t('versions.which')} close={close} shape="wide">
      <div class="v gap4">
        <p class="sm">{t('versions.text')}</p>
        <VersionChoice ours={ours} theirs={theirs} fork={fork} choice={choice} choose={choose} />
        <p class="sm soft">{inWords(ours, theirs)}</p>
        {joined !== null && (
          <Field label={t('versions.joined')} value={joined} set={setJoined} max={2 * 1000} rows={6} focus />
        )}
        {mayChoose ? (
          <Ways
            choice={choice}
            joined={joined}
            canJoin={fork.field !== 'reply'}
            join={() => setJoined(`${shown}\n\n${other}`)}
            settle={settle}
          />
        ) : (
          <p class="sm soft">{t('versions.not_yours')}</p>
        )}
      </div>
    </Sheet>
  )
}

interface WaysProps {
  choice: Choice
  joined: string | null
  canJoin: boolean
  join: () => void
  settle: (how: Choice | 'both', text?: string) => void
}

function Ways({ choice, joined, canJoin, join, settle }: WaysProps) {
  if (joined !== null)
    return (
      <button type="button" class="btn pri full big" onClick={() => settle('both', joined)}>
        {t('versions.save_joined')}
      </button>
    )
  return (
    <>
      <div class="h wrap">
        <button type="button" class="btn pri grow" onClick={() => settle(choice)}>
          {t('versions.use')}
        </button>
        {canJoin && (
          <>
            <button type="button" class="btn" onClick={join}>
              {t('versions.join')}
            </button>
            <button type="button" class="btn" onClick={() => settle('both')}>
              {t('versions.both')}
            </button>
          </>
        )}
      </div>
      <p class="sm soft">{t('versions.kept')}</p>
    </>
  )
}

function inWords(ours: readonly Stretch[], theirs: readonly Stretch[]): string {
  const said = (all: readonly Stretch[]) =>
    all
      .filter((one) => one.differs)
      .map((one) => `”${one.text.trim()}”`)
      .join(', ') || t('versions.nothing')
  return t('versions.in_words', { ours: said(ours), theirs: said(theirs) })
}
