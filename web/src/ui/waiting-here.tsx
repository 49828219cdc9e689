import { type Card, cards, waiting } from '../replica.ts'
import { grants, me, net } from '../session.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'
import type { Route } from './route.ts'
import { useShell } from './shell.ts'

const SHOWN = 5
const KINDS = ['idea', 'observation', 'comment', 'task', 'relay_leg', 'task_answer', 'recognition'] as const

/** Where its words are read. */
function placeOf(card: Card & { on?: string | null }): Route {
  return card.kind === 'recognition' ? { at: 'thanks' } : { at: 'card', id: card.on ?? card.id }
}

/**
 * What others wrote at this tablet is theirs to wait for. Of what goes to several places my own copy stands for all:
 * neither a card in a space that I don't read, nor a thanks to a team, but what hangs on its wall does.
 */
const isMine = (card: Card) =>
  (card.by === null || card.by === me.value?.person) &&
  grants.value.some(({ space }) => space === card.space) &&
  (card.kind !== 'recognition' || (card.raw.origin ?? null) === null || (card.raw.sender ?? null) !== null)

/** What waits on this device. Nothing is lost: it leaves by itself when the network is back. */
export function WaitingHere() {
  const { online } = useShell()
  if (waiting.value === 0) return null
  const all = KINDS.flatMap((kind) => [...cards(kind).value]).filter(isMine)
  const here = all.filter((card) => card.state === 'here' || card.state === 'sending').slice(-SHOWN)
  return (
    <section aria-labelledby="waiting">
      <div class="sect">
        <h2 id="waiting">{t('today.waiting')}</h2>
        <span class="count">{waiting.value}</span>
      </div>
      <p class="sm soft">{online.value && net.value === 'online' ? t('today.leaving') : t('today.leaves')}</p>
      <ul class="list">
        {here.map((card) => (
          <li key={card.id}>
            <LinkTo to={placeOf(card)} class="row">
              <span class="disc wait">
                <Icon name={card.state === 'sending' ? 'cloud-upload' : 'cloud-off'} />
              </span>
              <span class="grow">
                <span class="t clamp1" lang={card.lang || undefined}>
                  {'title' in card ? card.title : card.text}
                </span>
                <span class="d">{card.state === 'sending' ? t('delivery.sending') : t('state.here')}</span>
              </span>
              <Icon name="chevron-right" />
            </LinkTo>
          </li>
        ))}
      </ul>
    </section>
  )
}
