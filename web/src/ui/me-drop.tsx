import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'

/** The ways to the drop box and to what a claim code leads to. */
export function MeDrop() {
  return (
    <section class="panel" aria-labelledby="me-drop">
      <h2 id="me-drop">{t('drop.title')}</h2>
      <LinkTo to={{ at: 'drop' }} class="row">
        <Icon name="lightbulb" />
        <span class="grow">
          <span class="t">{t('drop.do')}</span>
          <span class="d">{t('drop.open_text')}</span>
        </span>
        <Icon name="chevron-right" />
      </LinkTo>
      <LinkTo to={{ at: 'claim' }} class="row">
        <Icon name="key-round" />
        <span class="grow">
          <span class="t">{t('claim.open')}</span>
        </span>
        <Icon name="chevron-right" />
      </LinkTo>
    </section>
  )
}
