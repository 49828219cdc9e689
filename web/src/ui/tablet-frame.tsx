import { useEffect, useState } from 'preact/hooks'
import { lock } from '../session/on-tablet.ts'
import { tablet, tabletHere } from '../session/tablet.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { Avatar } from './avatar.tsx'
import { Icon } from './icons.tsx'
import { type Wakefulness, watchIdle } from './idle.ts'
import { IdleSigns } from './idle-signs.tsx'
import { useShell } from './shell.ts'

const LOCK_S = 120

/** What stands around every screen on a shared tablet: who is here, for how long, and the one tap that locks it. */
export function TabletFrame() {
  const { clock, unkept } = useShell()
  const [watch, setWatch] = useState<ReturnType<typeof watchIdle> | null>(null)
  useEffect(() => {
    tabletHere()
    const ways = { clock, ran: () => performance.now(), seconds: () => tablet.peek()?.lockS ?? LOCK_S, lock }
    const made = watchIdle(ways)
    setWatch(made)
    return made.stop
  }, [])
  const now: Wakefulness = watch?.now.value ?? { state: 'awake', left: LOCK_S }
  return (
    <>
      <aside class="at-tablet" aria-label={t('tablet.lock')}>
        <span class="at-tablet-who">
          <Avatar of={me.value?.person ?? null} />
          <span>
            <b>{me.value?.name.split(' ')[0]}</b>
            <span class="soft num">{t('tablet.locks_in', { time: clockWords(now.left) })}</span>
          </span>
        </span>
        <LockKey />
      </aside>
      {watch && <IdleSigns watch={watch} text={unkept.value ? t('drop.ending') : t('tablet.draft_stays')} />}
    </>
  )
}

/** One tap, and nobody is here. */
export function LockKey() {
  return (
    <button type="button" class="btn" onClick={lock}>
      <Icon name="lock" />
      {t('tablet.lock')}
    </button>
  )
}

/** 105 → "1.45" */
const clockWords = (seconds: number) =>
  `${Math.floor(Math.max(0, seconds) / 60)}.${String(Math.max(0, seconds) % 60).padStart(2, '0')}`
