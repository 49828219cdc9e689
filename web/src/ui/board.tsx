import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { cards, type Idea } from '../replica.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { Filters, SearchField } from './board-tools.tsx'
import { type BoardView, foldAhead, lanesOf } from './board-view.ts'
import { Hits } from './hits.tsx'
import { Icon } from './icons.tsx'
import { beside } from './lane.tsx'
import { type BoardTools, PhoneLanes, WideLanes } from './lanes.tsx'
import { MoveSheet } from './move.tsx'
import { useShell } from './shell.ts'
import { ObservationStrip } from './strip.tsx'
import { SyncPill } from './sync-pill.tsx'
import { myTeamSpaces, stagesFor, useTeams, useThreads } from './teams.ts'
import { useCalm } from './use-calm.ts'
import { useMoving } from './use-moving.ts'
import { useWide } from './use-wide.ts'
import type { BoardStage } from './words.ts'

/** Taulu: the team's ideas by stage, with search, filters and moving. */
export function Board() {
  return (
    <div class="board screen gut">
      <BoardHead />
      <BoardBody />
    </div>
  )
}

/** The team to show: the chosen one, else my first; 0 is all. */
const teamOf = (view: BoardView) => view.team ?? myTeamSpaces()[0] ?? 0

function useView() {
  const { board } = useShell()
  const set = (part: Partial<BoardView>) => {
    board.value = { ...board.peek(), ...part }
  }
  return { board, set }
}

function BoardHead() {
  const wide = useWide()
  const { board, set } = useView()
  const view = board.value
  const [opened, open] = useState(view.query !== '' || view.goal !== '' || view.mine)
  const teams = useTeams().value
  const shown = wide || opened
  const head = useRef<HTMLElement>(null)
  const wanted = useRef(false)
  useLayoutEffect(() => {
    if (wanted.current) head.current?.querySelector('input')?.focus()
    wanted.current = false
  }, [opened])
  return (
    <header class="board-head" ref={head}>
      <h1 tabIndex={-1}>{t('nav.board')}</h1>
      <SyncPill />
      {!wide && (
        <button
          type="button"
          class="iconbtn"
          aria-expanded={opened}
          aria-label={t('board.tools')}
          onClick={() => {
            open(!opened)
            wanted.current = !opened
          }}
        >
          <Icon name="search" />
        </button>
      )}
      {shown && <SearchField query={view.query} set={set} />}
      {shown && <Filters view={view} team={teamOf(view)} teams={teams} set={set} />}
    </header>
  )
}

/** The lanes or what the search found. Follows the head a moment later, so that typing stays quick. */
function BoardBody() {
  const wide = useWide()
  const { board, set } = useView()
  const view = useCalm(board)
  const { tools, asked, close } = useBoardTools(teamOf(view) === 0)
  const { stage, parked, goal, mine, query } = view
  const team = teamOf(view)
  const ideas = cards('idea').value
  const person = me.value?.person ?? null
  const { clock } = useShell()
  useEffect(() => foldAhead(ideas, clock.after), [ideas, clock])
  const lanes = useMemo(() => lanesOf(ideas, { goal, mine }, team, person), [ideas, goal, mine, team, person])
  // The same elements while only the search changes: they wait unseen and need not be made again.
  const columns = useMemo(() => {
    const Columns = wide ? WideLanes : PhoneLanes
    return <Columns lanes={lanes} stage={stage} parked={parked} set={set} tools={tools} />
  }, [wide, lanes, stage, parked, tools])
  const searching = query.trim() !== ''
  return (
    <>
      <div hidden={searching}>
        {columns}
        <ObservationStrip team={team} mine={mine} teams={tools.teams} />
      </div>
      {searching && <Hits query={query} tools={tools} />}
      {asked && <MoveSheet idea={asked.idea} stage={asked.stage} close={close} />}
    </>
  )
}

/** What the notes need to be moved: by menu, by dragging, by Shift and an arrow. */
function useBoardTools(named: boolean) {
  const teams = useTeams().value
  const threads = useThreads().value
  const move = useMoving()
  const [asked, ask] = useState<{ idea: Idea; stage?: BoardStage } | null>(null)
  const held = useRef<Idea | null>(null)
  const tools = useMemo((): BoardTools => {
    const moveTo = (idea: Idea, stage: BoardStage) => {
      if (!stagesFor(idea).includes(stage)) return
      if (stage === 'not_now') ask({ idea, stage })
      else if (stage !== idea.stage) move(idea, stage)
    }
    return {
      teams,
      threads,
      named,
      mayMove: (idea) => stagesFor(idea).length > 0,
      askMove: (idea) => ask({ idea }),
      moveTo,
      drag: (idea) => {
        held.current = idea
      },
      dragged: () => held.current,
      keys: (event) => moveByKeys(event, moveTo),
    }
  }, [teams, threads, named])
  return { tools, asked, close: () => ask(null) }
}

/** Shift and an arrow: the note in focus goes one stage on or back. */
function moveByKeys(event: KeyboardEvent, moveTo: BoardTools['moveTo']): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
  if (!step || !event.shiftKey || !(event.target instanceof Element)) return
  const id = event.target.closest('[data-card]')?.getAttribute('data-card')
  const idea = cards('idea')
    .peek()
    .find((card) => card.id === id)
  const stage = idea && beside(idea.stage, step)
  if (!idea || !stage) return
  event.preventDefault()
  moveTo(idea, stage)
}
