import { cards } from '../replica.ts'
import { lang, t } from '../t.ts'
import type { CaptureDraft } from './capture-draft.ts'
import { Chips } from './chips.tsx'
import { Icon } from './icons.tsx'
import { capital, LANG_NAMES, NEED_WORDS, NEEDS, nameIn } from './words.ts'

interface MoreProps {
  draft: CaptureDraft
  set: (part: Partial<CaptureDraft>) => void
}

const MAX_GOALS = 3

/** What may be told as well: whom it helps, which goal, in which language. Closed until wanted. */
export function CaptureMore({ draft, set }: MoreProps) {
  const goals = cards('goal').value.map((goal) => ({ value: goal.id, words: nameIn(goal.names, lang.value) }))
  return (
    <details>
      <summary>
        {t('capture.more')}
        <Icon name="chevron-down" />
      </summary>
      <div class="v gap4">
        {draft.kind === 'idea' && (
          <Chips
            label={t('capture.need')}
            options={NEEDS.map((need) => ({
              value: need,
              words: capital(t(NEED_WORDS[need] ?? 'need.other')),
            }))}
            chosen={draft.need}
            set={(need) => set({ need })}
          />
        )}
        {goals.length > 0 && (
          <Chips
            label={t('capture.goals')}
            options={goals}
            chosen={draft.goals}
            set={(chosen) => set({ goals: chosen.slice(-MAX_GOALS) })}
          />
        )}
        <label class="field">
          <span class="label">{t('field.lang')}</span>
          <select
            class="input"
            value={draft.lang}
            onChange={(event) => set({ lang: event.currentTarget.value })}
          >
            {Object.entries(LANG_NAMES).map(([tag, name]) => (
              <option key={tag} value={tag} lang={tag}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
    </details>
  )
}
