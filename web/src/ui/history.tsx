import { useState } from 'preact/hooks'
import { history, type Past } from '../link.ts'
import { type Card, person } from '../replica.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { useShell } from './shell.ts'
import { ago } from './when.ts'
import { FIELD_WORDS, STAGE_WORDS } from './words.ts'

/** What changed when, fetched when it is opened. It needs a network, and says so. */
export function History({ card }: { card: Card }) {
  const [past, setPast] = useState<readonly Past[] | null>(null)
  const [failed, fail] = useState(false)
  const open = async (event: Event) => {
    if (!(event.currentTarget instanceof HTMLDetailsElement) || !event.currentTarget.open) return
    const got = await history(card)
    if (got.ok) setPast(got.value)
    fail(!got.ok)
  }
  return (
    <details onToggle={open}>
      <summary>
        <Icon name="history" />
        {t('history.title')}
        <Icon name="chevron-down" />
      </summary>
      {failed && <p class="sm soft">{t('history.offline')}</p>}
      {past && (
        <ol class="past">
          {past.map((one) => (
            <li key={one.seq}>
              <PastLine one={one} />
            </li>
          ))}
        </ol>
      )}
    </details>
  )
}

function PastLine({ one }: { one: Past }) {
  const now = useShell().now.value
  return (
    <>
      <span>
        <b>{one.by === null ? t('card.no_name') : (person(one.by)?.name ?? t('history.someone'))}</b>{' '}
        {whatOf(one)}
      </span>
      <span class="sm soft">
        {ago(one.at, now)}
        {one.code === 3 && ` · ${t('history.stale')}`}
        {one.code === 2 && ` · ${t('note.versions')}`}
      </span>
    </>
  )
}

/** What was done, in words: written, moved, answered, or which parts were changed. */
function whatOf({ set }: Past): string {
  const [wasGone, gone] = set.gone ?? [null, null]
  const stage = typeof set.stage?.[1] === 'string' ? STAGE_WORDS[set.stage[1]] : undefined
  if (set.team) return t('history.made')
  if (gone !== null) return t('history.removed')
  if (wasGone !== null) return t('history.restored')
  if (set.reply && stage) return `${t('history.answered')}: ${t(stage)}`
  if (stage) return t('move.done', { stage: t(stage) })
  const fields = new Set(Object.keys(set).map((name) => name.split('/')[name.startsWith('fork/') ? 1 : 0]))
  const words = [...fields].flatMap((name) => {
    const key = FIELD_WORDS[name ?? '']
    return key ? t(key) : []
  })
  return t('history.changed', { what: words.join(', ') })
}
