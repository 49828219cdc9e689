import { useRef, useState } from 'preact/hooks'
import type { Idea } from '../replica.ts'
import { t } from '../t.ts'
import { Empty } from './empty.tsx'
import type { BoardTools } from './lanes.tsx'
import { Note } from './note.tsx'
import { VirtualList } from './virtual-list.tsx'
import { ALL_STAGES, type BoardStage, STAGE_WORDS } from './words.ts'

interface LaneProps {
  stage: BoardStage
  ideas: readonly Idea[]
  tools: BoardTools
}

const NOTE_PX = 150

/** One stage as a column that scrolls by itself and takes what is dropped on it. */
export function Lane({ stage, ideas, tools }: LaneProps) {
  const scroll = useRef<HTMLDivElement>(null)
  const { over, ...drop } = useDrop(stage, tools)
  return (
    <section class={over ? 'lane over' : 'lane'} aria-labelledby={`lane-${stage}`} {...drop}>
      <h2 id={`lane-${stage}`}>
        <span class="n">{ideas.length}</span>
        {t(STAGE_WORDS[stage] ?? 'stage.new')}
      </h2>
      <div
        class="scroll"
        ref={scroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a column that scrolls must be reachable by keyboard
        tabIndex={0}
        role="group"
        aria-labelledby={`lane-${stage}`}
        onKeyDown={tools.keys}
      >
        {ideas.length ? <NoteList ideas={ideas} tools={tools} within={scroll} /> : <NoIdeas stage={stage} />}
      </div>
    </section>
  )
}

/** Takes a note that is dropped here to this stage; `over` while one is held above. */
export function useDrop(stage: BoardStage, tools: BoardTools) {
  const [over, setOver] = useState(false)
  return {
    over,
    onDragOver: (event: DragEvent) => {
      if (!tools.dragged() || tools.dragged()?.stage === stage) return
      event.preventDefault()
      setOver(true)
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault()
      setOver(false)
      const idea = tools.dragged()
      if (idea) tools.moveTo(idea, stage)
    },
  }
}

interface NoteListProps {
  ideas: readonly Idea[]
  tools: BoardTools
  within?: { current: HTMLElement | null }
  staged?: boolean
}

export function NoteList({ ideas, tools, within, staged = false }: NoteListProps) {
  const row = (idea: Idea) => (
    <Note
      idea={idea}
      teams={tools.teams}
      comments={tools.threads.get(idea.id)?.length ?? 0}
      staged={staged}
      named={tools.named}
      {...(tools.mayMove(idea) ? { move: tools.askMove, drag: tools.drag } : {})}
    />
  )
  return (
    <VirtualList
      items={ideas}
      keyOf={(idea) => idea.id}
      guess={NOTE_PX}
      render={row}
      {...(within ? { within } : {})}
    />
  )
}

/** What an empty stage means, in words. */
export function NoIdeas({ stage }: { stage: BoardStage }) {
  const words = {
    new: [t('board.empty.new'), t('board.empty.new_text')],
    considering: [t('board.empty.considering'), t('board.empty.considering_text')],
    trying: [t('board.empty.trying'), t('board.empty.trying_text')],
    in_use: [t('board.empty.in_use'), t('board.empty.in_use_text')],
    not_now: [t('board.empty.not_now'), t('board.empty.not_now_text')],
  } satisfies Record<BoardStage, readonly string[]>
  const [title = '', text = ''] = words[stage]
  return <Empty drawing={stage === 'trying' ? 'boat' : 'sun'} title={title} text={text} />
}

/** The stage beside another, for moving by keys. */
export const beside = (stage: string, step: number): BoardStage | undefined =>
  ALL_STAGES[ALL_STAGES.findIndex((s) => s === stage) + step]
