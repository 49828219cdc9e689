import { useEffect, useRef, useState } from 'preact/hooks'
import type { Me } from '../link/me.ts'
import type { Result } from '../link.ts'
import { answerOf, askPhone, type Coming, type Taken, takeByCode, takeByRequest } from '../session/coming.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { CodeField } from './code-field.tsx'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { useShell } from './shell.ts'
import { TabletNewPin } from './tablet-new-pin.tsx'
import { useCountdown } from './use-countdown.ts'

const POLL_MS = 2_000

type Over = 'refused' | 'expired'

/** A copy for somebody: their own phone approves it, or their supervisor has made a code; then they choose a PIN (D-41 to D-43). */
export function TabletCome({ again }: { again: boolean }) {
  const { online } = useShell()
  const [taken, setTaken] = useState<Taken | null>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  if (taken) return <TabletNewPin taken={taken} />
  return (
    <div class="come">
      <h1 ref={heading} tabIndex={-1}>
        {again ? t('come.again') : t('locked.new')}
      </h1>
      {online.value ? (
        <>
          <ByPhone ask={askPhone} taken={(me, author) => author && setTaken({ me, author })} />
          <ByCode taken={setTaken} />
        </>
      ) : (
        <p class="panel" role="status">
          {t('come.offline')}
        </p>
      )}
    </div>
  )
}

interface ByPhoneProps {
  ask: () => Promise<Result<Coming>>
  /** A phone has approved it: whose it was, and the key that it approved. */
  taken: (me: Me, author: Coming['author']) => void
}

/** The picture that the phone's camera opens, and the number that is picked there. */
export function ByPhone({ ask: make, taken }: ByPhoneProps) {
  const [coming, setComing] = useState<Coming | null>(null)
  const [over, setOver] = useState<Over | null>(null)
  const [fault, setFault] = useState('')
  const ask = async () => {
    setOver(null)
    setFault('')
    const got = await make()
    setComing(got.ok ? got.value : null)
    if (!got.ok) setFault(whyNot(got))
  }
  const take = async (one: Coming) => {
    const got = await takeByRequest(one)
    if (got.ok) taken(got.value, one.author)
    else {
      setComing(null)
      setFault(whyNot(got))
    }
  }
  const hear = (answer: 'approved' | Over) => {
    if (coming !== null && answer === 'approved') take(coming)
    else if (answer !== 'approved') {
      setComing(null)
      setOver(answer)
    }
  }
  useEffect(() => {
    ask()
  }, [])
  useAnswer(coming, hear)
  return (
    <section class="panel v gap4 center" aria-labelledby="by-phone">
      <h2 id="by-phone">{t('come.phone')}</h2>
      <p>{t('come.phone_text')}</p>
      {coming && <Picture {...coming.asked} />}
      <p role="status">
        {over === 'refused' && t('come.refused')}
        {over === 'expired' && t('come.expired')}
      </p>
      <Fault words={fault} />
      {(over || fault) && (
        <button type="button" class="btn pri" onClick={ask}>
          <Icon name="refresh-cw" size="s" />
          {t('come.new_picture')}
        </button>
      )}
    </section>
  )
}

/** Ask every two seconds what the phone said, for as long as the request stands. */
function useAnswer(coming: Coming | null, hear: (answer: 'approved' | Over) => void): void {
  const { clock } = useShell()
  useEffect(() => {
    if (coming === null) return
    let cancel = () => {}
    let isOver = false
    const poll = async () => {
      const answer = await answerOf(coming)
      if (isOver) return
      if (answer === 'waiting' || answer === 'offline') cancel = clock.after(POLL_MS, poll)
      else hear(answer)
    }
    cancel = clock.after(POLL_MS, poll)
    return () => {
      isOver = true
      cancel()
    }
  }, [coming])
}

function Picture({ qr, number, until }: Coming['asked']) {
  const { clock } = useShell()
  const left = useCountdown(until - clock.now(), until)
  return (
    <div class="come-picture">
      <svg class="qr" viewBox={`0 0 ${qr.size} ${qr.size}`} role="img" aria-label={t('come.qr')}>
        <path d={qr.path} />
      </svg>
      <p class="v">
        <span class="label">{t('come.number')}</span>
        <b class="number num">{number}</b>
        <span class="sm soft">{t('come.valid', { s: left })}</span>
      </p>
    </div>
  )
}

/** Whoever has no phone with them gets a code from the supervisor. */
function ByCode({ taken }: { taken: (taken: Taken) => void }) {
  const [code, setCode] = useState('')
  const [fault, setFault] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (busy || !code.trim()) return
    setBusy(true)
    const got = await takeByCode(code.trim())
    setBusy(false)
    if (got.ok) taken(got.value)
    else setFault(whyNot(got))
  }
  return (
    <form class="panel v gap4" onSubmit={submit}>
      <h2>{t('come.no_phone')}</h2>
      <CodeField label={t('come.code')} value={code} set={setCode} hint={t('come.code_hint')} fault={fault} />
      <button type="submit" class="btn full" aria-busy={busy}>
        {t('sign_in.go_on')}
      </button>
    </form>
  )
}
