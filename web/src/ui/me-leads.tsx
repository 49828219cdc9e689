import { me } from '../session.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'

/** The way to the whole tree, for those who lead more than a team. Supervisors find theirs beside each team. */
export function MeLeads() {
  if (!me.value?.leads.some(([, role]) => role !== 'supervisor')) return null
  return (
    <section class="panel" aria-labelledby="me-leads">
      <h2 id="me-leads">{t('me.organisation')}</h2>
      <LinkTo to={{ at: 'organisation' }} class="row">
        <Icon name="users-round" />
        <span class="grow">
          <span class="t">{t('me.lead')}</span>
          <span class="d">{t('me.lead_text')}</span>
        </span>
        <Icon name="chevron-right" />
      </LinkTo>
    </section>
  )
}
