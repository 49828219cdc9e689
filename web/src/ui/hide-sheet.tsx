import { useState } from 'preact/hooks'
import { hide } from '../intents.ts'
import type { Card } from '../replica.ts'
import { t } from '../t.ts'
import { bringBack } from './bring-back.ts'
import { Field } from './field.tsx'
import { Radios } from './radios.tsx'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'
import { useAuthor } from './use-author.ts'
import { useTry } from './use-try.ts'
import { HIDE_REASONS, HIDE_WORDS } from './words.ts'

type Reason = (typeof HIDE_REASONS)[number]
const TEXT_MAX = 200

interface SheetProps {
  card: Card
  /** Cards that go with it, for the same reason. */
  also?: readonly Card[]
  /** It stands on a page that is still there without it. */
  stay?: boolean
  close: () => void
}

/** Hide somebody's card: only with a reason, which its author sees. It can be restored for 30 days. */
export function HideSheet({ card, also = [], stay, close }: SheetProps) {
  const shell = useShell()
  const [reason, setReason] = useState<Reason | null>(null)
  const [text, setText] = useState('')
  const [fault, setFault] = useState('')
  const by = useAuthor()
  const tried = useTry()
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!reason || (reason === 'other' && !text.trim())) return setFault(t('hide.why'))
    const all = [card, ...also]
    for (const one of all) if (!(await tried(hide(one, reason, text.trim(), by)))) return
    close()
    if (!stay) shell.go({ at: 'board' })
    shell.say({
      icon: 'trash-2',
      text: t('hide.done'),
      undo: async () => {
        for (const { id } of all) await bringBack(id)
      },
    })
  }
  const options = HIDE_REASONS.map((value) => ({ value, words: t(HIDE_WORDS[value] ?? 'hide.other') }))
  return (
    <Sheet title={t('hide.title')} close={close}>
      <form class="v gap4" onSubmit={submit}>
        <p class="sm">{t('hide.text')}</p>
        <Radios label={t('hide.title')} options={options} value={reason} choose={setReason} />
        <Field label={t('hide.more')} value={text} set={setText} max={TEXT_MAX} fault={fault} rows={2} />
        <button type="submit" class="btn bad full big">
          {t('hide.do')}
        </button>
      </form>
    </Sheet>
  )
}
