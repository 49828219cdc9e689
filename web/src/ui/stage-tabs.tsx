import { t } from '../t.ts'
import type { Lanes } from './board-view.ts'
import { type BoardStage, STAGE_WORDS, STAGES } from './words.ts'

interface StageTabsProps {
  lanes: Lanes
  stage: BoardStage
  choose: (stage: BoardStage) => void
}

/** The stage stream on a phone: four tabs with counts, moved between by arrows. */
export function StageTabs({ lanes, stage, choose }: StageTabsProps) {
  const keys = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const at = STAGES.findIndex((s) => s === stage)
    const next = STAGES[(at + step + STAGES.length) % STAGES.length]
    if (!step || !next) return
    event.preventDefault()
    choose(next)
    document.getElementById(`tab-${next}`)?.focus()
  }
  return (
    <div class="stream river" role="tablist" aria-label={t('board.stages')} onKeyDown={keys}>
      {STAGES.map((s) => (
        <button
          key={s}
          type="button"
          role="tab"
          id={`tab-${s}`}
          aria-selected={s === stage}
          aria-controls="lane"
          tabIndex={s === stage || (stage === 'not_now' && s === 'new') ? 0 : -1}
          onClick={() => choose(s)}
        >
          <span class="n">{lanes[s].length}</span>
          {t(STAGE_WORDS[s] ?? 'stage.new')}
        </button>
      ))}
    </div>
  )
}
