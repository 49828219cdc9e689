import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals'
import { useRef, useState } from 'preact/hooks'
import { arrange, chooseStrength } from '../intents/strengths.ts'
import { cards, type StrengthCard } from '../replica.ts'
import { me, myTeams } from '../session.ts'
import { t } from '../t.ts'
import { LeadingHead } from './leading-head.tsx'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'
import { StrengthSheet } from './strength-sheet.tsx'
import { STRENGTHS, type Strength, strengthName, strengthText } from './strengths.ts'
import { TeamStrengths } from './team-strengths.tsx'
import { useTry } from './use-try.ts'

const MOST = 7

/** Vahvuuteni: cards that I have chosen and put in order by hand, for my eyes alone; below, what my teams share. */
export function StrengthsPage() {
  return (
    <div class="screen gut v gap4">
      <LeadingHead title={t('strengths.title')} to={{ at: 'me' }} />
      <Mine />
      {myTeams().map((team) => (
        <TeamStrengths key={team.space} space={team.space} name={team.name} />
      ))}
    </div>
  )
}

function Mine() {
  const own = me.value?.own ?? 0
  const mine = useComputed(() =>
    cards('strength_card')
      .value.filter((card) => card.space === own)
      .sort((a, b) => a.place - b.place || a.made - b.made),
  )
  const [open, setOpen] = useState<string | null>(null)
  const opened = mine.value.find((card) => card.id === open)
  const isFull = mine.value.length >= MOST
  return (
    <section class="panel v" aria-labelledby="strengths-mine">
      <h2 id="strengths-mine">{t('strengths.mine')}</h2>
      <p class="sm soft">{t('strengths.private')}</p>
      {mine.value.length > 0 && <Sorted mine={mine} open={setOpen} />}
      {isFull ? (
        <p class="soft">{t('strengths.full')}</p>
      ) : (
        <button type="button" class="btn soft" onClick={() => setOpen('new')}>
          {t('strengths.add')}
        </button>
      )}
      {open === 'new' && <Deck mine={mine.value} own={own} close={() => setOpen(null)} />}
      {opened && <StrengthSheet card={opened} close={() => setOpen(null)} />}
    </section>
  )
}

interface SortedProps {
  mine: ReadonlySignal<readonly StrengthCard[]>
  open: (id: string) => void
}

/** By hand: two buttons on each card, which also tell what happened; dragging is an extra where there is a mouse. */
function Sorted({ mine, open }: SortedProps) {
  const attempt = useTry()
  const dragged = useSignal('')
  const said = useSignal('')
  const moving = useRef(Promise.resolve())
  const moved = async (id: string, placeFrom: (at: number) => number) => {
    const order = mine.peek()
    const at = order.findIndex((one) => one.id === id)
    const to = placeFrom(at)
    const card = order[at]
    if (!card || to < 0 || to >= order.length) return
    const next = order.filter((one) => one.id !== id)
    next.splice(to, 0, card)
    if (!(await attempt(arrange(next)))) return
    said.value = t('strengths.moved', { name: strengthName(card.strength), place: to + 1 })
  }
  // Two quick taps are two moves: the second goes on from what the first has made.
  const move = (id: string, placeFrom: (at: number) => number) => {
    moving.current = moving.current.then(() => moved(id, placeFrom))
  }
  return (
    <>
      <ol class="list">
        {mine.value.map((card, i) => (
          <li
            key={card.id}
            class="row act wrap"
            draggable
            onDragStart={() => {
              dragged.value = card.id
            }}
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault()
              move(dragged.value, () => i)
            }}
          >
            <span class="grow">
              <span class="t">{strengthName(card.strength)}</span>
              <span class="d">{card.note || strengthText(card.strength)}</span>
            </span>
            <span class="h gap1 wrap">
              <Step
                words={t('strengths.up')}
                card={card}
                isOff={i === 0}
                go={() => move(card.id, (at) => at - 1)}
              />
              <Step
                words={t('strengths.down')}
                card={card}
                isOff={i === mine.value.length - 1}
                go={() => move(card.id, (at) => at + 1)}
              />
              <button type="button" class="btn quiet" onClick={() => open(card.id)}>
                {t('strengths.open')}
                <span class="vh"> {strengthName(card.strength)}</span>
              </button>
            </span>
          </li>
        ))}
      </ol>
      <p class="vh" role="status">
        {said}
      </p>
    </>
  )
}

interface StepProps {
  words: string
  card: StrengthCard
  isOff: boolean
  go: () => void
}

/** Stays where it is at the end of the list, so that the focus does too. */
function Step({ words, card, isOff, go }: StepProps) {
  return (
    <button type="button" class="btn quiet" aria-disabled={isOff} onClick={go}>
      {words}
      <span class="vh"> {strengthName(card.strength)}</span>
    </button>
  )
}

interface DeckProps {
  mine: readonly StrengthCard[]
  own: number
  close: () => void
}

/** The cards of the deck that are not mine yet. */
function Deck({ mine, own, close }: DeckProps) {
  const shell = useShell()
  const attempt = useTry()
  const left = STRENGTHS.filter((strength) => !mine.some((card) => card.strength === strength))
  const last = mine.reduce((most, card) => Math.max(most, card.place), 0)
  const choose = async (strength: Strength) => {
    const id = shell.clock.cardId()
    if (await attempt(chooseStrength({ id, space: own, strength, place: last + 1 }))) close()
  }
  return (
    <Sheet title={t('strengths.add')} close={close} shape="tall">
      <ul class="list">
        {left.map((strength) => (
          <li key={strength}>
            <button type="button" class="row" onClick={() => choose(strength)}>
              <span class="grow">
                <span class="t">{strengthName(strength)}</span>
                <span class="d">{strengthText(strength)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  )
}
