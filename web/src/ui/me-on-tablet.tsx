import { useEffect, useState } from 'preact/hooks'
import { call } from '../link.ts'
import { moveTile, type Tile, tiles } from '../session/copies.ts'
import { endHere, lock } from '../session/on-tablet.ts'
import { tablet } from '../session/tablet.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { ChangePin } from './lock-sheets.tsx'
import { Sheet } from './sheet.tsx'

/** What somebody may change of their copy on a shared tablet: its PIN, its place on the lock screen, its end. */
export function MeOnTablet() {
  const [open, setOpen] = useState<'pin' | 'end' | null>(null)
  const close = () => setOpen(null)
  return (
    <section class="panel v gap4" aria-labelledby="me-tablet">
      <h2 id="me-tablet">{t('me_tablet.title', { name: tablet.value?.name ?? '' })}</h2>
      <p class="soft">{t('me_tablet.text')}</p>
      <button type="button" class="btn pri" onClick={lock}>
        <Icon name="users-round" size="s" />
        {t('me_tablet.switch')}
      </button>
      <Order />
      <div class="choices">
        <button type="button" class="btn" onClick={() => setOpen('pin')}>
          {t('lock.change')}
        </button>
        <button type="button" class="btn quiet" onClick={() => setOpen('end')}>
          {t('me_tablet.end')}
        </button>
      </div>
      {open === 'pin' && <ChangePin close={close} done={close} />}
      {open === 'end' && <End close={close} />}
    </section>
  )
}

/** The order of the lock screen is what its people choose; it says nothing of who was here when. */
function Order() {
  const [all, setAll] = useState<readonly Tile[]>([])
  const read = () => tiles().then(setAll)
  useEffect(() => {
    read()
  }, [])
  const person = me.value?.person ?? 0
  const at = all.findIndex((tile) => tile.person === person)
  if (all.length < 2) return null
  const move = async (by: -1 | 1) => {
    await moveTile(person, by)
    await read()
  }
  return (
    <div class="v gap2" role="group" aria-label={t('me_tablet.place')}>
      <span role="status">{t('me_tablet.place_is', { place: at + 1, of: all.length })}</span>
      <div class="h gap2 wrap">
        <button type="button" class="btn" disabled={at <= 0} onClick={() => move(-1)}>
          {t('me_tablet.sooner')}
        </button>
        <button type="button" class="btn" disabled={at >= all.length - 1} onClick={() => move(1)}>
          {t('me_tablet.later')}
        </button>
      </div>
    </div>
  )
}

/** My copy on this tablet goes; what waits here sealed is still delivered. */
function End({ close }: { close: () => void }) {
  const [fault, setFault] = useState('')
  const end = async () => {
    const path = `/api/devices/${tablet.value?.device}/persons/${me.value?.person}`
    const done = await call('DELETE', path, null, () => null)
    if (!done.ok) return setFault(whyNot(done))
    await endHere()
  }
  return (
    <Sheet title={t('me_tablet.end')} close={close} alert>
      <p>{t('me_tablet.end_text')}</p>
      <Fault words={fault} />
      <div class="h gap2 end wrap">
        <button type="button" class="btn quiet" onClick={close} data-focus>
          {t('out.no')}
        </button>
        <button type="button" class="btn bad" onClick={end}>
          {t('me_tablet.end_do')}
        </button>
      </div>
    </Sheet>
  )
}
