import { useEffect, useState } from 'preact/hooks'
import { type Boxes, boxesHere } from '../drop/boxes.ts'
import { t } from '../t.ts'
import { DropForm } from './drop-form.tsx'
import { Empty } from './empty.tsx'
import { Icon } from './icons.tsx'
import { IdleSigns } from './idle-signs.tsx'
import { PlainPage } from './plain-page.tsx'
import { Sheet } from './sheet.tsx'
import { useLeftAlone } from './use-left-alone.ts'

/** The drop box of a tablet that nobody has unlocked: no name, no PIN, and nothing kept but what was dropped. */
export function TabletDrop({ done }: { done: () => void }) {
  const [boxes, setBoxes] = useState<Boxes | null>()
  const [hasWords, setHasWords] = useState(false)
  const [asks, setAsks] = useState(false)
  const watch = useLeftAlone()
  useEffect(() => {
    boxesHere().then(setBoxes)
  }, [])
  if (boxes === undefined) return <PlainPage>{null}</PlainPage>
  return (
    <PlainPage>
      <button type="button" class="btn quiet" onClick={() => (hasWords ? setAsks(true) : done())}>
        <Icon name="chevron-left" />
        {t('drop.close')}
      </button>
      <section class="panel v gap4">
        <h1 tabIndex={-1}>{t('drop.title')}</h1>
        {boxes?.boxes.length ? (
          <DropForm
            teams={boxes.boxes}
            to={boxes}
            done={done}
            typed={setHasWords}
            note={t('drop.not_kept')}
          />
        ) : (
          <Empty heading="h2" title={t('drop.no_box')} text={t('drop.no_box_text')} />
        )}
      </section>
      {asks && <Leaving stay={() => setAsks(false)} leave={done} />}
      {watch && <IdleSigns watch={watch} text={hasWords ? t('drop.ending') : ''} />}
    </PlainPage>
  )
}

function Leaving({ stay, leave }: { stay: () => void; leave: () => void }) {
  return (
    <Sheet title={t('drop.leave')} close={stay} alert>
      <div class="v gap4">
        <p>{t('drop.leave_text')}</p>
        <button type="button" class="btn pri full" data-focus onClick={stay}>
          {t('drop.go_on')}
        </button>
        <button type="button" class="btn bad full" onClick={leave}>
          {t('drop.throw_away')}
        </button>
      </div>
    </Sheet>
  )
}
