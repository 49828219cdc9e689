import { cards, shownReplica } from '../replica.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'
import { isNew } from './seen.ts'
import { useShell } from './shell.ts'
import { HIDE_WORDS } from './words.ts'

/** Cards of mine that somebody has hidden, wherever they were, until I have opened each: why, and the way there. */
export function HiddenMine() {
  const { seen } = useShell()
  const fresh = hiddenOfMine().filter(({ id, why }) => isNew(seen.value, id, why))
  if (fresh.length === 0) return null
  return (
    <section class="v gap2" aria-label={t('hidden.title')}>
      {fresh.map(({ id, why }) => (
        <div key={id} class="banner wait">
          <Icon name="eye" />
          <span class="grow">
            <b>{t('hidden.title')}</b>
            {t('hidden.why', { why })}
          </span>
          <LinkTo to={{ at: 'card', id }} class="btn plain">
            {t('late.look')}
          </LinkTo>
        </div>
      ))}
    </section>
  )
}

/** The reason as its author reads it. */
export function whyHidden([reason, text]: readonly [string, string]): string {
  const words = t(HIDE_WORDS[reason] ?? 'hide.other')
  if (text === '') return words
  return reason === 'other' ? text : `${words}: ${text}`
}

/** Lists leave hidden cards out, so the spaces are looked through; the lists say when something has changed. */
function hiddenOfMine(): { id: string; why: string }[] {
  for (const kind of ['idea', 'observation', 'comment'] as const) void cards(kind).value
  const mine = me.value?.person
  const spaces = [...(shownReplica()?.spaces.values() ?? [])]
  return spaces.flatMap(({ cards: rows }) =>
    [...rows.values()].flatMap(({ id, by, raw: { gone } }) => {
      if (by !== mine || !Array.isArray(gone) || gone[0] === 'withdrawn') return []
      return [{ id, why: whyHidden([String(gone[0] ?? ''), String(gone[1] ?? '')]) }]
    }),
  )
}
