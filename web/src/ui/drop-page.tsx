import { useEffect, useState } from 'preact/hooks'
import { me, myTeams, onTablet } from '../session.ts'
import { t } from '../t.ts'
import { drop as forgetDraft } from './capture-draft.ts'
import { takeCarried } from './carried.ts'
import { DropForm } from './drop-form.tsx'
import { Empty } from './empty.tsx'
import { LinkTo } from './link-to.tsx'
import { membersOf } from './owner.tsx'
import { useShell } from './shell.ts'

/** In a team of fewer people its text tells who wrote (R21). */
const ENOUGH = 5

/** The drop box for whoever is in: nothing of what is written here bears their name. On a tablet a lock ends it. */
export function DropPage() {
  const shell = useShell()
  const [start] = useState(takeCarried)
  const who = me.value
  const typed = (has: boolean) => {
    shell.unkept.value = has
  }
  useEffect(() => {
    typed((start ?? '') !== '')
    return () => typed(false)
  }, [])
  const teams = myTeams().map(({ space, name }) => ({ space, name, few: membersOf(space).length < ENOUGH }))
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
      <DropForm
        teams={teams}
        to={who}
        start={start}
        typed={typed}
        {...(onTablet.value && { note: t('drop.not_kept') })}
        // Dropped under no name, the words are not to wait for the next tap under one.
        dropped={() => start && forgetDraft()}
        done={() => shell.go({ at: 'today' })}
      />
      <LinkTo to={{ at: 'claim' }} class="link">
        {t('claim.open')}
      </LinkTo>
    </div>
  )
}
