import type { Idea } from '../replica.ts'
import { lang, t } from '../t.ts'
import { Icon } from './icons.tsx'
import { useShell } from './shell.ts'
import { ofDate, shortDate } from './when.ts'
import { STAGE_WORDS, STAGES } from './words.ts'

/** Where the idea is on its way, as a line of four; parked and merged are said in words. */
export function CardStream({ idea }: { idea: Idea }) {
  const shell = useShell()
  const at = STAGES.findIndex((stage) => stage === idea.stage)
  if (at < 0) {
    return (
      <p class="h gap2 wrap">
        <span class="tag">
          <Icon name={idea.stage === 'merged' ? 'layers-2' : 'circle-pause'} />
          {t(STAGE_WORDS[idea.stage] ?? 'stage.not_now')}
        </span>
        {idea.revisit && (
          <span class="sm">
            {t('note.revisit', { date: shortDate(ofDate(idea.revisit), lang.value, shell.now.value) })}
          </span>
        )}
      </p>
    )
  }
  return (
    <ol class="stream mini" aria-label={t('field.stage')}>
      {STAGES.map((stage, i) => (
        <li
          key={stage}
          class={i < at ? 'done' : ''}
          {...(i === at ? { 'aria-current': 'step' as const } : {})}
        >
          <span class="n">{i < at ? <Icon name="check" /> : i === at ? i + 1 : ''}</span>
          {t(STAGE_WORDS[stage] ?? 'stage.new')}
        </li>
      ))}
    </ol>
  )
}
