import { type Idea, type Observation, person } from '../replica.ts'
import { lang, t } from '../t.ts'
import { Avatar } from './avatar.tsx'
import { Icon } from './icons.tsx'
import { useShell } from './shell.ts'
import { useTeams } from './teams.ts'
import { shortDate } from './when.ts'
import { nameIn, OBSERVATION_WORDS } from './words.ts'

/** The tinted top: the way back, what it is, its title, who wrote it and when, where it is now. */
export function CardHead({ card, title }: { card: Idea | Observation; title: string }) {
  const shell = useShell()
  const idea = card.kind === 'idea'
  const team = card.team === null ? undefined : useTeams().value.get(card.team)
  const type = card.kind === 'observation' && card.type ? OBSERVATION_WORDS[card.type] : undefined
  const back = () => {
    if (history.state?.inside) history.back()
    else shell.go({ at: 'board' })
  }
  return (
    <header class={`card-top ${idea ? 'idea' : 'notice'}`}>
      <div class="bar">
        <button type="button" class="iconbtn" aria-label={t('card.back')} onClick={back}>
          <Icon name="chevron-left" />
        </button>
        <span class="kind grow">
          <Icon name={idea ? 'lightbulb' : 'eye'} />
          {idea ? t('kind.idea') : t('kind.observation')}
          {type && ` · ${t(type)}`}
        </span>
        <span class="sm">{stateWords(card.state)}</span>
      </div>
      <h1 tabIndex={-1} lang={idea ? card.lang || undefined : undefined} class={idea ? '' : 'vh'}>
        {title}
      </h1>
      <p class="h gap2 sm wrap">
        {card.by !== null && <Avatar of={card.by} size="sm" />}
        {person(card.by)?.name ?? t('card.no_name')} · {shortDate(card.made, lang.value, shell.now.value)}
        {team && ` · ${nameIn(team.names, lang.value)}`}
      </p>
    </header>
  )
}

/** Where these words are, in words. */
export function stateWords(state: Idea['state']): string {
  const words = {
    here: t('state.here'),
    sending: t('delivery.sending'),
    delivered: t('delivery.delivered'),
    attention: t('note.attention'),
  }
  return words[state]
}
