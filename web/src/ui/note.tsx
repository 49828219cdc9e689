import type { Idea, Observation, Team } from '../replica.ts'
import { person } from '../replica.ts'
import { lang, t } from '../t.ts'
import { Avatar } from './avatar.tsx'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'
import { useShell } from './shell.ts'
import { replyDue, type Teams } from './teams.ts'
import { daysBetween, ofDate, shortDate } from './when.ts'
import { capital, nameIn, OBSERVATION_WORDS, STAGE_LOOK, STAGE_WORDS } from './words.ts'

interface NoteProps {
  idea: Idea
  teams: Teams
  comments: number
  /** Show the stage as a word: in a search, where lanes don't say it. */
  staged?: boolean
  /** Name the team: where notes of several are shown. */
  named?: boolean
  move?: (idea: Idea) => void
  drag?: (idea: Idea | null) => void
}

/** One idea as a note on the board. */
export function Note({ idea, teams, comments, staged, named, move, drag }: NoteProps) {
  const look = STAGE_LOOK[idea.stage] ?? { tint: 'idea', icon: 'lightbulb' as const }
  const handle = drag ? { draggable: true, onDragStart: () => drag(idea), onDragEnd: () => drag(null) } : {}
  return (
    <article class={`note ${look.tint}`} data-card={idea.id} {...handle}>
      <div class="h between">
        <span class="kind">
          <Icon name={look.icon} />
          {staged ? t(STAGE_WORDS[idea.stage] ?? 'stage.new') : t('kind.idea')}
        </span>
        <Fact idea={idea} teams={teams} />
      </div>
      <h3>
        <LinkTo to={{ at: 'card', id: idea.id }} class="open" lang={idea.lang || undefined}>
          {idea.title}
        </LinkTo>
      </h3>
      {idea.stage === 'not_now' && idea.reason && (
        <p class="sm clamp2" lang={idea.lang || undefined}>
          {idea.reason}
        </p>
      )}
      <div class="meta">
        <Author of={idea.by} team={named ? teams.get(idea.team ?? 0) : undefined} />
        <Marks idea={idea} comments={comments} />
        {move && (
          <button
            type="button"
            class="iconbtn more"
            aria-label={t('move.open', { title: idea.title })}
            onClick={() => move(idea)}
          >
            <Icon name="move-right" />
          </button>
        )}
      </div>
    </article>
  )
}

export function Author({ of, team }: { of: number | null; team?: Team | undefined }) {
  return (
    <span>
      {of !== null && <Avatar of={of} size="sm" />}
      {[person(of)?.name ?? t('card.no_name'), team && nameIn(team.names, lang.value)]
        .filter(Boolean)
        .join(' · ')}
    </span>
  )
}

function Marks({ idea, comments }: { idea: Idea; comments: number }) {
  return (
    <>
      <span class="push" />
      {idea.same_here > 0 && (
        <span>
          <Icon name="users-round" />
          <span aria-hidden="true">{idea.same_here}</span>
          <span class="vh">{t('note.same_here', { count: idea.same_here })}</span>
        </span>
      )}
      {comments > 0 && (
        <span>
          <Icon name="message-circle" />
          <span aria-hidden="true">{comments}</span>
          <span class="vh">{t('note.comments', { count: comments })}</span>
        </span>
      )}
    </>
  )
}

/** The one fact at the right: kept here only, waited too long, answered by, back on. */
function Fact({ idea, teams }: { idea: Idea; teams: Teams }) {
  const now = useShell().now.value
  if (idea.state !== 'delivered') {
    return (
      <span class="tag">
        <Icon name={idea.state === 'attention' ? 'circle-alert' : 'cloud-off'} />
        {idea.state === 'attention' ? t('note.attention') : t('note.here')}
      </span>
    )
  }
  if (idea.forks.length) return <span class="tag">{t('note.versions')}</span>
  const due = replyDue(idea, teams)
  if (due !== null && due < now) {
    return (
      <span class="tag">
        <Icon name="hourglass" />
        {t('note.waited', { count: daysBetween(idea.made, now) })}
      </span>
    )
  }
  if (due !== null)
    return <span class="sm">{t('note.answer_by', { date: shortDate(due, lang.value, now) })}</span>
  if (idea.revisit && idea.stage === 'not_now')
    return (
      <span class="sm">{t('note.revisit', { date: shortDate(ofDate(idea.revisit), lang.value, now) })}</span>
    )
  return null
}

/** One observation: light, for the strip under the board. */
export function ObservationNote({ card, team }: { card: Observation; team?: Team | undefined }) {
  return (
    <article class="note notice">
      <span class="kind">
        <Icon name="eye" />
        {capital(t(OBSERVATION_WORDS[card.type ?? ''] ?? 'kind.observation'))}
      </span>
      <p class="clamp2">
        <LinkTo to={{ at: 'card', id: card.id }} class="open" lang={card.lang || undefined}>
          {card.text}
        </LinkTo>
      </p>
      <div class="meta">
        <Author of={card.by} team={team} />
      </div>
    </article>
  )
}
