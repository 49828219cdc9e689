import { cards, type Idea } from '../replica.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'
import { isNew } from './seen.ts'
import { useShell } from './shell.ts'
import { STAGE_LOOK, STAGE_WORDS } from './words.ts'

const SHOWN = 3

/** Answers to my ideas: those not yet opened first, with a dot; then the newest. */
export function Answers() {
  const shell = useShell()
  const mine = cards('idea').value.filter((idea) => idea.by === me.value?.person && idea.reply)
  if (!mine.length) return null
  const fresh = mine.filter((idea) => isNew(shell.seen.value, idea.id, idea.reply?.[0] ?? ''))
  const rest = mine.filter((idea) => !fresh.includes(idea))
  const shown = [...fresh.reverse(), ...rest.reverse()].slice(0, Math.max(SHOWN, fresh.length))
  return (
    <section aria-labelledby="answers">
      <div class="sect">
        <h2 id="answers">{t('today.answers')}</h2>
        {fresh.length > 0 && <span class="dot" role="img" aria-label={t('today.new')} />}
      </div>
      <ul class="v">
        {shown.map((idea) => (
          <li key={idea.id}>
            <Answer idea={idea} fresh={fresh.includes(idea)} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Answer({ idea, fresh }: { idea: Idea; fresh: boolean }) {
  const look = STAGE_LOOK[idea.stage]
  return (
    <article class="note idea">
      <div class="h between">
        <h3 class="kind">
          <Icon name="lightbulb" />
          <LinkTo to={{ at: 'card', id: idea.id }} class="open" lang={idea.lang || undefined}>
            {idea.title}
          </LinkTo>
        </h3>
        {fresh && <span class="sm late">{t('today.new')}</span>}
      </div>
      <p class="sm clamp2" lang={idea.lang || undefined}>
        <b>{t('today.answer_says')}</b> ”{idea.reply?.[0]}”
      </p>
      <div class="h gap2 wrap sm">
        <span class="tag">{t('stage.new')}</span>
        <Icon name="arrow-right" size="s" />
        <span class={`tag ${look?.tint === 'pilot' ? 'pilot' : ''}`}>
          {look && <Icon name={look.icon} />}
          {t(STAGE_WORDS[idea.stage] ?? 'stage.new')}
        </span>
      </div>
    </article>
  )
}
