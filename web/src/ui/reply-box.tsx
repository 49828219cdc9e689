import type { Idea } from '../replica.ts'
import { lang, t } from '../t.ts'
import { Icon } from './icons.tsx'
import { useShell } from './shell.ts'
import { ofDate, shortDate } from './when.ts'
import { SIZE_WORDS, STAGE_LOOK, STAGE_WORDS } from './words.ts'

/** The answer that a person wrote: how big it is, where it goes, in words, by when. */
export function ReplyBox({ idea }: { idea: Idea }) {
  const shell = useShell()
  if (!idea.reply) return null
  const [words, date] = idea.reply
  const look = STAGE_LOOK[idea.stage]
  return (
    <section class="reply" aria-labelledby="reply">
      <h2 id="reply" class="h gap2">
        <Icon name="reply" />
        {t('field.reply')}
      </h2>
      <p class="said" lang={idea.lang || undefined}>
        {words}
      </p>
      <p class="h gap2 wrap">
        {idea.size && <span class="tag">{t(SIZE_WORDS[idea.size] ?? 'size.quick')}</span>}
        <span class={`tag ${look?.tint ?? ''}`}>
          {look && <Icon name={look.icon} />}
          {t(STAGE_WORDS[idea.stage] ?? 'stage.new')}
        </span>
        {date && (
          <span class="sm">
            {t('reply.by', { date: shortDate(ofDate(date), lang.value, shell.now.value) })}
          </span>
        )}
      </p>
    </section>
  )
}
