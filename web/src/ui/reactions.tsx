import { iHelp, letsTry, sameHere } from '../intents.ts'
import { type Idea, mark, type Observation, person } from '../replica.ts'
import { may, me } from '../session.ts'
import { t } from '../t.ts'
import { Icon, type IconName } from './icons.tsx'
import { useTry } from './use-try.ts'

/** Meilläkin, kokeillaan, autan: totals only. "Autan" shows names, because it is an offer. */
export function Reactions({ card }: { card: Idea | Observation }) {
  const same = mark(card, 'same_here')
  return (
    <section aria-label={t('react.title')} class="v gap2">
      <div class="react">
        <React
          icon="users-round"
          words={t('react.same_here')}
          count={card.same_here}
          on={same}
          locked={!may(card, 'same_here')}
          set={(on) => sameHere(card, on)}
        />
        {card.kind === 'idea' && <IdeaReactions idea={card} />}
      </div>
      {card.kind === 'idea' && <Helpers idea={card} />}
    </section>
  )
}

function IdeaReactions({ idea }: { idea: Idea }) {
  const own = String(me.value?.person ?? '')
  return (
    <>
      <React
        icon="sprout"
        words={t('react.lets_try')}
        count={idea.lets_try}
        on={mark(idea, 'lets_try')}
        locked={!may(idea, 'lets_try')}
        set={(on) => letsTry(idea, on)}
      />
      <React
        icon="hand-helping"
        words={t('react.i_help')}
        count={Object.keys(idea.i_help).length}
        on={own in idea.i_help}
        locked={!may(idea, 'i_help')}
        set={(on) => iHelp(idea, on)}
      />
    </>
  )
}

interface ReactProps {
  icon: IconName
  words: string
  count: number
  on: boolean
  locked: boolean
  set: (on: boolean) => Promise<void>
}

function React({ icon, words, count, on, locked, set }: ReactProps) {
  const tried = useTry()
  return (
    <button
      type="button"
      class="btn"
      aria-pressed={on}
      aria-disabled={locked}
      onClick={() => {
        if (!locked) tried(set(!on))
      }}
    >
      <Icon name={on ? 'check' : icon} size="s" />
      {words}
      {count > 0 && <span class="num">{count}</span>}
    </button>
  )
}

function Helpers({ idea }: { idea: Idea }) {
  const names = Object.keys(idea.i_help).flatMap((number) => person(Number(number))?.name ?? [])
  if (!names.length) return null
  return <p class="sm soft">{t('react.helpers', { names: names.join(', ') })}</p>
}
