import { type Comment, card as cardOf, cards, type Idea, type Observation, person } from '../replica.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { Avatar } from './avatar.tsx'
import { LinkTo } from './link-to.tsx'
import { useShell } from './shell.ts'
import { myTeamSpaces } from './teams.ts'
import { ago, DAY_MS } from './when.ts'

const SHOWN = 7
const RECENT_MS = 14 * DAY_MS
type Said = Idea | Observation | Comment

/** What others have written in my teams lately; seven at most, then a calm end. */
export function News() {
  const now = useShell().now.value
  const mine = new Set(myTeamSpaces())
  const all: readonly Said[] = [
    ...cards('idea').value,
    ...cards('observation').value,
    ...cards('comment').value,
  ]
  const fresh = all.filter(
    (card) => card.made > now - RECENT_MS && card.by !== me.value?.person && isOurs(card, mine),
  )
  const shown = fresh.sort((a, b) => b.made - a.made).slice(0, SHOWN)
  return (
    <section aria-labelledby="news">
      <div class="sect">
        <h2 id="news">{t('today.news')}</h2>
        <LinkTo to={{ at: 'board' }} class="link">
          {t('today.board')}
        </LinkTo>
      </div>
      <ul class="list">
        {shown.map((card) => (
          <li key={card.id}>
            <NewsRow card={card} now={now} />
          </li>
        ))}
      </ul>
      <p class="sm soft">{t('today.rest')}</p>
    </section>
  )
}

/** Whether a card belongs to my teams; without a team, whatever I may read. */
export const isOurs = (card: Said, mine: ReadonlySet<number>) =>
  mine.size === 0 ||
  mine.has(card.space) ||
  (card.kind !== 'comment' && card.team !== null && mine.has(card.team))

function NewsRow({ card, now }: { card: Said; now: number }) {
  const about = card.kind === 'comment' && card.on ? cardOf(card.on).value : card
  const name = person(card.by)?.name ?? t('card.no_name')
  const what = { idea: t('news.idea'), observation: t('news.observation'), comment: t('news.comment') }[
    card.kind
  ]
  const words = card.kind === 'idea' ? card.title : card.text
  return (
    <LinkTo to={{ at: 'card', id: about?.id ?? card.id }} class="row">
      <Avatar of={card.by} />
      <span class="grow">
        <span class="t clamp2" lang={card.lang || undefined}>
          {words}
        </span>
        <span class="d">
          {name} · {what} · {ago(card.made, now)}
        </span>
      </span>
    </LinkTo>
  )
}
