import { useEffect, useMemo, useRef } from 'preact/hooks'
import { withdraw } from '../intents.ts'
import { card as cardOf } from '../replica.ts'
import { net } from '../session.ts'
import { t } from '../t.ts'
import type { CaptureDraft } from './capture-draft.ts'
import { Delivery } from './delivery.tsx'
import { Icon } from './icons.tsx'
import { useShell } from './shell.ts'

interface SavedProps {
  card: CaptureDraft
  done: () => void
  another: () => void
  undone: () => void
}

export const SavedCheck = () => (
  <span class="disc ok round saved-check">
    <Icon name="check" size="xl" />
  </span>
)

/** The words are safe: where they are now, where they go next, and the way back. */
export function Saved({ card, done, another, undone }: SavedProps) {
  const heading = useRef<HTMLParagraphElement>(null)
  const live = useMemo(() => cardOf(card.id), [card.id])
  useEffect(() => heading.current?.focus(), [])
  const { online } = useShell()
  const delivered = live.value?.state === 'delivered'
  const undo = async () => {
    if (live.value) await withdraw(live.value)
    undone()
  }
  const look =
    card.kind === 'idea'
      ? ({ tint: 'idea', icon: 'lightbulb' } as const)
      : ({ tint: 'notice', icon: 'eye' } as const)
  return (
    <>
      <p class="center" role="status" tabIndex={-1} ref={heading}>
        {live.value?.state === 'attention'
          ? t('attention.line', { count: 1 })
          : delivered
            ? t('saved.delivered')
            : online.value && net.value === 'online'
              ? t('saved.going')
              : t('saved.waits')}
      </p>
      <div class="saved-stream">
        <Delivery card={live} />
      </div>
      <article class={`note ${look.tint}`}>
        <span class="kind">
          <Icon name={look.icon} />
          {card.kind === 'idea' ? t('kind.idea') : t('kind.observation')}
        </span>
        <p class="clamp2" lang={card.lang}>
          {card.text}
        </p>
        {card.photos.length > 0 && (
          <p class="meta">
            <span>
              <Icon name="image" />
              {t('saved.photos', { count: card.photos.length })}
            </span>
          </p>
        )}
      </article>
      <div class="v gap2 saved-ways">
        <button type="button" class="btn pri full big" onClick={done}>
          {t('saved.done')}
        </button>
        <div class="h gap2">
          <button type="button" class="btn quiet grow" onClick={another}>
            <Icon name="plus" />
            {t('saved.another')}
          </button>
          <button type="button" class="btn quiet grow" onClick={undo}>
            <Icon name="undo-2" />
            {t('undo')}
          </button>
        </div>
      </div>
    </>
  )
}
