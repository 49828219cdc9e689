import { useState } from 'preact/hooks'
import { me, signedIn } from '../session.ts'
import { t } from '../t.ts'
import type { Claimed, Said, Wish } from './claim.ts'
import { Field } from './field.tsx'
import { STAGE_WORDS } from './words.ts'

interface ClaimViewProps {
  found: Claimed
  busy: boolean
  /** True when it was done. */
  ask: (wish: Wish) => Promise<boolean>
}

const TEXT_MAX = 500

/** The card as whoever dropped it sees it: where it stands, what was answered, and what they may still do. */
export function ClaimView({ found, busy, ask }: ClaimViewProps) {
  const { kind, stage, title, text, named, thread } = found
  const isShown = stage !== 'waiting' && stage !== 'hidden'
  const others = thread.filter((one) => !one.mine && !one.kind.startsWith('grown')).length
  const mine = thread.filter((one) => one.mine).length
  return (
    <>
      <article class="panel v">
        <p class="sm soft">
          {kind === 'idea' ? t('kind.idea') : t('kind.observation')}
          {stage && ` · ${stageWords(stage)}`}
        </p>
        {title && <h2>{title}</h2>}
        {text && <p class="pre">{text}</p>}
        <button type="button" class="btn" aria-busy={busy} onClick={() => ask({ do: 'read' })}>
          {t('claim.again')}
        </button>
      </article>
      <section class="panel v" aria-labelledby="claim-said">
        <h2 id="claim-said">{t('claim.answers')}</h2>
        {thread.length === 0 && <p class="soft">{t('claim.no_answers')}</p>}
        <ul class="list">
          {thread.map((one, i) => (
            <li key={i} class="row">
              <Line said={one} />
            </li>
          ))}
        </ul>
        {isShown && !named && mine < others && <ReplyForm busy={busy} ask={ask} />}
      </section>
      {named && <p class="soft">{t('claim.named')}</p>}
      {isShown && !named && signedIn.value && <ComeForward ask={ask} />}
      {stage !== 'hidden' && <Withdraw ask={ask} />}
    </>
  )
}

function stageWords(stage: string): string {
  if (stage === 'waiting') return t('claim.waiting')
  if (stage === 'hidden') return t('claim.hidden')
  const words = STAGE_WORDS[stage]
  return words ? t(words) : ''
}

function Line({ said: { kind, text, mine, waiting } }: { said: Said }) {
  if (kind === 'grown') return <span class="t">{t('claim.grown', { stage: stageWords(text) })}</span>
  if (kind === 'grown_idea') return <span class="t">{t('claim.grown_idea', { title: text })}</span>
  if (kind === 'grown_task') return <span class="t">{t('claim.grown_task', { title: text })}</span>
  return (
    <span class="grow">
      <span class="d">
        {mine ? t('claim.mine') : t('claim.theirs')}
        {waiting && ` · ${t('claim.waiting')}`}
      </span>
      <span class="t">{text}</span>
    </span>
  )
}

function ReplyForm({ busy, ask }: Pick<ClaimViewProps, 'busy' | 'ask'>) {
  const [text, setText] = useState('')
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!text.trim() || [...text].length > TEXT_MAX) return
    if (await ask({ do: 'reply', text: text.trim() })) setText('')
  }
  return (
    <form class="v" onSubmit={submit}>
      <Field
        label={t('claim.reply')}
        value={text}
        set={setText}
        max={TEXT_MAX}
        rows={3}
        hint={t('claim.reply_once')}
      />
      <button type="submit" class="btn soft" aria-busy={busy}>
        {t('claim.send')}
      </button>
    </form>
  )
}

/** Asked twice, since nobody can take a name off again. */
function ComeForward({ ask }: Pick<ClaimViewProps, 'ask'>) {
  const [isAsked, setAsked] = useState(false)
  if (!isAsked)
    return (
      <button type="button" class="btn" onClick={() => setAsked(true)}>
        {t('claim.come_forward')}
      </button>
    )
  return (
    <div class="panel v">
      <p>{t('claim.come_forward_sure', { name: me.value?.name ?? '' })}</p>
      <button type="button" class="btn pri full" onClick={() => ask({ do: 'come_forward' })}>
        {t('claim.come_forward_do')}
      </button>
      <button type="button" class="btn quiet" onClick={() => setAsked(false)}>
        {t('claim.stay')}
      </button>
    </div>
  )
}

/** Asked twice, since nobody can bring it back without a name. */
function Withdraw({ ask }: Pick<ClaimViewProps, 'ask'>) {
  const [isAsked, setAsked] = useState(false)
  if (!isAsked)
    return (
      <button type="button" class="btn quiet" onClick={() => setAsked(true)}>
        {t('claim.withdraw')}
      </button>
    )
  return (
    <div class="panel v">
      <p>{t('claim.withdraw_sure')}</p>
      <button type="button" class="btn bad" onClick={() => ask({ do: 'withdraw' })}>
        {t('claim.withdraw')}
      </button>
    </div>
  )
}
