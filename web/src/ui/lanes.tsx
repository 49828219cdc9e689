import type { Comment, Idea } from '../replica.ts'
import { t } from '../t.ts'
import type { BoardView, Lanes as LanesOf } from './board-view.ts'
import { Icon } from './icons.tsx'
import { Lane, NoIdeas, NoteList, useDrop } from './lane.tsx'
import { StageTabs } from './stage-tabs.tsx'
import type { Teams } from './teams.ts'
import { type BoardStage, STAGE_WORDS, STAGES } from './words.ts'

/** What every lane and note of the board is handed. */
export interface BoardTools {
  teams: Teams
  threads: ReadonlyMap<string, readonly Comment[]>
  /** Notes of several teams are shown, so each names its own. */
  named: boolean
  mayMove: (idea: Idea) => boolean
  askMove: (idea: Idea) => void
  moveTo: (idea: Idea, stage: BoardStage) => void
  drag: (idea: Idea | null) => void
  dragged: () => Idea | null
  keys: (event: KeyboardEvent) => void
}

interface LanesProps {
  lanes: LanesOf
  stage: BoardStage
  parked: boolean
  set: (part: Partial<BoardView>) => void
  tools: BoardTools
}

/** A desk's and a tablet's board: four columns, and Ei nyt as a drawer at the side. */
export function WideLanes({ lanes, parked, set, tools }: LanesProps) {
  return (
    <div class={parked ? 'lanes open' : 'lanes'}>
      <span class="river-line" />
      {STAGES.map((stage) => (
        <Lane key={stage} stage={stage} ideas={lanes[stage]} tools={tools} />
      ))}
      {parked ? (
        <div class="parked">
          <button type="button" class="link push" aria-expanded="true" onClick={() => set({ parked: false })}>
            {t('board.close_parked')}
            <Icon name="chevron-right" size="s" />
          </button>
          <Lane stage="not_now" ideas={lanes.not_now} tools={tools} />
        </div>
      ) : (
        <Drawer count={lanes.not_now.length} tools={tools} open={() => set({ parked: true })} />
      )}
    </div>
  )
}

interface DrawerProps {
  count: number
  tools: BoardTools
  open: () => void
}

/** Ei nyt, closed: how many there are. A note can be dropped on it all the same. */
function Drawer({ count, tools, open }: DrawerProps) {
  const { over, ...drop } = useDrop('not_now', tools)
  return (
    <button
      type="button"
      class={over ? 'drawer over' : 'drawer'}
      aria-expanded="false"
      onClick={open}
      {...drop}
    >
      <span class="count">{count}</span>
      <span class="upright">{t('stage.not_now')}</span>
      <Icon name="chevron-left" />
    </button>
  )
}

const SWIPE_PX = 60

/** A phone's board: one stage at a time, by tab or by swiping. */
export function PhoneLanes({ lanes, stage, set, tools }: LanesProps) {
  const choose = (next: BoardStage) => set({ stage: next })
  const swipe = useSwipe((step) => {
    const next = STAGES[STAGES.findIndex((s) => s === stage) + step]
    if (stage !== 'not_now' && next) choose(next)
  })
  return (
    <>
      <StageTabs lanes={lanes} stage={stage} choose={choose} />
      <div class="h between">
        <h2>{t(STAGE_WORDS[stage] ?? 'stage.new')}</h2>
        <button type="button" class="link sm" onClick={() => choose(stage === 'not_now' ? 'new' : 'not_now')}>
          {stage === 'not_now' ? t('board.back') : t('board.parked', { count: lanes.not_now.length })}
          <Icon name="chevron-right" size="s" />
        </button>
      </div>
      <div
        class="lane-phone"
        id="lane"
        role="tabpanel"
        aria-label={t(STAGE_WORDS[stage] ?? 'stage.new')}
        {...swipe}
      >
        {lanes[stage].length ? (
          <NoteList key={stage} ideas={lanes[stage]} tools={tools} />
        ) : (
          <NoIdeas stage={stage} />
        )}
      </div>
    </>
  )
}

/** One finger across: 1 to the next, -1 to the one before. Mostly upright movement is scrolling. */
function useSwipe(turn: (step: 1 | -1) => void) {
  let from: Touch | undefined
  return {
    onTouchStart: (event: TouchEvent) => {
      from = event.touches.length === 1 ? event.touches[0] : undefined
    },
    onTouchEnd: (event: TouchEvent) => {
      const to = event.changedTouches[0]
      if (!from || !to) return
      const x = to.clientX - from.clientX
      if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(to.clientY - from.clientY))
        turn(x < 0 ? 1 : -1)
    },
  }
}
