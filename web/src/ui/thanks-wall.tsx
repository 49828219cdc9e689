import type { Recognition } from '../replica.ts'
import { cards, person } from '../replica.ts'
import { type Grant, me, myTeams } from '../session.ts'
import { t } from '../t.ts'
import { takeAway } from '../thanks.ts'
import { bringBack } from './bring-back.ts'
import { Empty } from './empty.tsx'
import { HideButton } from './hide-button.tsx'
import { Icon } from './icons.tsx'
import { useShell } from './shell.ts'
import { ThanksNote } from './thanks-note.tsx'
import { useAuthor } from './use-author.ts'
import { useTry } from './use-try.ts'

const WALL_DAYS = 60
const DAY_MS = 86_400_000

/** The walls of my teams: thanks to the team, and those that both sides have agreed to show. */
export function ThanksWall() {
  return (
    <>
      {myTeams().map((team) => (
        <section key={team.space} class="v" aria-labelledby={`thanks-${team.space}`}>
          <h2 id={`thanks-${team.space}`}>{t('thanks.wall', { team: team.name })}</h2>
          <Notes team={team} />
        </section>
      ))}
    </>
  )
}

function Notes({ team }: { team: Grant }) {
  const since = useShell().now.value - WALL_DAYS * DAY_MS
  const here = cards('recognition').value.filter((one) => one.space === team.space && one.made > since)
  const once = here.filter((one, i) => !one.sender || here.findIndex((o) => o.origin === one.origin) === i)
  if (!once.length) return <Empty title={t('thanks.wall_empty')} text={t('thanks.wall_empty_text')} />
  const copiesOf = (one: Recognition) =>
    here.filter((other) => one.sender && other !== one && other.origin === one.origin)
  return once
    .toSorted((a, b) => b.made - a.made)
    .map((one) => <WallNote key={one.id} of={one} copies={copiesOf(one)} team={team} />)
}

/** Whoever was thanked takes their own away; whoever thanked a team takes that back; for all others an agent hides it. */
function WallNote({ of, copies, team }: { of: Recognition; copies: readonly Recognition[]; team: Grant }) {
  const shell = useShell()
  const by = useAuthor()
  const tried = useTry()
  const to = of.sender === null ? team.name : (person(of.by)?.name ?? t('card.no_name'))
  const from = person(of.sender ?? of.by)?.name ?? t('card.no_name')
  const remove = async () => {
    if (!(await tried(takeAway([of], by)))) return
    shell.say({ icon: 'trash-2', text: t('thanks.removed'), undo: () => bringBack(of.id) })
  }
  return (
    <ThanksNote of={of} face={of.by} title={t('thanks.got', { to, from })}>
      {of.by === me.value?.person ? (
        <div class="h">
          <button type="button" class="btn quiet" onClick={remove}>
            <Icon name="eye-off" size="s" />
            {t('thanks.off_wall')}
          </button>
        </div>
      ) : (
        <HideButton card={of} copies={copies} />
      )}
    </ThanksNote>
  )
}
