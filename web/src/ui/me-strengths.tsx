import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'

/** The way to my strengths. */
export function MeStrengths() {
  return (
    <section class="panel" aria-labelledby="me-strengths">
      <h2 id="me-strengths">{t('strengths.title')}</h2>
      <LinkTo to={{ at: 'strengths' }} class="row">
        <Icon name="layers-2" />
        <span class="grow">
          <span class="t">{t('strengths.go')}</span>
          <span class="d">{t('strengths.private')}</span>
        </span>
        <Icon name="chevron-right" />
      </LinkTo>
    </section>
  )
}
