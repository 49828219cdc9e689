import { cards } from '../replica.ts'
import { grants } from '../session.ts'
import { lang, t } from '../t.ts'
import type { BoardView } from './board-view.ts'
import { Icon } from './icons.tsx'
import type { Teams } from './teams.ts'
import { nameIn } from './words.ts'

interface ToolsProps {
  view: BoardView
  team: number
  teams: Teams
  set: (part: Partial<BoardView>) => void
}

/** Which team's board, which goal, only mine. */
export function Filters({ view, team, teams, set }: ToolsProps) {
  const goals = cards('goal').value
  return (
    <div class="filters" role="group" aria-label={t('board.filter')}>
      <TeamChoice team={team} teams={teams} choose={(space) => set({ team: space })} />
      {goals.length > 0 && (
        <select
          class="input"
          aria-label={t('board.goal')}
          value={view.goal}
          onChange={(event) => set({ goal: event.currentTarget.value })}
        >
          <option value="">{t('board.all_goals')}</option>
          {goals.map((goal) => (
            <option key={goal.id} value={goal.id}>
              {nameIn(goal.names, lang.value)}
            </option>
          ))}
        </select>
      )}
      <button type="button" class="chip" aria-pressed={view.mine} onClick={() => set({ mine: !view.mine })}>
        {view.mine && <Icon name="check" size="s" />}
        {t('board.mine')}
      </button>
    </div>
  )
}

function TeamChoice({
  team,
  teams,
  choose,
}: {
  team: number
  teams: Teams
  choose: (space: number) => void
}) {
  const mine = new Map(grants.value.filter((g) => g.kind === 'team').map((g) => [g.space, g.name]))
  const others = [...teams].filter(([space]) => !mine.has(space))
  if (mine.size + others.length < 2) return null
  return (
    <select
      class="input"
      aria-label={t('board.team')}
      value={String(team)}
      onChange={(event) => choose(Number(event.currentTarget.value))}
    >
      {[...mine].map(([space, name]) => (
        <option key={space} value={space}>
          {name}
        </option>
      ))}
      {others.map(([space, { names }]) => (
        <option key={space} value={space}>
          {nameIn(names, lang.value)}
        </option>
      ))}
      <option value="0">{t('board.all_teams')}</option>
    </select>
  )
}

/** Search as you type, over every card on this device. Esc empties it. */
export function SearchField({ query, set }: { query: string; set: (part: Partial<BoardView>) => void }) {
  return (
    <div class="search" role="search">
      <Icon name="search" />
      <input
        class="input"
        type="search"
        aria-label={t('board.search')}
        placeholder={t('board.search')}
        autocomplete="off"
        enterkeyhint="search"
        value={query}
        onInput={(event) => set({ query: event.currentTarget.value })}
        onKeyDown={(event) => event.key === 'Escape' && set({ query: '' })}
      />
    </div>
  )
}
