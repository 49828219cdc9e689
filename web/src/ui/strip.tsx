import { useComputed } from '@preact/signals'
import { cards } from '../replica.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { ObservationNote } from './note.tsx'
import type { Teams } from './teams.ts'

const SHOWN = 30

/** The newest observations as a light strip under the board. */
export function ObservationStrip({ team, mine, teams }: { team: number; mine: boolean; teams: Teams }) {
  const all = useComputed(() => cards('observation').value).value
  const here = all.filter((card) => (!team || card.team === team) && (!mine || card.by === me.value?.person))
  if (!here.length) return null
  return (
    <section aria-labelledby="strip">
      <div class="sect">
        <h2 id="strip">{t('board.observations')}</h2>
        <span class="count">{here.length}</span>
      </div>
      <ul class="strip">
        {here
          .slice(-SHOWN)
          .reverse()
          .map((card) => (
            <li key={card.id}>
              <ObservationNote card={card} team={team ? undefined : teams.get(card.team ?? 0)} />
            </li>
          ))}
      </ul>
    </section>
  )
}
