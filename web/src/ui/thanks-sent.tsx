import { useState } from 'preact/hooks'
import type { Recognition } from '../replica.ts'
import { cards, person } from '../replica.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { ownSpace } from '../thanks.ts'
import { Icon } from './icons.tsx'
import { ThanksNote } from './thanks-note.tsx'
import { teamReceivers } from './thanks-people.ts'

/** My own copies of what I have given, folded away: whether it has left, and to whom; no number of them (H4). */
export function ThanksSent() {
  const [open, setOpen] = useState(false)
  const own = ownSpace()
  const mine = cards('recognition').value.filter((one) => one.space === own && one.by === me.value?.person)
  if (mine.length === 0) return null
  return (
    <section class="v" aria-labelledby="thanks-given">
      <h2 id="thanks-given">
        <button type="button" class="btn quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('thanks.given')}
          <Icon name={open ? 'chevron-down' : 'chevron-right'} size="s" />
        </button>
      </h2>
      {open && mine.toSorted((a, b) => b.made - a.made).map((one) => <Given key={one.id} of={one} />)}
    </section>
  )
}

function Given({ of }: { of: Recognition }) {
  const names = Object.keys(of.to).map((number) => person(Number(number))?.name ?? t('card.no_name'))
  const team = teamReceivers().find(({ key }) => key === `t${of.to_team}`)?.name
  const to = of.to_team === null ? names.join(', ') : (team ?? t('thanks.some_team'))
  return <ThanksNote of={of} face={me.value?.person ?? null} title={t('thanks.given_to', { to })} />
}
