import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'
import type { Route } from './route.ts'

/** The head of a leader's screen: the way back to where it is opened from, and its name. */
export function LeadingHead({ title, to, over = '' }: { title: string; to: Route; over?: string }) {
  return (
    <header class="bar">
      <LinkTo to={to} class="iconbtn" label={t('lead.back')}>
        <Icon name="chevron-left" />
      </LinkTo>
      <div class="grow">
        {over && <p class="sm soft">{over}</p>}
        <h1 tabIndex={-1}>{title}</h1>
      </div>
    </header>
  )
}
