import { useEffect, useState } from 'preact/hooks'
import { lockAfter, lockNow } from '../app-lock.ts'
import { hasPasskeys } from '../passkey.ts'
import { t } from '../t.ts'
import type { LockRow } from '../vault/lock-row.ts'
import { Icon } from './icons.tsx'
import { ChangePin, NewPin, PasskeyForLock, WithoutPin } from './lock-sheets.tsx'
import { readMinutes } from './lock-watch.ts'
import { Radios } from './radios.tsx'

type Open = 'on' | 'change' | 'off' | 'passkey'
const MINUTES = ['1', '5', '15', '60'] as const

/** The app lock: a PIN for this device's copy, beside the lock of the device itself. */
export function MeLock() {
  const [row, setRow] = useState<LockRow | null>(null)
  const [open, setOpen] = useState<Open | null>(null)
  const look = async () => {
    await readMinutes()
    setRow(await lockNow())
  }
  useEffect(() => {
    look()
  }, [])
  const close = () => setOpen(null)
  const done = () => {
    close()
    look()
  }
  const sheets = { close, done }
  return (
    <section class="panel v" aria-labelledby="me-lock">
      <h2 id="me-lock">{t('lock.section')}</h2>
      <p class="sm soft">{row ? t('lock.is_on') : t('lock.why')}</p>
      {row ? (
        <On row={row} open={setOpen} changed={look} />
      ) : (
        <button type="button" class="btn soft" onClick={() => setOpen('on')}>
          <Icon name="lock" size="s" />
          {t('lock.switch_on')}
        </button>
      )}
      {open === 'on' && <NewPin {...sheets} />}
      {open === 'change' && <ChangePin {...sheets} />}
      {open === 'off' && <WithoutPin {...sheets} />}
      {open === 'passkey' && <PasskeyForLock {...sheets} />}
    </section>
  )
}

interface OnProps {
  row: LockRow
  open: (what: Open) => void
  changed: () => void
}

function On({ row, open, changed }: OnProps) {
  const options = MINUTES.map((value) => ({ value, words: t('lock.minutes', { count: Number(value) }) }))
  const now = MINUTES.find((value) => Number(value) === row.minutes) ?? null
  const choose = async (value: string) => {
    await lockAfter(Number(value))
    changed()
  }
  return (
    <>
      <p class="label">{t('lock.after')}</p>
      <Radios look="chip" label={t('lock.after')} options={options} value={now} choose={choose} />
      <div class="choices">
        <button type="button" class="btn" onClick={() => open('change')}>
          {t('lock.change')}
        </button>
        {hasPasskeys() && !row.passkey && (
          <button type="button" class="btn" onClick={() => open('passkey')}>
            {t('lock.add_passkey')}
          </button>
        )}
        <button type="button" class="btn quiet" onClick={() => open('off')}>
          {t('lock.switch_off')}
        </button>
      </div>
    </>
  )
}
