import { edit, moveIdea } from '../intents.ts'
import { cards, type Idea } from '../replica.ts'
import { t } from '../t.ts'
import { useShell } from './shell.ts'
import { mineToAnswer } from './teams.ts'
import { useTry } from './use-try.ts'
import { type BoardStage, STAGE_WORDS } from './words.ts'

interface Parking {
  reason?: string
  revisit?: string
}

/** Move an idea and say so, with the way back. */
export function useMoving() {
  const shell = useShell()
  const tried = useTry()
  return async (idea: Idea, stage: BoardStage, parking: Parking = {}) => {
    const { stage: was, size } = idea
    const back = async () => {
      const now = cards('idea')
        .peek()
        .find((card) => card.id === idea.id)
      if (now) await edit(now, { stage: was, size })
    }
    // A team that starts by itself, by its standing permission, starts a quick deed.
    const moved = mineToAnswer(idea) ? moveIdea(idea, stage, parking) : edit(idea, { stage, size: 'quick' })
    if (!(await tried(moved))) return
    shell.say({
      icon: 'arrow-right',
      text: t('move.done', { stage: t(STAGE_WORDS[stage] ?? 'stage.new') }),
      undo: back,
    })
  }
}
