import { useState } from 'preact/hooks'
import { edit, withdraw } from '../intents.ts'
import type { Idea, Observation } from '../replica.ts'
import { may, me } from '../session.ts'
import { t } from '../t.ts'
import { bringBack } from './bring-back.ts'
import { EditSheet } from './edit-card.tsx'
import { HideSheet } from './hide-sheet.tsx'
import { Icon } from './icons.tsx'
import { MoveSheet } from './move.tsx'
import { useShell } from './shell.ts'
import { mayHide, stagesFor } from './teams.ts'
import { useTry } from './use-try.ts'

/** What this person may do with the card: move, edit, open for editing together, take back, hide. */
export function CardActions({ card }: { card: Idea | Observation }) {
  const shell = useShell()
  const tried = useTry()
  const [open, setOpen] = useState<'move' | 'edit' | 'hide' | null>(null)
  const close = () => setOpen(null)
  const mine = card.by !== null && card.by === me.value?.person
  const takeBack = async () => {
    if (!(await tried(withdraw(card)))) return
    shell.go({ at: 'board' })
    shell.say({ icon: 'trash-2', text: t('withdraw.done'), undo: () => bringBack(card.id) })
  }
  const idea = card.kind === 'idea' ? card : null
  return (
    <div class="v gap2">
      {idea && mine && <SharedEdit idea={idea} />}
      <div class="choices">
        {idea && stagesFor(idea).length > 0 && (
          <button type="button" class="btn" onClick={() => setOpen('move')}>
            <Icon name="move-right" size="s" />
            {t('move.menu')}
          </button>
        )}
        {may(card, 'text') && (
          <button type="button" class="btn" onClick={() => setOpen('edit')}>
            <Icon name="pencil" size="s" />
            {t('edit.open')}
          </button>
        )}
        {mine && (
          <button type="button" class="btn quiet" onClick={takeBack}>
            <Icon name="trash-2" size="s" />
            {t('withdraw.do')}
          </button>
        )}
        {!mine && mayHide(card.team) && (
          <button type="button" class="btn quiet" onClick={() => setOpen('hide')}>
            <Icon name="eye-off" size="s" />
            {t('hide.open')}
          </button>
        )}
      </div>
      {open === 'move' && idea && <MoveSheet idea={idea} close={close} />}
      {open === 'edit' && <EditSheet card={card} close={close} />}
      {open === 'hide' && <HideSheet card={card} close={close} />}
    </div>
  )
}

/** "Muokataan yhdessä": the author lets the team edit title and text. */
function SharedEdit({ idea }: { idea: Idea }) {
  const tried = useTry()
  return (
    <button
      type="button"
      role="switch"
      class="switch"
      aria-checked={idea.shared_edit}
      aria-describedby="shared-why"
      onClick={() => tried(edit(idea, { shared_edit: !idea.shared_edit }))}
    >
      <span>
        <span class="label">{t('field.shared_edit')}</span>
        <br />
        <span class="sm soft" id="shared-why">
          {t('edit.shared_why')}
        </span>
      </span>
    </button>
  )
}
