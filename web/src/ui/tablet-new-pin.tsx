import { useEffect, useRef, useState } from 'preact/hooks'
import { settle, type Taken } from '../session/coming.ts'
import { t } from '../t.ts'
import { pinFault } from '../vault/pin.ts'
import { CodeField } from './code-field.tsx'
import { failureWords } from './failure.ts'
import { Fault } from './fault.tsx'
import { PIN_FAULTS } from './pin-words.ts'
import { useShell } from './shell.ts'

/** A PIN for this tablet, chosen by whoever has just come; what forgetting it costs is said before (D-53). */
export function TabletNewPin({ taken }: { taken: Taken }) {
  const shell = useShell()
  const [pin, setPin] = useState('')
  const [again, setAgain] = useState('')
  const [fault, setFault] = useState('')
  const [busy, setBusy] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const submit = async (event: Event) => {
    event.preventDefault()
    if (busy) return
    const bad = pinFault(pin)
    if (bad) return setFault(PIN_FAULTS[bad]())
    if (pin !== again) return setFault(t('pin.differ'))
    setFault('')
    setBusy(true)
    try {
      // Whoever is in sees their day instead of this.
      if (await settle(taken, pin, shell.clock)) return shell.go({ at: 'today' }, true)
      setFault(t('locked.elsewhere'))
    } catch (why) {
      setFault(failureWords(why))
    }
    setBusy(false)
  }
  return (
    <form class="come panel v gap4" onSubmit={submit}>
      <h1 ref={heading} tabIndex={-1}>
        {t('come.pin', { name: taken.me.name ?? '' })}
      </h1>
      <p>{t('come.pin_text')}</p>
      <p>{t('come.forgetting')}</p>
      <CodeField label={t('lock.pin')} value={pin} set={setPin} digits hint={t('pin.rule')} />
      <CodeField label={t('come.pin_again')} value={again} set={setAgain} digits />
      <Fault words={fault} />
      <button type="submit" class="btn pri full big" aria-busy={busy}>
        {busy ? t('lock.working') : t('come.pin_do')}
      </button>
    </form>
  )
}
