import { cards, person } from '../replica.ts'
import { me, myTeams } from '../session.ts'
import { lang } from '../t.ts'
import { numberOf } from '../thanks.ts'
import { nameIn } from './words.ts'

/** Somebody, or a team, that a thanks can be for: `p7` is a person, `t3` a team. */
export interface Receiver {
  key: string
  name: string
}

export const MOST_RECEIVERS = 5

/** Colleagues first, then the other people that this device knows of, each by name; nobody stands out (H4). */
export function people(): readonly Receiver[] {
  const mine = new Set(myTeams().map(({ space }) => space))
  const near = new Set(cards('member').value.flatMap((one) => (mine.has(one.space) ? [one.person] : [])))
  const known = cards('person').value.filter((one) => one.own && person(numberOf(one)))
  const others = [...new Set(known.map(numberOf))].filter((number) => number !== me.value?.person)
  const named = others.map((number) => ({ number, name: person(number)?.name ?? '' }))
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name, lang.value)
  const close = named.filter(({ number }) => near.has(number)).sort(byName)
  const far = named.filter(({ number }) => !near.has(number)).sort(byName)
  return [...close, ...far].map(({ number, name }) => ({ key: `p${number}`, name }))
}

/** My own teams first, then the others. */
export function teamReceivers(): readonly Receiver[] {
  const mine = myTeams().map(({ space, name }) => ({ key: `t${space}`, name }))
  const all = cards('team').value.map(({ space, names }) => ({
    key: `t${space}`,
    name: nameIn(names, lang.value),
  }))
  const known = new Set(mine.map(({ key }) => key))
  const others = all.filter(({ key }, i) => !known.has(key) && all.findIndex((o) => o.key === key) === i)
  return [...mine, ...others.sort((a, b) => a.name.localeCompare(b.name, lang.value))]
}

export const personsIn = (keys: readonly string[]): readonly number[] =>
  keys.flatMap((key) => (key.startsWith('p') ? [Number(key.slice(1))] : []))

export const teamIn = (keys: readonly string[]): number | null => {
  const key = keys.find((one) => one.startsWith('t'))
  return key === undefined ? null : Number(key.slice(1))
}
