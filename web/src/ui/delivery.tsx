import type { ReadonlySignal } from '@preact/signals'
import type { Card } from '../replica.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { useShell } from './shell.ts'

const settled = (state: Card['state'] | undefined) => (state === 'delivered' ? state : 'here')

const STEPS = ['here', 'sending', 'delivered'] as const

/** Laitteessa → Matkalla → Perillä for one card. A refused one stays at the first step. */
export function Delivery({ card }: { card: ReadonlySignal<Card | undefined> }) {
  // Without a network nothing is on its way, whatever was tried last.
  const state = useShell().online.value ? (card.value?.state ?? 'here') : settled(card.value?.state)
  const now = state === 'delivered' ? 2 : state === 'sending' ? 1 : 0
  const words = [t('delivery.here'), t('delivery.sending'), t('delivery.delivered')]
  return (
    <ol
      class="stream mini"
      style={{ '--n': 3, '--ground': 'var(--v-surface)' }}
      aria-label={t('delivery.name')}
    >
      {STEPS.map((step, i) => (
        <li
          key={step}
          class={i < now ? 'done' : i > now ? 'ahead' : ''}
          {...(i === now ? { 'aria-current': 'step' as const } : {})}
        >
          <span class="n">
            {i <= now && (
              <Icon name={i === 2 ? 'check-check' : i === 1 && now === 1 ? 'arrow-right' : 'check'} />
            )}
          </span>
          {words[i]}
        </li>
      ))}
    </ol>
  )
}
