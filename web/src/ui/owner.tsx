import { isHidden } from '../codec.ts'
import { edit } from '../intents.ts'
import { cards, type Idea, person, shownReplica } from '../replica.ts'
import { may } from '../session.ts'
import { lang, t } from '../t.ts'
import { useTry } from './use-try.ts'

/** Who carries an idea on. Its supervisor chooses among the members of the team; the others read the name. */
export function Owner({ idea }: { idea: Idea }) {
  const tried = useTry()
  const { owner } = idea
  if (!may(idea, 'owner')) {
    if (!owner) return idea.stage === 'trying' ? <p>{t('person.nobody_yet')}</p> : null
    return (
      <p>
        <b>{t('field.owner')}:</b> {nameOf(owner)}
      </p>
    )
  }
  const choices = [...new Set([...membersOf(idea.team ?? idea.space), ...(owner ? [owner] : [])])]
  const named = choices.map((value) => ({ value, name: nameOf(value) }))
  return (
    <label class="field">
      <span class="label">{t('field.owner')}</span>
      <select
        class="input"
        value={owner ?? ''}
        onChange={(event) => tried(edit(idea, { owner: event.currentTarget.value || null }))}
      >
        <option value="">{t('person.nobody_yet')}</option>
        {named
          .sort((a, b) => a.name.localeCompare(b.name, lang.value))
          .map(({ value, name }) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
      </select>
    </label>
  )
}

/** The numbers of a team's members, as text; a list of cards holds whoever is in two teams only once. */
export function membersOf(team: number): string[] {
  void cards('member').value // whoever draws this follows the members
  const rows = shownReplica()?.spaces.get(team)?.cards.values() ?? []
  const members = [...rows].filter((row) => row.kind === 'member' && !isHidden(row))
  return members.map((row) => String(row.raw.person))
}

/** A person's name; words that somebody wrote there are shown as they are. */
const nameOf = (owner: string) =>
  Number.isNaN(Number(owner)) ? owner : (person(Number(owner))?.name ?? t('history.someone'))
