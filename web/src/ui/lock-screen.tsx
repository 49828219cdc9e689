import { useEffect, useState } from 'preact/hooks'
import { behind, forgive, lockNow, openByPasskey, openByPin } from '../app-lock.ts'
import { hasPasskeys } from '../passkey.ts'
import { isLang, speak, t } from '../t.ts'
import { MOST_TRIES, waitMs } from '../vault/attempts.ts'
import { Icon } from './icons.tsx'
import { watchBackground } from './lock-watch.ts'
import { LockedOut } from './locked-out.tsx'
import { PinPad } from './pin-pad.tsx'
import { PlainPage } from './plain-page.tsx'
import { useShell } from './shell.ts'
import { useCountdown } from './use-countdown.ts'

/** Nothing of anybody before the PIN. Wrong ones cost a wait; after the fifth their person signs in first (D-54). */
export function LockScreen() {
  const { clock } = useShell()
  const [wrong, setWrong] = useState(0)
  const [busy, setBusy] = useState(true)
  const [byPasskey, setByPasskey] = useState(false)
  const [forgotten, setForgotten] = useState(false)
  const wait = useCountdown(waitMs(wrong), wrong)
  useEffect(() => {
    Promise.all([behind(), lockNow()]).then(async ([{ wrong: before }, row]) => {
      if (row && isLang(row.lang)) await speak(row.lang)
      setWrong(before)
      setByPasskey(row?.passkey != null && hasPasskeys())
      setBusy(false)
    })
  }, [])
  const opened = () => watchBackground(clock)
  const enter = async (pin: string) => {
    setBusy(true)
    const tried = await openByPin(pin)
    setBusy(false)
    if ('dataKey' in tried) opened()
    else setWrong(tried.wrong)
  }
  const forgiven = async () => {
    await forgive()
    setWrong(0)
    setForgotten(false)
  }
  const isOut = wrong >= MOST_TRIES
  return (
    <PlainPage>
      <div class="panel v gap4 center">
        <h1>{t('lock.title')}</h1>
        {isOut || forgotten ? (
          <LockedOut out={isOut} forgiven={forgiven} back={() => setForgotten(false)} />
        ) : (
          <>
            <PinPad
              label={t('lock.pin')}
              action={busy ? t('lock.opening') : t('lock.open')}
              fault={faultWords(wrong, wait)}
              off={busy || wait > 0}
              enter={enter}
            />
            {byPasskey && (
              <button
                type="button"
                class="btn soft full"
                onClick={async () => (await openByPasskey(clock)) && opened()}
              >
                <Icon name="key-round" size="s" />
                {t('lock.by_passkey')}
              </button>
            )}
            <button type="button" class="btn quiet" onClick={() => setForgotten(true)}>
              {t('lock.forgot')}
            </button>
          </>
        )}
      </div>
    </PlainPage>
  )
}

/** What the last wrong PIN means; before the fifth it says what that one will. */
function faultWords(wrong: number, wait: number): string {
  if (wrong === 0) return ''
  const left = t('lock.left', { count: MOST_TRIES - wrong })
  const next = wrong === MOST_TRIES - 1 ? ` ${t('lock.last')}` : ''
  return wait > 0 ? `${t('lock.wait', { s: wait })} ${left}${next}` : `${left}${next}`
}
