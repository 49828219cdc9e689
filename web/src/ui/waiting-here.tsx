import { type Comment, cards, type Idea, type Observation, waiting } from '../replica.ts'
import { net } from '../session.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'
import { useShell } from './shell.ts'

const SHOWN = 5

/** What waits on this device. Nothing is lost: it leaves by itself when the network is back. */
export function WaitingHere() {
  const { online } = useShell()
  if (waiting.value === 0) return null
  const all: readonly (Idea | Observation | Comment)[] = [
    ...cards('idea').value,
    ...cards('observation').value,
    ...cards('comment').value,
  ]
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
            <LinkTo
              to={{ at: 'card', id: card.kind === 'comment' ? (card.on ?? card.id) : card.id }}
              class="row"
            >
              <span class="disc wait">
                <Icon name={card.state === 'sending' ? 'cloud-upload' : 'cloud-off'} />
              </span>
              <span class="grow">
                <span class="t clamp1" lang={card.lang || undefined}>
                  {card.kind === 'idea' ? card.title : card.text}
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
