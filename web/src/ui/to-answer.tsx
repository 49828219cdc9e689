import { cards, person } from '../replica.ts'
import { lang, t } from '../t.ts'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'
import { useShell } from './shell.ts'
import { mineToAnswer, replyDue, type Teams } from './teams.ts'
import { daysBetween, shortDate, weekday } from './when.ts'

const SHOWN = 7

/** For supervisors: ideas that wait for my answer, the longest wait first. */
export function ToAnswer({ teams }: { teams: Teams }) {
  const now = useShell().now.value
  const due = cards('idea')
    .value.filter(mineToAnswer)
    .flatMap((idea) => {
      const at = replyDue(idea, teams)
      return at === null ? [] : [{ idea, at }]
    })
    .sort((a, b) => a.at - b.at)
  if (!due.length) return null
  return (
    <section aria-labelledby="to-answer">
      <div class="sect">
        <h2 id="to-answer">{t('today.to_answer')}</h2>
        <span class="count">{due.length}</span>
      </div>
      <ul class="list">
        {due.slice(0, SHOWN).map(({ idea, at }) => (
          <li key={idea.id} class="row act">
            <span class="disc idea">
              <Icon name="lightbulb" />
            </span>
            <span class="grow">
              <span class="t" lang={idea.lang || undefined}>
                {idea.title}
              </span>
              <span class="d">
                {person(idea.by)?.name ?? t('card.no_name')} ·{' '}
                {at < now ? (
                  <span class="late">{t('note.waited', { count: daysBetween(idea.made, now) })}</span>
                ) : (
                  t('today.by', { date: `${weekday(at, lang.value)} ${shortDate(at, lang.value)}` })
                )}
              </span>
            </span>
            <LinkTo
              to={{ at: 'card', id: idea.id }}
              class="btn soft"
              label={t('today.answer_to', { title: idea.title })}
            >
              {t('today.answer')}
            </LinkTo>
          </li>
        ))}
      </ul>
    </section>
  )
}
