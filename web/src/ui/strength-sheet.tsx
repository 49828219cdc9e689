import { useState } from 'preact/hooks'
import { dropStrength, shareStrength, unshareStrength } from '../intents/strengths.ts'
import { edit } from '../intents.ts'
import { cards, type SharedStrength, type StrengthCard } from '../replica.ts'
import { type Grant, mayMake, me, myTeams } from '../session.ts'
import { t } from '../t.ts'
import { clientHint } from './client-data.ts'
import { ClientHintLine } from './client-hint.tsx'
import { Field } from './field.tsx'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'
import { strengthName, strengthText } from './strengths.ts'
import { useTry } from './use-try.ts'

const NOTE_MAX = 200

interface StrengthSheetProps {
  card: StrengthCard
  close: () => void
}

/** One of my cards: how it shows in my work, which of my teams read a copy of it, and the way out. */
export function StrengthSheet({ card, close }: StrengthSheetProps) {
  const attempt = useTry()
  const [note, setNote] = useState(card.note)
  // By what they are: two own devices that shared it apart have made two.
  const copies = cards('shared_strength').value.filter(
    (copy) => copy.by === me.value?.person && copy.strength === card.strength,
  )
  const words = note.trim()
  const hint = clientHint(note)
  const save = async (event: Event) => {
    event.preventDefault()
    if (!hint.code && [...words].length <= NOTE_MAX && (await attempt(edit(card, { note: words })))) close()
  }
  const drop = async () => {
    if (await attempt(dropStrength(card, copies))) close()
  }
  const teams = myTeams().filter(({ space }) => mayMake('shared_strength', space))
  return (
    <Sheet title={strengthName(card.strength)} close={close}>
      <div class="v gap4">
        <p>{strengthText(card.strength)}</p>
        <form class="v gap2" onSubmit={save}>
          <Field label={t('strengths.note')} value={note} set={setNote} max={NOTE_MAX} rows={3} />
          <ClientHintLine hint={hint} remove={(code) => setNote(note.replaceAll(code, ''))} />
          <button type="submit" class="btn pri full">
            {t('strengths.save')}
          </button>
        </form>
        <section class="v gap2" aria-labelledby="strength-share">
          <h3 id="strength-share">{t('strengths.sharing')}</h3>
          <p class="sm soft">{t('strengths.sharing_text')}</p>
          {teams.map((team) => (
            <ShareLine
              key={team.space}
              card={card}
              team={team}
              copies={copies.filter(({ space }) => space === team.space)}
            />
          ))}
        </section>
        <button type="button" class="btn quiet" onClick={drop}>
          {t('strengths.drop')}
        </button>
      </div>
    </Sheet>
  )
}

interface ShareLineProps {
  card: StrengthCard
  team: Grant
  copies: readonly SharedStrength[]
}

/** One team: share, take back, and bring the copy up to date, which never happens by itself. */
function ShareLine({ card, team, copies }: ShareLineProps) {
  const shell = useShell()
  const attempt = useTry()
  const [copy] = copies
  if (!copy)
    return (
      <button
        type="button"
        class="btn soft"
        onClick={() => attempt(shareStrength(card, team.space, shell.clock.cardId()))}
      >
        {t('strengths.share', { team: team.name })}
      </button>
    )
  return (
    <div class="v gap2">
      <p>{t('strengths.is_shared', { team: team.name })}</p>
      {copy.note !== card.note && (
        <p class="sm soft">{t('strengths.other_note', { note: copy.note || '–' })}</p>
      )}
      <div class="h gap2 wrap">
        {copy.note !== card.note && (
          <button type="button" class="btn soft" onClick={() => attempt(edit(copy, { note: card.note }))}>
            {t('strengths.update')}
          </button>
        )}
        <button
          type="button"
          class="btn quiet"
          onClick={() => attempt(unshareStrength(card, team.space, copies))}
        >
          {t('strengths.unshare', { team: team.name })}
        </button>
      </div>
    </div>
  )
}
