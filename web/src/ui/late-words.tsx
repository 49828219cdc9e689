import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { lang, t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { KIND_WORDS } from './kind-words.ts'
import { decideLate, type LateWord, listLate } from './late.ts'
import { useShell } from './shell.ts'
import { useAsked } from './use-asked.ts'
import { shortDate } from './when.ts'
import { FIELD_WORDS, SIZE_WORDS, STAGE_WORDS } from './words.ts'

/** Late words: mine first, then those that are mine to decide about; or what is shown where nothing waits. */
export function LateWords({ none }: { none: ComponentChildren }) {
  const { value, again } = useAsked(listLate)
  if (value === null || value.items.length + value.missing.length === 0) return <>{none}</>
  const mine = value.items.filter((one) => one.mine)
  const others = value.items.filter((one) => !one.mine)
  return (
    <>
      {(mine.length > 0 || value.missing.length > 0) && (
        <section class="v gap4" aria-labelledby="late-mine">
          <h2 id="late-mine">{t('late.mine')}</h2>
          {mine.length > 0 && <p class="soft">{t('late.mine_text')}</p>}
          {value.missing.map(({ device, count }) => (
            <p key={device} class="h top gap2">
              <Icon name="circle-alert" />
              {t('late.missing', { count, device })}
            </p>
          ))}
          <LateList words={mine} again={again} />
        </section>
      )}
      {others.length > 0 && (
        <section class="v gap4" aria-labelledby="late-others">
          <h2 id="late-others">{t('late.title')}</h2>
          {others.some((one) => one.mayAccept) && <p class="soft">{t('late.text')}</p>}
          <LateList words={others} again={again} />
        </section>
      )}
    </>
  )
}

function LateList({ words, again }: { words: readonly LateWord[]; again: () => Promise<void> }) {
  return (
    <ul class="v gap4">
      {words.map((word) => (
        <li key={word.id}>
          <LateCard word={word} again={again} />
        </li>
      ))}
    </ul>
  )
}

function LateCard({ word, again }: { word: LateWord; again: () => Promise<void> }) {
  const shell = useShell()
  const [fault, setFault] = useState('')
  const decide = async (what: 'accept' | 'let_go') => {
    const done = await decideLate(word.id, what)
    if (!done.ok) return setFault(whyNot(done))
    shell.say({ text: t(what === 'accept' ? 'late.accepted' : 'late.left') })
    await again()
  }
  const date = shortDate(word.made, lang.value)
  return (
    <article class="panel v">
      <p class="h top gap2">
        <Icon name="hourglass" />
        <span>
          <b>{t('late.by', { name: word.name, date })}</b>
          <br />
          <span class="sm soft">
            {[t(KIND_WORDS[word.kind] ?? 'title.card'), word.place].filter(Boolean).join(' · ')} ·{' '}
            {t('late.until', { date: shortDate(word.until, lang.value) })}
          </span>
        </span>
      </p>
      {saidIn(word).map(({ field, words }) => (
        <blockquote key={field} class="quote said">
          <span class="sm soft">{t(FIELD_WORDS[field] ?? 'late.change')}: </span>
          {words}
        </blockquote>
      ))}
      <Fault words={fault} />
      <div class="choices">
        {word.mayAccept && (
          <button type="button" class="btn pri" onClick={() => decide('accept')}>
            {t('late.accept')}
          </button>
        )}
        {word.mine || word.mayAccept ? (
          <button type="button" class="btn quiet" onClick={() => decide('let_go')}>
            {t('late.let_go')}
          </button>
        ) : (
          <p>{t('late.no_supervisor')}</p>
        )}
      </div>
    </article>
  )
}

/** What was written, and what was chosen as it was seen; switches and codes say nothing. */
function saidIn({ fields }: LateWord): { field: string; words: string }[] {
  return Object.entries(fields).flatMap(([field, value]) => {
    if (typeof value !== 'string' || value === '') return []
    const chosen = (field === 'stage' && STAGE_WORDS[value]) || (field === 'size' && SIZE_WORDS[value])
    return [{ field, words: chosen ? t(chosen) : value }]
  })
}
