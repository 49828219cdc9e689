import { restore } from '../intents.ts'
import type { Card } from '../replica.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { Empty } from './empty.tsx'
import { LinkTo } from './link-to.tsx'
import { mayHide } from './teams.ts'
import { useTry } from './use-try.ts'
import { HIDE_WORDS } from './words.ts'

/** A card that was taken back or hidden: why, and the way to bring it back: its author's, or who may hide. */
export function GoneCard({ card }: { card: Card }) {
  const tried = useTry()
  const [reason, text] = card.gone ?? ['other', '']
  const withdrawn = reason === 'withdrawn'
  const mayRestore = withdrawn ? card.by === me.value?.person : mayHide(teamOf(card) ?? card.space)
  const words = t(HIDE_WORDS[reason] ?? 'hide.other')
  return (
    <div class="screen gut card-body">
      <Empty
        heading="h1"
        title={withdrawn ? t('card.gone') : t('hide.done')}
        text={text ? `${words}: ${text}` : words}
      >
        <div class="choices">
          <LinkTo to={{ at: 'board' }} class="btn">
            {t('card.back')}
          </LinkTo>
          {mayRestore && (
            <button type="button" class="btn soft" onClick={() => tried(restore(card))}>
              {t('card.restore')}
            </button>
          )}
        </div>
      </Empty>
    </div>
  )
}

const teamOf = ({ raw }: Card) => (typeof raw.team === 'number' ? raw.team : null)
