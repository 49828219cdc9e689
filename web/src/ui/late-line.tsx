import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { listLate } from './late.ts'
import { LinkTo } from './link-to.tsx'
import { useAsked } from './use-asked.ts'

/** A quiet line: late words wait for a decision, somebody's who has left or my own. */
export function LateLine() {
  const { value } = useAsked(listLate)
  const items = value?.items ?? []
  if (items.length === 0) return null
  return (
    <section class="banner" aria-label={t('late.title')}>
      <Icon name="hourglass" />
      <span class="grow">
        <b>{t(items.every((one) => one.mine) ? 'late.mine' : 'late.title')}</b>
        {t('late.line', { count: items.length })}
      </span>
      <LinkTo to={{ at: 'attention' }} class="btn plain">
        {t('late.look')}
      </LinkTo>
    </section>
  )
}
