import { useEffect, useState } from 'preact/hooks'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { turnOff, turnOn, type Woken, woken } from './push.ts'
import { askQuiet, type Quiet, saveQuiet } from './quiet.ts'
import { QuietTimes } from './quiet-times.tsx'
import { useShell } from './shell.ts'
import { Switch } from './switch.tsx'

/** Ilmoitukset: off until the person turns them on, and when and of what they come. */
export function MePush() {
  const [state, setState] = useState<Woken | null>(null)
  const [fault, setFault] = useState('')
  useEffect(() => {
    woken().then(setState)
  }, [])
  const turn = async (on: boolean) => {
    setFault('')
    const done = on ? await turnOn() : await turnOff()
    const now = await woken()
    setState(now)
    if (done && !done.ok && now !== 'denied')
      setFault(done.error === 'push' ? t('push.failed') : whyNot(done))
  }
  return (
    <section class="panel v" aria-labelledby="me-push">
      <h2 id="me-push">{t('push.title')}</h2>
      <p class="sm soft">{t('push.text')}</p>
      {(state === 'on' || state === 'off') && (
        <Switch words={t('push.here')} on={state === 'on'} set={turn} />
      )}
      {state !== null && <Why state={state} />}
      <Fault words={fault} />
      {state === 'on' && <Times />}
    </section>
  )
}

/** What keeps this device from being woken, and what to do. */
function Why({ state }: { state: Woken }) {
  const words = {
    denied: t('push.denied'),
    install: t('push.install'),
    missing: t('push.missing'),
    unoffered: t('push.unoffered'),
    offline: t('net.needed'),
    on: '',
    off: '',
  }[state]
  return words ? <p>{words}</p> : null
}

function Times() {
  const shell = useShell()
  const [quiet, setQuiet] = useState<Quiet | null>(null)
  useEffect(() => {
    askQuiet().then((asked) => {
      if (asked.ok) setQuiet(asked.value)
    })
  }, [])
  if (quiet === null) return null
  const set = async (part: Partial<Quiet>) => {
    const next = { ...quiet, ...part }
    setQuiet(next)
    const saved = await saveQuiet(next)
    if (saved.ok) return
    setQuiet(quiet)
    shell.say({ icon: 'circle-alert', text: whyNot(saved) })
  }
  return <QuietTimes quiet={quiet} set={set} />
}
