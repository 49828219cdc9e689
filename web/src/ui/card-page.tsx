import { useMemo } from 'preact/hooks'
import { card as cardOf, type Idea, type Observation, type Task } from '../replica.ts'
import { t } from '../t.ts'
import { AnswerForm } from './answer-form.tsx'
import { CardActions } from './card-actions.tsx'
import { CardHead } from './card-head.tsx'
import { CardStream } from './card-stream.tsx'
import { Conversation } from './conversation.tsx'
import { Empty } from './empty.tsx'
import { GoneCard } from './gone-card.tsx'
import { History } from './history.tsx'
import { lazy } from './lazy.tsx'
import { LinkTo } from './link-to.tsx'
import { Owner } from './owner.tsx'
import { Photos } from './photos.tsx'
import { Reactions } from './reactions.tsx'
import { ReplyBox } from './reply-box.tsx'
import { mineToAnswer } from './teams.ts'
import { useSeeing } from './use-seeing.ts'
import { VersionsNotice } from './versions.tsx'

const TaskPage = lazy(async () => (await import('./task-page.tsx')).TaskPage)

/** One card: its words, its stage, the answer, the conversation, what has happened to it. */
export function CardPage({ id }: { id: string }) {
  const live = useMemo(() => cardOf(id), [id])
  const card = live.value
  if (card?.gone) return <GoneCard card={card} />
  if (isIdea(card)) return <IdeaPage idea={card} />
  if (isObservation(card)) return <ObservationPage card={card} />
  if (isTask(card)) return <TaskPage task={card} />
  return (
    <div class="screen gut card-body">
      <Empty heading="h1" title={t('card.missing')} text={t('card.missing_text')}>
        <LinkTo to={{ at: 'board' }} class="btn">
          {t('card.back')}
        </LinkTo>
      </Empty>
    </div>
  )
}

const isIdea = (card: { kind: string } | undefined): card is Idea => card?.kind === 'idea'
const isObservation = (card: { kind: string } | undefined): card is Observation =>
  card?.kind === 'observation'
const isTask = (card: { kind: string } | undefined): card is Task => card?.kind === 'task'

function IdeaPage({ idea }: { idea: Idea }) {
  useSeeing(idea.id, idea.reply?.[0])
  const mine = mineToAnswer(idea) && !idea.reply && idea.stage === 'new'
  const said = idea.lang || undefined
  return (
    <>
      <CardHead card={idea} title={idea.title} />
      <div class="screen gut card-body">
        <CardStream idea={idea} />
        {idea.revived && <p class="banner">{t('card.revived')}</p>}
        {idea.text && (
          <p class="said" lang={said}>
            {idea.text}
          </p>
        )}
        {idea.forks.length > 0 && <VersionsNotice card={idea} />}
        {mine && <AnswerForm idea={idea} />}
        {idea.reply && <ReplyBox idea={idea} />}
        {idea.stage === 'not_now' && idea.reason && (
          <p class="quote" lang={said}>
            <b>{t('field.reason')}:</b> {idea.reason}
          </p>
        )}
        <Photos photos={idea.photos} />
        <Reactions card={idea} />
        <Owner idea={idea} />
        <CardActions card={idea} />
        <History card={idea} />
        <Conversation card={idea} />
      </div>
    </>
  )
}

function ObservationPage({ card }: { card: Observation }) {
  return (
    <>
      <CardHead card={card} title={t('kind.observation')} />
      <div class="screen gut card-body">
        {card.revived && <p class="banner">{t('card.revived')}</p>}
        <p class="said" lang={card.lang || undefined}>
          {card.text}
        </p>
        {card.forks.length > 0 && <VersionsNotice card={card} />}
        <Photos photos={card.photos} />
        <Reactions card={card} />
        <CardActions card={card} />
        <History card={card} />
        <Conversation card={card} />
      </div>
    </>
  )
}
