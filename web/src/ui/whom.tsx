import { useId, useState } from 'preact/hooks'
import { t } from '../t.ts'
import { Avatar } from './avatar.tsx'
import { Icon } from './icons.tsx'
import type { Receiver } from './thanks-people.ts'

interface WhomProps {
  chosen: readonly string[]
  set: (chosen: readonly string[]) => void
  /** Who stands there at once, and everybody who is found by name. */
  first: readonly Receiver[]
  all: readonly Receiver[]
  /** How many people it can be for at once. */
  most: number
}

const SHOWN = 8

/** For whom: the nearest as chips, everybody else by their name; people, or one team. */
export function Whom({ chosen, set, first, all, most }: WhomProps) {
  const id = useId()
  const [sought, seek] = useState('')
  const found = sought.trim() ? all.filter(({ name }) => isLike(name, sought)).slice(0, SHOWN) : first
  const kept = all.filter(({ key }) => chosen.includes(key) && !found.some((one) => one.key === key))
  return (
    <fieldset class="field">
      <legend class="label">{t('thanks.whom')}</legend>
      <div class="choices">
        {[...kept, ...found].map((one) => (
          <ReceiverChip
            key={one.key}
            of={one}
            on={chosen.includes(one.key)}
            tap={() => set(after(chosen, one.key, most))}
          />
        ))}
      </div>
      {sought.trim() !== '' && found.length === 0 && <p class="sm soft">{t('thanks.nobody')}</p>}
      {all.length > first.length && (
        <div class="search">
          <label class="vh" for={id}>
            {t('thanks.seek')}
          </label>
          <Icon name="search" />
          <input
            id={id}
            class="input"
            type="search"
            autocomplete="off"
            placeholder={t('thanks.seek')}
            value={sought}
            onInput={(event) => seek(event.currentTarget.value)}
          />
        </div>
      )}
    </fieldset>
  )
}

function ReceiverChip({ of, on, tap }: { of: Receiver; on: boolean; tap: () => void }) {
  return (
    <button type="button" class="chip" aria-pressed={on} onClick={tap}>
      {of.key.startsWith('p') ? (
        <Avatar of={Number(of.key.slice(1))} size="sm" />
      ) : (
        <Icon name="users-round" size="s" />
      )}
      {of.name}
      {on && <Icon name="check" size="s" />}
    </button>
  )
}

const isLike = (name: string, sought: string) => name.toLowerCase().includes(sought.trim().toLowerCase())

/** A few people, or one team: a team takes the place of people and the other way round. */
function after(chosen: readonly string[], key: string, most: number): readonly string[] {
  if (chosen.includes(key)) return chosen.filter((one) => one !== key)
  if (key.startsWith('t')) return [key]
  return [...chosen.filter((one) => one.startsWith('p')), key].slice(-most)
}
