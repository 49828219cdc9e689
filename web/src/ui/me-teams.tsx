import { useState } from 'preact/hooks'
import { type Grant, grants, me } from '../session.ts'
import { t } from '../t.ts'
import { leaveTeam, whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { InviteSheet } from './invite.tsx'
import type { DutiesTo } from './leading.ts'
import { LeftBehind } from './left-behind.tsx'
import { LinkTo } from './link-to.tsx'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'
import { WaitingFirst } from './waiting-first.tsx'
import { ROLE_WORDS } from './words.ts'

/** My teams: invite to those that I lead, leave any. */
export function MeTeams() {
  const teams = grants.value.filter((g) => g.kind === 'team')
  const [open, setOpen] = useState<{ team: Grant; what: 'invite' | 'leave' } | null>(null)
  const close = () => setOpen(null)
  if (!teams.length) return null
  return (
    <section class="panel v" aria-labelledby="me-teams">
      <h2 id="me-teams">{t('me.teams')}</h2>
      <ul class="list">
        {teams.map((team) => (
          <li key={team.space} class="row act">
            <span class="grow">
              <span class="t">{team.name}</span>
              <span class="d">{t(ROLE_WORDS[team.role] ?? 'role.staff')}</span>
            </span>
            {team.role === 'supervisor' && (
              <LinkTo to={{ at: 'place', space: team.space }} class="btn soft">
                <Icon name="users-round" size="s" />
                {t('title.leading')}
                <span class="vh"> {team.name}</span>
              </LinkTo>
            )}
            {team.role === 'supervisor' && (
              <button type="button" class="btn soft" onClick={() => setOpen({ team, what: 'invite' })}>
                <Icon name="qr-code" size="s" />
                {t('invite.open')}
              </button>
            )}
            <button type="button" class="btn quiet" onClick={() => setOpen({ team, what: 'leave' })}>
              {t('leave.open')}
            </button>
          </li>
        ))}
      </ul>
      {open?.what === 'invite' && <InviteSheet team={open.team} close={close} />}
      {open?.what === 'leave' && <LeaveSheet team={open.team} close={close} />}
    </section>
  )
}

/** Leaving can't be undone by oneself, so it is confirmed; what was written stays with the team. */
function LeaveSheet({ team, close }: { team: Grant; close: () => void }) {
  const shell = useShell()
  const [to, setTo] = useState<DutiesTo | null>(null)
  const [fault, setFault] = useState('')
  const person = me.value?.person ?? 0
  const leave = async () => {
    const left = await leaveTeam(person, team.space, to ?? {})
    if (!left.ok) return setFault(whyNot(left))
    close()
    shell.say({ text: t('leave.done', { team: team.name }) })
  }
  return (
    <Sheet title={t('leave.title', { team: team.name })} close={close} alert>
      <p>{t('leave.text')}</p>
      <WaitingFirst />
      <LeftBehind person={person} space={team.space} to={to} set={setTo} />
      <Fault words={fault} />
      <div class="h gap2 end wrap">
        <button type="button" class="btn quiet" onClick={close} data-focus>
          {t('leave.no')}
        </button>
        <button type="button" class="btn bad" disabled={!to} onClick={leave}>
          {t('leave.do')}
        </button>
      </div>
    </Sheet>
  )
}
