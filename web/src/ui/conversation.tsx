import { useRef, useState } from 'preact/hooks'
import { addComment, withdraw } from '../intents.ts'
import { type Comment, type Idea, type Observation, person } from '../replica.ts'
import { may, mayMake, me } from '../session.ts'
import { lang, t } from '../t.ts'
import { Avatar } from './avatar.tsx'
import { bringBack } from './bring-back.ts'
import { stateWords } from './card-head.tsx'
import { clientHint } from './client-data.ts'
import { ClientHintLine } from './client-hint.tsx'
import { failureWords } from './failure.ts'
import { Icon } from './icons.tsx'
import { useShell } from './shell.ts'
import { useThreads } from './teams.ts'
import { useAuthor } from './use-author.ts'
import { useDraft } from './use-draft.ts'
import { useTry } from './use-try.ts'
import { ago } from './when.ts'
import { COMMENT_WORDS } from './words.ts'

const TEXT_MAX = 500

/** What has been said about the card, oldest first, and the place to say more. */
export function Conversation({ card }: { card: Idea | Observation }) {
  const thread = useThreads().value.get(card.id) ?? []
  return (
    <section aria-labelledby="talk">
      <div class="sect">
        <h2 id="talk">{t('talk.title')}</h2>
        {thread.length > 0 && <span class="count">{thread.length}</span>}
      </div>
      <ol class="v" aria-live="polite">
        {thread.map((comment) => (
          <li key={comment.id}>
            <Message comment={comment} />
          </li>
        ))}
      </ol>
      {thread.length === 0 && <p class="sm soft">{t('talk.empty')}</p>}
      {mayMake('comment', card.space) && <Composer card={card} />}
    </section>
  )
}

function Message({ comment }: { comment: Comment }) {
  const shell = useShell()
  const tried = useTry()
  const mine = comment.by !== null && comment.by === me.value?.person
  const remove = async () => {
    if (!(await tried(withdraw(comment)))) return
    shell.say({ icon: 'trash-2', text: t('talk.removed'), undo: () => bringBack(comment.id) })
  }
  return (
    <div class={mine ? 'msg me' : 'msg'}>
      {!mine && <Avatar of={comment.by} size="sm" />}
      <div class="b">
        <p class="by">
          <b>{mine ? t('talk.you') : (person(comment.by)?.name ?? t('card.no_name'))}</b>
          {comment.type && <span>{t(COMMENT_WORDS[comment.type] ?? 'kind.comment')}</span>}
          <span>{ago(comment.made, shell.now.value)}</span>
          {mine && comment.state !== 'delivered' && (
            <span>
              <Icon name="check" size="s" /> {stateWords(comment.state)}
            </span>
          )}
        </p>
        <p class="said" lang={comment.lang || undefined}>
          {comment.text}
        </p>
      </div>
      {mine && may(comment, 'gone') && (
        <button type="button" class="iconbtn soft" aria-label={t('talk.remove')} onClick={remove}>
          <Icon name="trash-2" size="s" />
        </button>
      )}
    </div>
  )
}

function Composer({ card }: { card: Idea | Observation }) {
  const shell = useShell()
  const id = useRef(shell.clock.cardId())
  const form = useRef<HTMLFormElement>(null)
  const { words, set, clear } = useDraft(`comment:${card.id}`, { text: '' })
  const [fault, setFault] = useState('')
  const hint = clientHint(words.text)
  const over = [...words.text].length > TEXT_MAX
  const by = useAuthor()
  const send = async (event: Event) => {
    event.preventDefault()
    if (!words.text.trim() || hint.code || over) return
    const said = { id: id.current, on: card, text: words.text.trim(), lang: lang.value }
    const failed = await addComment(said, by).then(() => '', failureWords)
    setFault(failed)
    if (failed) return
    id.current = shell.clock.cardId()
    await clear()
    form.current?.scrollIntoView({ block: 'end' })
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(event)
  }
  return (
    <>
      {(hint.code || hint.maybe) && (
        <ClientHintLine hint={hint} remove={(code) => set({ text: words.text.replaceAll(code, '') })} />
      )}
      {(fault || over) && <p class="fault">{fault || t('talk.long', { max: TEXT_MAX })}</p>}
      <form class="composer" ref={form} onSubmit={send} onKeyDown={keys}>
        <textarea
          autocomplete="off"
          class="input grow"
          rows={Math.min(5, 1 + Math.floor(words.text.length / 40))}
          aria-label={t('talk.write')}
          placeholder={t('talk.write')}
          value={words.text}
          onInput={(event) => set({ text: event.currentTarget.value })}
        />
        <button type="submit" class="iconbtn" aria-label={t('talk.send')}>
          <Icon name="send" />
        </button>
      </form>
    </>
  )
}
