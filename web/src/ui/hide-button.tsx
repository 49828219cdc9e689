import { useState } from 'preact/hooks'
import { withdraw } from '../intents.ts'
import type { Card } from '../replica.ts'
import { may, me } from '../session.ts'
import { t } from '../t.ts'
import { bringBack } from './bring-back.ts'
import { HideSheet } from './hide-sheet.tsx'
import { Icon } from './icons.tsx'
import { useShell } from './shell.ts'
import { useTry } from './use-try.ts'

interface HideProps {
  card: Card
  /** The same words elsewhere in the team: they go along. */
  copies?: readonly Card[]
}

/** Away with words that stand on a page of other words: its writer takes them back, whoever looks after it hides them. */
export function HideButton({ card, copies = [] }: HideProps) {
  const shell = useShell()
  const tried = useTry()
  const [open, setOpen] = useState(false)
  if (!may(card, 'gone')) return null
  const isMine = card.by !== null && card.by === me.value?.person
  const takeBack = async () => {
    if (!(await tried(withdraw(card)))) return
    shell.say({ icon: 'trash-2', text: t('withdraw.done'), undo: () => bringBack(card.id) })
  }
  return (
    <div class="h">
      <button type="button" class="btn quiet" onClick={() => (isMine ? takeBack() : setOpen(true))}>
        <Icon name={isMine ? 'trash-2' : 'eye-off'} size="s" />
        {t(isMine ? 'withdraw.do' : 'hide.open')}
      </button>
      {open && <HideSheet card={card} also={copies} stay close={() => setOpen(false)} />}
    </div>
  )
}
