import { useComputed } from '@preact/signals'
import { useRef, useState } from 'preact/hooks'
import { cards, type Idea } from '../replica.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { Filters, SearchField } from './board-tools.tsx'
import { lanesOf } from './board-view.ts'
import { Hits } from './hits.tsx'
import { Icon } from './icons.tsx'
import { beside } from './lane.tsx'
import { type BoardTools, PhoneLanes, WideLanes } from './lanes.tsx'
import { MoveSheet } from './move.tsx'
import { useShell } from './shell.ts'
import { ObservationStrip } from './strip.tsx'
import { SyncPill } from './sync-pill.tsx'
import { myTeamSpaces, stagesFor, useTeams, useThreads } from './teams.ts'
import { useMoving } from './use-moving.ts'
import { useWide } from './use-wide.ts'
import type { BoardStage } from './words.ts'

/** Taulu: the team's ideas by stage, with search, filters and moving. */
export function Board() {
  const shell = useShell()
  const wide = useWide()
  const view = shell.board.value
  const set = (part: Partial<typeof view>) => {
    shell.board.value = { ...shell.board.value, ...part }
  }
  const team = view.team ?? myTeamSpaces()[0] ?? 0
  const teams = useTeams().value
  const lanes = useComputed(() => {
    const chosen = shell.board.value
    return lanesOf(
      cards('idea').value,
      chosen,
      chosen.team ?? myTeamSpaces()[0] ?? 0,
      me.value?.person ?? null,
    )
  }).value
  const { tools, asked, close } = useBoardTools()
  const [open, setOpen] = useState(view.query !== '' || view.goal !== '' || view.mine)
  const Columns = wide ? WideLanes : PhoneLanes
  return (
    <div class="board screen gut">
      <header class="board-head">
        <h1 tabIndex={-1}>{t('nav.board')}</h1>
        <SyncPill />
        {!wide && (
          <button
            type="button"
            class="iconbtn"
            aria-expanded={open}
            aria-label={t('board.tools')}
            onClick={() => setOpen(!open)}
          >
            <Icon name="search" />
          </button>
        )}
        {(wide || open) && <SearchField query={view.query} set={set} />}
        {(wide || open) && <Filters view={view} team={team} teams={teams} set={set} />}
      </header>
      {view.query.trim() ? (
        <Hits query={view.query} tools={tools} />
      ) : (
        <>
          <Columns lanes={lanes} view={view} set={set} tools={tools} />
          <ObservationStrip team={team} mine={view.mine} />
        </>
      )}
      {asked && <MoveSheet idea={asked.idea} stage={asked.stage} close={close} />}
    </div>
  )
}

/** What the notes need to be moved: by menu, by dragging, by Shift and an arrow. */
function useBoardTools() {
  const teams = useTeams().value
  const threads = useThreads().value
  const move = useMoving()
  const [asked, ask] = useState<{ idea: Idea; stage?: BoardStage } | null>(null)
  const held = useRef<Idea | null>(null)
  const moveTo = (idea: Idea, stage: BoardStage) => {
    if (!stagesFor(idea).includes(stage)) return
    if (stage === 'not_now') ask({ idea, stage })
    else if (stage !== idea.stage) move(idea, stage)
  }
  const keys = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const note = event.target instanceof Element ? event.target.closest('[data-card]') : null
    const idea = cards('idea')
      .peek()
      .find((card) => card.id === note?.getAttribute('data-card'))
    const stage = idea && beside(idea.stage, step)
    if (!step || !event.shiftKey || !stage || !stagesFor(idea).includes(stage)) return
    event.preventDefault()
    moveTo(idea, stage)
  }
  const tools: BoardTools = {
    teams,
    threads,
    mayMove: (idea) => stagesFor(idea).length > 0,
    askMove: (idea) => ask({ idea }),
    moveTo,
    drag: (idea) => {
      held.current = idea
    },
    dragged: () => held.current,
    keys,
  }
  return { tools, asked, close: () => ask(null) }
}
