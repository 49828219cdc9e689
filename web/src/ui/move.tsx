import { useId, useState } from 'preact/hooks'
import type { Idea } from '../replica.ts'
import { t } from '../t.ts'
import { Field } from './field.tsx'
import { Radios } from './radios.tsx'
import { Sheet } from './sheet.tsx'
import { stagesFor } from './teams.ts'
import { useMoving } from './use-moving.ts'
import { ALL_STAGES, type BoardStage, STAGE_LOOK, STAGE_WORDS } from './words.ts'

interface MoveProps {
  idea: Idea
  stage?: BoardStage | undefined
  close: () => void
}

export const REASON_MIN = 10
export const REASON_MAX = 500

/** "Siirrä…": the main way to move an idea. Ei nyt asks why, and when to look again. */
export function MoveSheet({ idea, stage, close }: MoveProps) {
  const move = useMoving()
  const [chosen, choose] = useState<BoardStage>(stage ?? ALL_STAGES.find((s) => s === idea.stage) ?? 'new')
  const [reason, setReason] = useState(idea.reason ?? '')
  const [revisit, setRevisit] = useState(idea.revisit ?? '')
  const [fault, setFault] = useState('')
  const dateId = useId()
  const parking = chosen === 'not_now'
  const submit = async (event: Event) => {
    event.preventDefault()
    if (parking && reason.trim().length < REASON_MIN) return setFault(t('move.reason_short'))
    close()
    if (chosen !== idea.stage || parking)
      await move(idea, chosen, parking ? { reason: reason.trim(), ...(revisit ? { revisit } : {}) } : {})
  }
  const options = stagesFor(idea).map((s) => ({
    value: s,
    words: t(STAGE_WORDS[s] ?? 'stage.new'),
    icon: STAGE_LOOK[s]?.icon ?? ('lightbulb' as const),
  }))
  return (
    <Sheet title={t('move.title')} close={close}>
      <form class="v gap4" onSubmit={submit}>
        <p class="sm soft" lang={idea.lang || undefined}>
          {idea.title}
        </p>
        <Radios label={t('move.title')} options={options} value={chosen} choose={choose} />
        {parking && (
          <>
            <Field
              label={t('move.reason')}
              value={reason}
              set={setReason}
              max={REASON_MAX}
              fault={fault}
              rows={3}
            />
            <div class="field">
              <label for={dateId}>{t('move.revisit')}</label>
              <input
                id={dateId}
                class="input"
                type="date"
                value={revisit}
                onInput={(event) => setRevisit(event.currentTarget.value)}
              />
            </div>
          </>
        )}
        <button type="submit" class="btn pri full big">
          {t('move.save')}
        </button>
      </form>
    </Sheet>
  )
}
