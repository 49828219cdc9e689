import { useEffect, useState } from 'preact/hooks'
import { fromBase64url } from '../bytes.ts'
import { hex } from '../codec.ts'
import { me, signedIn } from '../session.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { Join } from './join.tsx'
import { LinkTo } from './link-to.tsx'
import { PlainPage } from './plain-page.tsx'
import { useShell } from './shell.ts'
import { approveCopy, lookAtRequest, type Request } from './tablets.ts'

/** The request's code, and SHA-256 of the key that the tablet has made. */
const ASKED = /^#([\w-]{22})([\w-]{43})$/

/** Where a tablet's picture leads on a phone: whose copy it is, where, and the number that stands there (D-41). */
export function ApprovePage() {
  const shell = useShell()
  const [asked, setAsked] = useState(() => ASKED.exec(location.hash))
  useEffect(() => {
    // The code stays in no history; another picture may open in this very window.
    const follow = () => {
      const next = ASKED.exec(location.hash)
      if (next) setAsked(next)
      shell.go({ at: 'approve' }, true)
    }
    follow()
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  if (!signedIn.value) return <Join home={() => undefined} />
  const [, code, print] = asked ?? []
  return (
    <PlainPage>
      {code && print ? <Asked key={code} code={code} print={print} /> : <NoCode />}
      <LinkTo to={{ at: 'today' }} class="btn quiet">
        {t('claim.back')}
      </LinkTo>
    </PlainPage>
  )
}

function NoCode() {
  return (
    <section class="panel v gap4">
      <h1 tabIndex={-1}>{t('tablet.title')}</h1>
      <p>{t('approve.no_code')}</p>
    </section>
  )
}

/** One request; whatever was answered, it is asked once. */
function Asked({ code, print }: { code: string; print: string }) {
  const [seen, setSeen] = useState<Request | null>(null)
  const [fault, setFault] = useState('')
  const [state, setState] = useState<'open' | 'busy' | 'done' | 'over'>('open')
  useEffect(() => {
    lookAtRequest(code).then((got) => {
      if (!got.ok) setFault(whyNot(got))
      else if (got.value.print !== hex(fromBase64url(print))) setFault(t('approve.swapped'))
      else setSeen(got.value)
    })
  }, [])
  const pick = async (number: number) => {
    setState('busy')
    const done = await approveCopy(code, number)
    // Without a proof, or a network, the request is still there; every other answer ends it.
    const waits = !done.ok && (done.error === 'reauth_required' || done.error === 'offline')
    setState(done.ok ? 'done' : waits ? 'open' : 'over')
    setFault(done.ok ? '' : whyNot(done))
  }
  if (!seen)
    return (
      <section class="panel v gap4">
        <h1 tabIndex={-1}>{t('tablet.title')}</h1>
        {!fault && <p class="soft">{t('approve.looking')}</p>}
        <Fault words={fault} />
      </section>
    )
  if (state === 'done') return <Done device={seen.device} />
  return (
    <section class="panel v gap4">
      <h1 tabIndex={-1}>{t('approve.title', { device: seen.device })}</h1>
      <p>{t('approve.where', { name: me.value?.name ?? '', teams: seen.teams.join(', ') })}</p>
      {state !== 'over' && <Numbers numbers={seen.numbers} busy={state === 'busy'} pick={pick} />}
      <Fault words={fault} />
    </section>
  )
}

interface NumbersProps {
  numbers: readonly number[]
  busy: boolean
  pick: (number: number) => void
}

function Numbers({ numbers, busy, pick }: NumbersProps) {
  return (
    <>
      <p>{t('approve.only')}</p>
      <p class="label">{t('approve.number')}</p>
      <div class="keys" role="group" aria-label={t('approve.number')}>
        {numbers.map((number) => (
          <button key={number} type="button" class="key num" disabled={busy} onClick={() => pick(number)}>
            {number}
          </button>
        ))}
      </div>
      <p class="sm soft">{t('approve.wrong')}</p>
    </>
  )
}

function Done({ device }: { device: string }) {
  return (
    <section class="panel v gap4" role="status">
      <h1 tabIndex={-1}>
        <Icon name="check" /> {t('approve.done')}
      </h1>
      <p>{t('approve.done_text', { device })}</p>
    </section>
  )
}
