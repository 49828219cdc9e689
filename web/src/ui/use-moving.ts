import { moveIdea } from '../intents.ts'
import { cards, type Idea } from '../replica.ts'
import { t } from '../t.ts'
import { useShell } from './shell.ts'
import { type BoardStage, STAGE_WORDS } from './words.ts'

interface Parking {
  reason?: string
  revisit?: string
}

/** Move an idea and say so, with the way back. */
export function useMoving() {
  const shell = useShell()
  return async (idea: Idea, stage: BoardStage, parking: Parking = {}) => {
    const before = { stage: idea.stage, reason: idea.reason, revisit: idea.revisit }
    const back = async () => {
      const now = cards('idea').peek().find((card) => card.id === idea.id)
      if (!now) return
      const parked = { ...(before.reason ? { reason: before.reason } : {}), ...(before.revisit ? { revisit: before.revisit } : {}) }
      await moveIdea(now, before.stage, parked)
    }
    await moveIdea(idea, stage, parking)
    shell.say({
      icon: 'arrow-right',
      text: t('move.done', { stage: t(STAGE_WORDS[stage] ?? 'stage.new') }),
      undo: back,
    })
  }
}
