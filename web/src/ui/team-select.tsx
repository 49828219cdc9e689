import { t } from '../t.ts'

/** A team that words can go to. */
export interface TeamOption {
  space: number
  name: string
}

interface TeamSelectProps {
  teams: readonly TeamOption[]
  team: number
  choose: (team: number) => void
}

/** For whom the words are, where one has several teams. */
export function TeamSelect({ teams, team, choose }: TeamSelectProps) {
  return (
    <label class="field">
      <span class="label">{t('capture.team')}</span>
      <select
        class="input"
        value={String(team)}
        onChange={(event) => choose(Number(event.currentTarget.value))}
      >
        {teams.map((g) => (
          <option key={g.space} value={g.space}>
            {g.name}
          </option>
        ))}
      </select>
    </label>
  )
}
