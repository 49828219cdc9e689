import { useMemo } from 'preact/hooks'
import { cards, type Idea, type Observation } from '../replica.ts'
import { t } from '../t.ts'
import { find } from './board-view.ts'
import { Empty } from './empty.tsx'
import type { BoardTools } from './lanes.tsx'
import { Note, ObservationNote } from './note.tsx'
import { VirtualList } from './virtual-list.tsx'

const NOTE_PX = 150

/** What the search found, over all stages and teams on this device. */
export function Hits({ query, tools }: { query: string; tools: BoardTools }) {
  const ideas = cards('idea').value
  const observations = cards('observation').value
  const hits = useMemo(
    () => [...find(ideas, query), ...find(observations, query)],
    [ideas, observations, query],
  )
  const several = tools.teams.size > 1
  const row = (card: Idea | Observation) =>
    card.kind === 'idea' ? (
      <Note
        idea={card}
        teams={tools.teams}
        comments={tools.threads.get(card.id)?.length ?? 0}
        staged
        named={several}
        {...(tools.mayMove(card) ? { move: tools.askMove } : {})}
      />
    ) : (
      <ObservationNote card={card} team={several ? tools.teams.get(card.team ?? 0) : undefined} />
    )
  return (
    <section class="hits" aria-labelledby="hits">
      <h2 id="hits" class="vh">
        {t('board.hits')}
      </h2>
      <p class="sm soft sect" role="status">
        {t('board.found', { count: hits.length })}
      </p>
      {hits.length ? (
        <VirtualList items={hits} keyOf={(card) => card.id} guess={NOTE_PX} render={row} />
      ) : (
        <Empty title={t('board.no_hits', { query: query.trim() })} text={t('board.no_hits_text')} />
      )}
    </section>
  )
}
