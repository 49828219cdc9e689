import { me, myTeams } from '../session.ts'
import { t } from '../t.ts'
import { DropForm } from './drop-form.tsx'
import { Empty } from './empty.tsx'
import { LinkTo } from './link-to.tsx'
import { useShell } from './shell.ts'

/** The drop box on somebody's own device: nothing of what is written here bears their name. */
export function DropPage() {
  const shell = useShell()
  const who = me.value
  const teams = myTeams()
  if (who === null || teams.length === 0)
    return (
      <div class="screen gut">
        <Empty heading="h1" title={t('drop.title')} text={t('capture.no_team')} />
      </div>
    )
  return (
    <div class="screen gut v gap4">
      <header class="me-head">
        <h1 tabIndex={-1}>{t('drop.title')}</h1>
      </header>
      <DropForm teams={teams} to={who} done={() => shell.go({ at: 'today' })} />
      <LinkTo to={{ at: 'claim' }} class="link">
        {t('claim.open')}
      </LinkTo>
    </div>
  )
}
