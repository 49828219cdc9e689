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
  const here = me.value?.person
  const isWriter = card.by !== null && card.by === here
  // A thanks on a wall is a copy that its receiver has hung: whose words they are takes them back all the same.
  const isMine = isWriter || (card.raw.sender !== undefined && card.raw.sender === here)
  const takeBack = async () => {
    if (!(await tried(withdraw(card)))) return
    const undo = isWriter ? { undo: () => bringBack(card.id) } : {}
    shell.say({ icon: 'trash-2', text: t('withdraw.done'), ...undo })
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
