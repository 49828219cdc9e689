import { useState } from 'preact/hooks'
import { addPasskey, changePin, switchOff, switchOn, takeOut } from '../app-lock.ts'
import { me } from '../session.ts'
import { lang, t } from '../t.ts'
import { MOST_TRIES } from '../vault/attempts.ts'
import { pinFault } from '../vault/pin.ts'
import { whyNot } from './account.ts'
import { CodeField } from './code-field.tsx'
import { failureWords } from './failure.ts'
import { Fault } from './fault.tsx'
import { watchBackground } from './lock-watch.ts'
import { beginStepUp } from './passkeys.ts'
import { PIN_FAULTS } from './pin-words.ts'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'

interface LockSheetProps {
  close: () => void
  done: () => void
}

/** A PIN for the first time. What forgetting it costs is said before. */
export function NewPin({ close, done }: LockSheetProps) {
  const shell = useShell()
  const put = async (_: string, pin: string) => {
    await switchOn(pin, { person: me.value?.person ?? 0, lang: lang.value }, shell.clock)
    watchBackground(shell.clock)
    shell.say({ text: t('lock.now_on') })
    done()
    return ''
  }
  return <PinForm title={t('lock.switch_on')} action={t('lock.switch_on')} chooses close={close} put={put} />
}

export function ChangePin({ close, done }: LockSheetProps) {
  const shell = useShell()
  const put = async (old: string, pin: string) => {
    const tried = await changePin(old, pin, shell.clock)
    if ('wrong' in tried && tried.off) return t('locked.strong')
    if ('wrong' in tried && tried.wrong >= MOST_TRIES) close()
    if ('wrong' in tried) return wrongWords(tried.wrong)
    shell.say({ text: t('lock.changed') })
    done()
    return ''
  }
  return <PinForm title={t('lock.change')} action={t('me.save')} asks chooses close={close} put={put} />
}

export function WithoutPin({ close, done }: LockSheetProps) {
  const put = async (old: string) => {
    const tried = await switchOff(old)
    if ('wrong' in tried) return wrongWords(tried.wrong)
    done()
    return ''
  }
  return <PinForm title={t('lock.switch_off')} action={t('lock.switch_off')} asks close={close} put={put} />
}

/** The PIN once more, then the passkey: whoever has both may open with either. */
export function PasskeyForLock({ close, done }: LockSheetProps) {
  const { clock } = useShell()
  const put = async (old: string) => {
    const begun = await beginStepUp()
    if (!begun.ok) return whyNot(begun)
    const tried = await takeOut(old)
    if ('wrong' in tried) return wrongWords(tried.wrong)
    if (!(await addPasskey(tried.dataKey, begun.value, clock))) return t('lock.no_secret')
    done()
    return ''
  }
  return <PinForm title={t('lock.add_passkey')} action={t('sign_in.go_on')} asks close={close} put={put} />
}

interface PinFormProps {
  title: string
  action: string
  asks?: boolean
  chooses?: boolean
  close: () => void
  /** Does it; answers what is wrong, in words, or nothing. */
  put: (old: string, pin: string) => Promise<string>
}

function PinForm({ title, action, asks, chooses, close, put }: PinFormProps) {
  const [old, setOld] = useState('')
  const [pin, setPin] = useState('')
  const [again, setAgain] = useState('')
  const [fault, setFault] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (busy) return
    const bad = chooses ? pinFault(pin) : null
    if (bad) return setFault(PIN_FAULTS[bad]())
    if (chooses && pin !== again) return setFault(t('pin.differ'))
    setBusy(true)
    setFault(await put(old, pin).catch(failureWords))
    setBusy(false)
  }
  return (
    <Sheet title={title} close={close}>
      <form class="v gap4" onSubmit={submit}>
        {asks && <CodeField label={t('pin.old')} value={old} set={setOld} digits focus />}
        {chooses && (
          <>
            <p>{t('pin.forgetting')}</p>
            <CodeField
              label={t('pin.new')}
              value={pin}
              set={setPin}
              digits
              hint={t('pin.rule')}
              focus={!asks}
            />
            <CodeField label={t('pin.again')} value={again} set={setAgain} digits />
          </>
        )}
        <Fault words={fault} />
        <button type="submit" class="btn pri full" aria-busy={busy}>
          {busy ? t('lock.working') : action}
        </button>
      </form>
    </Sheet>
  )
}

/** How many tries are left after a wrong PIN. */
const wrongWords = (wrong: number) => t('lock.left', { count: MOST_TRIES - wrong })
