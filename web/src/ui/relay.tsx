import { useState } from 'preact/hooks'
import { takeBaton } from '../intents/tasks.ts'
import { settleFork } from '../intents.ts'
import { person, type RelayLeg, type Task } from '../replica.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { Avatar } from './avatar.tsx'
import { HideButton } from './hide-button.tsx'
import { Icon } from './icons.tsx'
import { Photos } from './photos.tsx'
import { LegForm } from './relay-leg.tsx'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'
import { batonOf, batonWords, legsOf, mayTake, nameOf, shiftWords } from './tasks.ts'
import { useTry } from './use-try.ts'
import { ago } from './when.ts'

/** A task on its way over the shifts: its legs in order, who has the baton, and the place to go on. */
export function Relay({ task }: { task: Task }) {
  const { chain, notes } = legsOf(task)
  return (
    <section class="v gap4" aria-labelledby="relay">
      <h2 id="relay">{t('relay.chain')}</h2>
      {chain.length === 0 && <p class="sm soft">{t('relay.nothing_yet')}</p>}
      <ol class="steps">
        {chain.map((leg, i) => (
          <li key={leg?.id ?? i} class="done">
            {leg === null || leg.gone ? (
              <HiddenLeg number={i + 1} />
            ) : (
              <Leg leg={leg} title={shiftWords(leg, i === 0)} number={i + 1} />
            )}
          </li>
        ))}
      </ol>
      <Lost task={task} chain={chain} />
      <Turn task={task} />
      {notes.length > 0 && (
        <section aria-labelledby="notes">
          <h3 id="notes">{t('relay.notes')}</h3>
          <ul class="v">
            {notes.map((leg) => (
              <li key={leg.id} class="steps note-leg">
                <Leg leg={leg} title={t('relay.note')} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </section>
  )
}

/** Its place stays, so that the others keep theirs. */
const HiddenLeg = ({ number }: { number: number }) => (
  <>
    <span class="n">{number}</span>
    <p class="grow soft">{t('relay.hidden_leg')}</p>
  </>
)

function Leg({ leg, title, number }: { leg: RelayLeg; title: string; number?: number }) {
  const now = useShell().now.value
  return (
    <>
      {number === undefined ? <Avatar of={leg.by} size="sm" /> : <span class="n">{number}</span>}
      <div class="grow">
        <p class="t">{title}</p>
        <p class="sm soft">
          {nameOf(leg.by)} · {ago(leg.made, now)}
          {leg.state !== 'delivered' && ` · ${t('state.here')}`}
        </p>
        <p class="said" lang={leg.lang || undefined}>
          {leg.text}
        </p>
        <Photos photos={leg.photos} />
        <HideButton card={leg} />
      </div>
    </>
  )
}

/** Who has the baton; taking it, or writing the leg that it is held for. */
function Turn({ task }: { task: Task }) {
  const tried = useTry()
  const [asks, ask] = useState(false)
  const { state, person: number } = batonOf(task)
  const mine = state === 'held' && number === me.value?.person
  const take = () => {
    ask(false)
    if (me.value) tried(takeBaton(task, me.value.person))
  }
  return (
    <div class="panel v gap4">
      <p class="h gap2" aria-live="polite">
        <Icon name={state === 'finished' ? 'check-check' : 'move-right'} />
        <b>{batonWords(task)}</b>
      </p>
      {mayTake(task) && (
        <button
          type="button"
          class={state === 'held' ? 'btn quiet full' : 'btn pri full'}
          onClick={state === 'held' ? () => ask(true) : take}
        >
          {t('relay.take')}
        </button>
      )}
      {asks && (
        <Sheet title={t('relay.with', { name: nameOf(number) })} close={() => ask(false)}>
          <p>{t('relay.take_over')}</p>
          <button type="button" class="btn pri full big" onClick={take}>
            {t('relay.take')}
          </button>
        </Sheet>
      )}
      <LegForm key={task.id} task={task} isMine={mine} />
    </div>
  )
}

/** Somebody else was first: said kindly, and the words stay as a side note. */
function Lost({ task, chain }: { task: Task; chain: readonly (RelayLeg | null)[] }) {
  const tried = useTry()
  const forks = task.forks.filter((fork) => fork.field === 'baton' && fork.by === me.value?.person)
  const fork = forks[0]
  if (!fork) return null
  const lost = Array.isArray(fork.value) ? Number(fork.value[0]) : 0
  const taker = chain[lost - 1]?.by ?? batonOf(task).person
  const name = taker === me.value?.person ? undefined : person(taker)?.name
  const settle = async () => {
    for (const one of forks) if (!(await tried(settleFork(task, one, 'shown')))) return
  }
  return (
    <div class="banner" role="status">
      <Icon name="hand-helping" />
      <span class="grow">
        <b>{name ? t('relay.was_first', { name }) : t('relay.somebody_was_first')}</b>
        {t('relay.words_kept')}
      </span>
      <button type="button" class="btn plain" onClick={settle}>
        {t('relay.understood')}
      </button>
    </div>
  )
}
