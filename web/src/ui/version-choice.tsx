import type { ComponentChildren } from 'preact'
import { type Fork, person } from '../replica.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { Avatar } from './avatar.tsx'
import type { Stretch } from './differences.ts'
import { Icon } from './icons.tsx'
import { useShell } from './shell.ts'
import { ago } from './when.ts'

type Choice = 'shown' | 'other'

interface VersionChoiceProps {
  ours: readonly Stretch[]
  theirs: readonly Stretch[]
  fork: Fork
  choice: Choice
  choose: (choice: Choice) => void
}

/** The text on the card and the one kept beside it, as two radios. */
export function VersionChoice({ ours, theirs, fork, choice, choose }: VersionChoiceProps) {
  const now = useShell().now.value
  const mine = fork.by !== null && fork.by === me.value?.person
  const who = mine ? t('versions.yours') : (person(fork.by)?.name ?? t('history.someone'))
  const other = choice === 'shown' ? 'other' : 'shown'
  const keys = (event: KeyboardEvent) => {
    if (!event.key.startsWith('Arrow') || !(event.currentTarget instanceof HTMLElement)) return
    event.preventDefault()
    choose(other)
    event.currentTarget.querySelector<HTMLElement>(`[data-choice=${other}]`)?.focus()
  }
  return (
    <div class="pair" role="radiogroup" aria-label={t('versions.which')} onKeyDown={keys}>
      <Version value="shown" on={choice === 'shown'} choose={choose} words={ours}>
        <b>{t('versions.on_card')}</b>
      </Version>
      <Version value="other" on={choice === 'other'} choose={choose} words={theirs}>
        {fork.by !== null && <Avatar of={fork.by} size="sm" />}
        <b>{who}</b>
        <span class="soft">{ago(fork.at, now)}</span>
      </Version>
    </div>
  )
}

interface VersionProps {
  value: Choice
  on: boolean
  choose: (choice: Choice) => void
  words: readonly Stretch[]
  children: ComponentChildren
}

function Version({ value, on, choose, words, children }: VersionProps) {
  return (
    <button
      type="button"
      role="radio"
      class="version"
      data-choice={value}
      aria-checked={on}
      tabIndex={on ? 0 : -1}
      onClick={() => choose(value)}
    >
      <span class="h wrap sm">
        {children}
        <span class="tick push">{on && <Icon name="check" />}</span>
      </span>
      <span class="said">
        {words.map((one, i) => (one.differs ? <mark key={i}>{one.text}</mark> : one.text))}
      </span>
    </button>
  )
}
