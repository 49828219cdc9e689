import { useEffect, useState } from 'preact/hooks'
import { addLeg, type NewLeg, passBaton } from '../intents/tasks.ts'
import type { Task } from '../replica.ts'
import { tiles } from '../session/copies.ts'
import { tablet } from '../session/tablet.ts'
import { me } from '../session.ts'
import { lang, t } from '../t.ts'
import type { DraftPhoto } from './capture-draft.ts'
import { clientHint } from './client-data.ts'
import { ClientHintLine } from './client-hint.tsx'
import { failureWords } from './failure.ts'
import { Field } from './field.tsx'
import { PhotoPick } from './photo-pick.tsx'
import { Radios } from './radios.tsx'
import { useShell } from './shell.ts'
import { batonOf, inOrder, MOST_LEGS, membersOf } from './tasks.ts'
import { useDraft } from './use-draft.ts'

const TEXT_MAX = 300
const ANYBODY = 'anybody'
const EMPTY = { text: '', to: ANYBODY }
type How = 'on' | 'last' | 'note'

/** My leg, while the baton is mine; words begun before it went to somebody else can still be kept as a side note. */
export function LegForm({ task, isMine }: { task: Task; isMine: boolean }) {
  const shell = useShell()
  const { words, set, clear } = useDraft(`leg:${task.id}`, EMPTY)
  const [photos, setPhotos] = useState<readonly DraftPhoto[]>([])
  const [fault, setFault] = useState('')
  const [id, redraw] = useState(() => shell.clock.cardId())
  const hint = clientHint(words.text)
  if (!isMine && !words.text.trim()) return null
  const save = async (how: How) => {
    const text = words.text.trim()
    if (!text) return setFault(t('relay.no_words'))
    if (hint.code) return
    if ([...text].length > TEXT_MAX) return setFault(t('talk.long', { max: TEXT_MAX }))
    const to = words.to === ANYBODY || how !== 'on' ? null : words.to
    const leg: NewLeg = { id, text, to, lang: lang.value, photos }
    const saved = how === 'note' ? addLeg(task, leg) : passBaton(task, leg, how === 'last')
    const failed = await saved.then(() => '', failureWords)
    setFault(failed)
    if (failed) return
    redraw(shell.clock.cardId())
    setPhotos([])
    await clear()
    const said = { on: t('relay.passed'), last: t('relay.finished'), note: t('relay.note_kept') }
    shell.say({ icon: 'check', text: said[how] })
  }
  return (
    <form
      class="v gap4"
      onSubmit={(event) => {
        event.preventDefault()
        save(isMine ? (mayGoOn(task) ? 'on' : 'last') : 'note')
      }}
    >
      <Field
        label={t('relay.my_leg')}
        hint={t('relay.shared_at_once')}
        value={words.text}
        set={(text) => {
          set({ text })
          setFault('')
        }}
        max={TEXT_MAX}
        rows={3}
        fault={fault}
      />
      <ClientHintLine hint={hint} remove={(code) => set({ text: words.text.replaceAll(code, '') })} />
      <PhotoPick photos={photos} set={setPhotos} />
      {isMine && mayGoOn(task) && <ToWhom task={task} to={words.to} choose={(to) => set({ to })} />}
      <Buttons isMine={isMine} task={task} finish={() => save('last')} />
    </form>
  )
}

const mayGoOn = (task: Task) => batonOf(task).leg < MOST_LEGS

interface ButtonsProps {
  isMine: boolean
  task: Task
  finish: () => void
}

function Buttons({ isMine, task, finish }: ButtonsProps) {
  if (!isMine)
    return (
      <button type="submit" class="btn soft full">
        {t('relay.keep_note')}
      </button>
    )
  if (!mayGoOn(task))
    return (
      <button type="submit" class="btn pri full">
        {t('relay.finish')}
      </button>
    )
  return (
    <>
      <button type="submit" class="btn pri full">
        {t('relay.pass')}
      </button>
      <button type="button" class="btn quiet full" onClick={finish}>
        {t('relay.finish')}
      </button>
    </>
  )
}

interface ToWhomProps {
  task: Task
  to: string
  choose: (to: string) => void
}

/** "Kuka vain" and the team's members in their order; who works when isn't known here. */
function ToWhom({ task, to, choose }: ToWhomProps) {
  const [onTiles, setTiles] = useState<readonly number[]>([])
  useEffect(() => {
    if (tablet.value) tiles().then((all) => setTiles(all.map((tile) => tile.person)))
  }, [tablet.value])
  const members = membersOf(task.team).filter(({ number }) => number !== me.value?.person)
  const others = inOrder(members, onTiles)
  const options = [
    { value: ANYBODY, words: t('relay.anybody') },
    ...others.map(({ number, name }) => ({ value: String(number), words: name })),
  ]
  return (
    <div class="v gap2">
      <p class="label">{t('relay.to_whom')}</p>
      <Radios look="chip" label={t('relay.to_whom')} options={options} value={to} choose={choose} />
    </div>
  )
}
