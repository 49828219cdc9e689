import { useState } from 'preact/hooks'
import type { Recognition } from '../replica.ts'
import { cards, person } from '../replica.ts'
import { type Grant, me, myTeams } from '../session.ts'
import { t } from '../t.ts'
import { onWall, ownSpace, putOnWall, takeAway } from '../thanks.ts'
import { bringBack } from './bring-back.ts'
import { Icon } from './icons.tsx'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'
import type { Giving } from './thanks-giving.ts'
import { ThanksNote } from './thanks-note.tsx'
import { useAuthor } from './use-author.ts'
import { useTry } from './use-try.ts'

/** What others have given me, newest first; nobody but me is ever given these (H9). */
export const received = (): readonly Recognition[] => {
  const own = ownSpace()
  const mine = cards('recognition').value.filter((one) => one.space === own && one.by !== me.value?.person)
  return mine.toSorted((a, b) => b.made - a.made)
}

/** The thanks that I have received, and what can be done with each. */
export function ThanksReceived({ give }: { give: (giving: Giving) => void }) {
  const all = received()
  return (
    <section class="v" aria-labelledby="thanks-mine">
      <h2 id="thanks-mine">{t('thanks.mine')}</h2>
      <p class="sm soft">{all.length ? t('thanks.mine_text') : t('thanks.none_yet')}</p>
      {all.map((one) => (
        <ReceivedNote key={one.id} of={one} give={give} />
      ))}
    </section>
  )
}

function ReceivedNote({ of, give }: { of: Recognition; give: (giving: Giving) => void }) {
  const shell = useShell()
  const by = useAuthor()
  const tried = useTry()
  const copies = onWall(of, me.value?.person ?? 0)
  const name = person(of.by)?.name ?? t('card.no_name')
  const undo = async () => {
    for (const { id } of [of, ...copies]) await bringBack(id)
  }
  const remove = async () => {
    if (!(await tried(takeAway([of, ...copies], by)))) return
    shell.say({ icon: 'trash-2', text: t('thanks.removed'), undo })
  }
  const begin = (giving: Giving) => {
    give(giving)
    scrollTo(0, 0)
  }
  return (
    <ThanksNote of={of} face={of.by} title={t(of.answers ? 'thanks.answered' : 'thanks.from', { name })}>
      <div class="h wrap">
        <OnWall of={of} copies={copies} />
        <button type="button" class="btn plain" onClick={() => begin({ answers: of })}>
          <Icon name="reply" size="s" />
          {t('thanks.answer')}
        </button>
        <button type="button" class="btn plain" onClick={() => begin({ onward: of })}>
          <Icon name="move-right" size="s" />
          {t('thanks.onward')}
        </button>
        <button type="button" class="btn quiet" onClick={remove}>
          <Icon name="trash-2" size="s" />
          {t('thanks.remove')}
        </button>
      </div>
    </ThanksNote>
  )
}

/** Only with the sender's wish; mine is this button. Where I have several teams I choose the wall. */
function OnWall({ of, copies }: { of: Recognition; copies: readonly Recognition[] }) {
  const shell = useShell()
  const by = useAuthor()
  const tried = useTry()
  const [asking, ask] = useState(false)
  const teams = myTeams()
  const put = async (team: Grant) => {
    ask(false)
    if (await tried(putOnWall(of, team.space, shell.clock, by))) shell.say({ text: t('thanks.on_wall') })
  }
  const [only] = teams
  if (copies.length)
    return (
      <button type="button" class="btn plain" onClick={() => tried(takeAway(copies, by))}>
        <Icon name="eye-off" size="s" />
        {t('thanks.off_wall')}
      </button>
    )
  if (!of.wall || !only) return null
  return (
    <>
      <button type="button" class="btn plain" onClick={() => (teams.length > 1 ? ask(true) : put(only))}>
        <Icon name="users-round" size="s" />
        {t('thanks.to_wall')}
      </button>
      {asking && (
        <Sheet title={t('thanks.which_wall')} close={() => ask(false)}>
          {teams.map((team) => (
            <button key={team.space} type="button" class="btn full" onClick={() => put(team)}>
              {team.name}
            </button>
          ))}
        </Sheet>
      )}
    </>
  )
}
