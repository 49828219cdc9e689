import { useState } from 'preact/hooks'
import { edit } from '../intents.ts'
import { cards, type Idea, type Observation } from '../replica.ts'
import { t } from '../t.ts'
import { clientHint } from './client-data.ts'
import { ClientHintLine } from './client-hint.tsx'
import { failureWords } from './failure.ts'
import { Field } from './field.tsx'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'
import { TITLE_MAX } from './title.ts'
import { useAuthor } from './use-author.ts'
import { useDraft } from './use-draft.ts'

const MIN = 3

/** Edit a card's words. A close keeps the draft; a save can be undone. */
export function EditSheet({ card, close }: { card: Idea | Observation; close: () => void }) {
  const shell = useShell()
  // What stood there when the form opened: the server needs it to merge with what others write meanwhile.
  const [before] = useState(card)
  const idea = before.kind === 'idea'
  const was = { title: before.kind === 'idea' ? before.title : '', text: before.text }
  const { words, set, clear } = useDraft(`edit:${before.id}`, was)
  const [fault, setFault] = useState('')
  const hint = clientHint(`${words.title}\n\n${words.text}`)
  const by = useAuthor()
  const save = async (event: Event) => {
    event.preventDefault()
    const now = { ...(idea ? { title: words.title.trim() } : {}), text: words.text.trim() }
    if ((idea ? (now.title ?? '') : now.text).length < MIN) return setFault(t('capture.too_short'))
    if (hint.code) return
    const failed = await edit(before, now, by).then(() => '', failureWords)
    if (failed) return setFault(failed)
    await clear()
    close()
    shell.say({ text: t('edit.done'), undo: () => putBack(before) })
  }
  return (
    <Sheet title={t('edit.title')} close={close} closeLabel={t('capture.close')} shape="tall">
      <form class="v gap4" onSubmit={save}>
        {idea && (
          <Field
            label={t('field.title')}
            value={words.title}
            set={(title) => set({ title })}
            max={TITLE_MAX}
            rows={2}
          />
        )}
        <Field
          label={t('field.text')}
          value={words.text}
          set={(text) => set({ text })}
          max={Math.max(idea ? 1000 : 500, [...was.text].length)}
          rows={8}
          fault={fault}
          focus
        />
        <ClientHintLine
          hint={hint}
          remove={(code) =>
            set({ title: words.title.replaceAll(code, ''), text: words.text.replaceAll(code, '') })
          }
        />
        <button type="submit" class="btn pri full big">
          {t('edit.save')}
        </button>
      </form>
    </Sheet>
  )
}

/** Write the words of before over what stands there now. */
async function putBack(before: Idea | Observation): Promise<void> {
  const all: readonly (Idea | Observation)[] = cards(before.kind).peek()
  const now = all.find((card) => card.id === before.id)
  if (!now) return
  await edit(now, before.kind === 'idea' ? { title: before.title, text: before.text } : { text: before.text })
}
