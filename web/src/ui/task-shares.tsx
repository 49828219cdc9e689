import { useState } from 'preact/hooks'
import { shareAnswer, unshare } from '../intents/tasks.ts'
import { cards, type Task, type TaskAnswer, type TaskShare } from '../replica.ts'
import { me } from '../session.ts'
import { lang, t } from '../t.ts'
import { Avatar } from './avatar.tsx'
import { clientHint } from './client-data.ts'
import { ClientHintLine } from './client-hint.tsx'
import { Field } from './field.tsx'
import { HideButton } from './hide-button.tsx'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'
import { answerTo, nameOf } from './tasks.ts'
import { useTry } from './use-try.ts'

const TEXT_MAX = 2000

/** What members have chosen to show of their answers. */
export function Shares({ task }: { task: Task }) {
  const shown = cards('task_share').value.filter((share) => share.on === task.id)
  if (shown.length === 0) return null
  return (
    <section aria-labelledby="shares">
      <div class="sect">
        <h2 id="shares">{t('task.shares')}</h2>
      </div>
      <ul class="v">
        {shown.map((share) => (
          <li key={share.id}>
            <Shared task={task} share={share} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Shared({ task, share }: { task: Task; share: TaskShare }) {
  const tried = useTry()
  const answer = answerTo(task)
  const mine = share.by !== null && share.by === me.value?.person
  return (
    <div class={mine ? 'msg me' : 'msg'}>
      {!mine && <Avatar of={share.by} size="sm" />}
      <div class="b">
        <p class="by">
          <b>{mine ? t('talk.you') : nameOf(share.by)}</b>
        </p>
        <p class="said" lang={share.lang || undefined}>
          {share.text}
        </p>
        {mine && answer && (
          <button type="button" class="btn quiet" onClick={() => tried(unshare(share, answer))}>
            {t('task.unshare')}
          </button>
        )}
        {!mine && <HideButton card={share} />}
      </div>
    </div>
  )
}

interface SheetProps {
  task: Task
  answer: TaskAnswer
  close: () => void
}

/** Which words the team gets to read: a copy, to be changed before it goes. */
export function ShareSheet({ task, answer, close }: SheetProps) {
  const shell = useShell()
  const [text, setText] = useState(answer.text)
  const [id] = useState(() => shell.clock.cardId())
  const [fault, setFault] = useState('')
  const hint = clientHint(text)
  const tried = useTry()
  const share = async (event: Event) => {
    event.preventDefault()
    const isLong = [...text].length > TEXT_MAX
    setFault(isLong ? t('talk.long', { max: TEXT_MAX }) : text.trim() ? '' : t('relay.no_words'))
    if (hint.code || !text.trim() || isLong) return
    const copy = { id, text: text.trim(), lang: answer.lang || lang.value }
    if (!(await tried(shareAnswer(task, answer, copy)))) return
    close()
    shell.say({ icon: 'check', text: t('task.shared') })
  }
  return (
    <Sheet title={t('task.share')} close={close}>
      <form class="v gap4" onSubmit={share}>
        <p>{t('task.share_text')}</p>
        <Field
          label={t('task.share_words')}
          value={text}
          set={setText}
          max={TEXT_MAX}
          rows={5}
          fault={fault}
          focus
        />
        <ClientHintLine hint={hint} remove={(code) => setText(text.replaceAll(code, ''))} />
        <button type="submit" class="btn pri full big">
          {t('task.share_now')}
        </button>
      </form>
    </Sheet>
  )
}
