import { me } from '../session.ts'
import { lang } from '../t.ts'
import { ownOf } from '../thanks.ts'
import { membersOf, teamsToGive } from './tasks.ts'
import type { Receiver } from './thanks-people.ts'

/** Who I may give a task to: the teams, then one by one the people of these teams, by name. */
export function taskReceivers(): readonly Receiver[] {
  const teams = teamsToGive()
  const folk = teams.flatMap(({ space }) => membersOf(space))
  const others = folk.filter(({ number }) => number !== me.value?.person && ownOf(number).length > 0)
  const names = new Map(others.map(({ number, name }) => [`p${number}`, name]))
  const people = [...names].map(([key, name]) => ({ key, name }))
  return [
    ...teams.map(({ space, name }) => ({ key: `t${space}`, name })),
    ...people.sort((a, b) => a.name.localeCompare(b.name, lang.value)),
  ]
}
