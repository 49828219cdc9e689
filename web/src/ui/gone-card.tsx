import { useState } from 'preact/hooks'
import { restore } from '../intents.ts'
import { call } from '../link.ts'
import type { Card } from '../replica.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Empty } from './empty.tsx'
import { whyHidden } from './hidden-mine.tsx'
import { LinkTo } from './link-to.tsx'
import { mayHide } from './teams.ts'
import { useSeeing } from './use-seeing.ts'
import { useTry } from './use-try.ts'

/** A card that was taken back or hidden: why, and the way to bring it back: its author's, or who may hide. */
export function GoneCard({ card }: { card: Card }) {
  const tried = useTry()
  const gone = card.gone ?? (['other', ''] as const)
  const withdrawn = gone[0] === 'withdrawn'
  const isMine = card.by === me.value?.person
  const isInMine = card.space === me.value?.own
  const mayRestore = withdrawn ? isMine || isInMine : mayHide(teamOf(card) ?? card.space)
  const why = whyHidden(gone)
  useSeeing(card.id, isMine && !withdrawn ? why : undefined)
  return (
    <div class="screen gut card-body">
      <Empty heading="h1" title={withdrawn ? t('card.gone') : t('hide.done')} text={why}>
        {isMine && !withdrawn && <AskReview card={card} />}
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

/** The author may ask somebody who helps but doesn't decide over people to look at it (H6). */
function AskReview({ card }: { card: Card }) {
  const [said, setSaid] = useState('')
  const ask = async () => {
    const path = `/api/spaces/${card.space}/cards/${card.id}/review`
    const asked = await call('POST', path, {}, () => null)
    setSaid(asked.ok ? t('hidden.asked') : whyNot(asked))
  }
  return (
    <div class="v gap2">
      <p class="sm soft">{t('hidden.days')}</p>
      {said ? (
        <p role="status">{said}</p>
      ) : (
        <button type="button" class="btn" onClick={ask}>
          {t('hidden.ask')}
        </button>
      )}
    </div>
  )
}

const teamOf = ({ raw }: Card) => (typeof raw.team === 'number' ? raw.team : null)
