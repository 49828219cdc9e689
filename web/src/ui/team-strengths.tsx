import { useComputed } from '@preact/signals'
import { cards, person, type SharedStrength } from '../replica.ts'
import { t } from '../t.ts'
import { Avatar } from './avatar.tsx'
import { mapOf, type StrengthMap } from './strength-map.ts'
import { STRENGTHS, type Strength, strengthName } from './strengths.ts'

interface TeamStrengthsProps {
  space: number
  name: string
}

/** A team's map of strengths, from shared cards alone, and these cards under the names of who shared them. */
export function TeamStrengths({ space, name }: TeamStrengthsProps) {
  const members = useComputed(
    () =>
      new Set(
        cards('member')
          .value.filter((one) => one.space === space)
          .map(({ person: number }) => number),
      ),
  )
  const shared = useComputed(() =>
    cards('shared_strength').value.filter(
      (one) => one.space === space && one.by !== null && members.value.has(one.by),
    ),
  )
  const map = mapOf(shared.value, members.value)
  const id = `strengths-${space}`
  return (
    <section class="panel v" aria-labelledby={id}>
      <h2 id={id}>{t('strengths.map', { team: name })}</h2>
      {map ? <MapWords map={map} /> : <p class="soft">{t('strengths.map_few')}</p>}
      {shared.value.length > 0 && <Shared cards={shared.value} />}
    </section>
  )
}

function MapWords({ map }: { map: StrengthMap }) {
  return (
    <>
      <Group label={t('strengths.many')} of={map.many} />
      <Group label={t('strengths.some')} of={map.some} />
    </>
  )
}

function Group({ label, of }: { label: string; of: readonly Strength[] }) {
  if (!of.length) return null
  return (
    <div class="v gap2">
      <h3>{label}</h3>
      <ul class="h wrap gap2 bare">
        {of.map((strength) => (
          <li key={strength} class="tag thanks">
            {strengthName(strength)}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** In the order of the deck, then by name: nobody stands first. */
function Shared({ cards: shared }: { cards: readonly SharedStrength[] }) {
  const nameOf = (card: SharedStrength) => person(card.by)?.name ?? ''
  const sorted = [...shared].sort(
    (a, b) =>
      STRENGTHS.indexOf(a.strength) - STRENGTHS.indexOf(b.strength) || nameOf(a).localeCompare(nameOf(b)),
  )
  return (
    <details>
      <summary class="btn quiet">{t('strengths.shared')}</summary>
      <ul class="list">
        {sorted.map((card) => (
          <li key={card.id} class="row">
            <Avatar of={card.by} size="sm" />
            <span class="grow">
              <span class="t">{strengthName(card.strength)}</span>
              <span class="d">{[nameOf(card), card.note].filter(Boolean).join(': ')}</span>
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}
