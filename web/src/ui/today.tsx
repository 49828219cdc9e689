import { attention, cards } from '../replica.ts'
import { grants, me } from '../session.ts'
import { lang, t } from '../t.ts'
import { Answers } from './answers.tsx'
import { Empty } from './empty.tsx'
import { HiddenMine } from './hidden-mine.tsx'
import { Icon } from './icons.tsx'
import { lazy } from './lazy.tsx'
import { LinkTo } from './link-to.tsx'
import { isOurs, News } from './news.tsx'
import { useShell } from './shell.ts'
import { SyncPill } from './sync-pill.tsx'
import { myTeamSpaces, useTeams } from './teams.ts'
import { ToAnswer } from './to-answer.tsx'
import { WaitingHere } from './waiting-here.tsx'
import { greeting, shortDate, weekday } from './when.ts'

const TasksToday = lazy(async () => (await import('./tasks-today.tsx')).TasksToday)
const LateLine = lazy(async () => (await import('./late-line.tsx')).LateLine)

/** Tänään: answers to my ideas, what waits for me, what is new, what waits on this device. */
export function Today() {
  const teams = useTeams().value
  return (
    <>
      <Hero />
      <div class="screen wide gut today">
        {attention.value.length > 0 && <AttentionLine />}
        <TasksToday />
        <LateLine />
        <HiddenMine />
        <ToAnswer teams={teams} />
        <Answers />
        <Lately />
        <WaitingHere />
      </div>
    </>
  )
}

/** What others have written, or why there is nothing to read. */
function Lately() {
  if (!grants.value.some((g) => g.kind === 'team' || g.kind === 'org')) return <NoTeam />
  const ours = new Set(myTeamSpaces())
  const all = [...cards('idea').value, ...cards('observation').value]
  return all.some((card) => isOurs(card, ours)) ? <News /> : <FirstUse />
}

function Hero() {
  const now = useShell().now.value
  const day = `${weekday(now, lang.value)} ${shortDate(now, lang.value)}`
  const where = grants.value.filter((g) => g.kind === 'team').map((g) => g.name)
  const name = me.value?.name.split(' ')[0] ?? ''
  return (
    <header class="hero wide">
      <div class="h between wrap">
        <span class="sm soft">{day.charAt(0).toUpperCase() + day.slice(1)}</span>
        <SyncPill />
      </div>
      <h1 tabIndex={-1}>{greeting(now, name)}</h1>
      <p class="soft">{where.length ? where.join(', ') : grants.value.find((g) => g.kind === 'org')?.name}</p>
      <div class="shore" />
    </header>
  )
}

function AttentionLine() {
  return (
    <section class="banner danger">
      <Icon name="circle-alert" />
      <span class="grow">
        <b>{t('attention.title')}</b>
        {t('attention.line', { count: attention.value.length })}
      </span>
      <LinkTo to={{ at: 'attention' }} class="btn plain">
        {t('attention.look')}
      </LinkTo>
    </section>
  )
}

function FirstUse() {
  const shell = useShell()
  return (
    <Empty heading="h2" drawing="sun" title={t('today.first')} text={t('today.first_text')}>
      <button type="button" class="btn soft" onClick={() => (shell.capture.value = 'idea')}>
        <Icon name="plus" />
        {t('nav.new')}
      </button>
    </Empty>
  )
}

/** Left or removed from the last team: the way back is a link. */
const NoTeam = () => (
  <Empty heading="h2" drawing="boat" title={t('today.no_team')} text={t('join.need_link')} />
)
