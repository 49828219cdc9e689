import { useEffect, useState } from 'preact/hooks'
import { readCode } from '../drop/code.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { type Claimed, claim, type Wish } from './claim.ts'
import { ClaimView } from './claim-view.tsx'
import { Fault } from './fault.tsx'
import { Field } from './field.tsx'
import { LinkTo } from './link-to.tsx'
import { PlainPage } from './plain-page.tsx'
import { useShell } from './shell.ts'

const CODE_MAX = 60

/** Where a claim code leads: typed here or carried by a link, with no account, on any device. */
export function ClaimPage() {
  const shell = useShell()
  const [code, setCode] = useState('')
  const [typed, setTyped] = useState('')
  const [found, setFound] = useState<Claimed | null>(null)
  const [fault, setFault] = useState('')
  const [busy, setBusy] = useState(false)
  const ask = async (whose: string, wish: Wish) => {
    setBusy(true)
    const got = await claim(whose, wish)
    setBusy(false)
    setFault(got.ok ? '' : whyNot(got))
    if (!got.ok) return false
    setCode(whose)
    setFound(got.value)
    return true
  }
  const open = (words: string) => {
    const whole = readCode(words)
    if (whole === null) setFault(t('claim.not_a_code'))
    else ask(whole, { do: 'read' })
  }
  useEffect(() => {
    const follow = () => {
      const carried = decoded(location.hash.slice(1))
      if (!carried) return
      // The code stays in no history.
      shell.go({ at: 'claim' }, true)
      setFound(null)
      setTyped(carried.replaceAll('-', ' '))
      open(carried)
    }
    follow()
    // A link that is followed in a window that is here already changes nothing else.
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  const submit = (event: Event) => {
    event.preventDefault()
    if (!busy) open(typed)
  }
  return (
    <PlainPage>
      <h1 tabIndex={-1}>{t('claim.title')}</h1>
      {found && <ClaimView found={found} busy={busy} ask={(wish) => ask(code, wish)} />}
      {found && <Fault words={fault} />}
      {!found && (
        <form class="panel v" onSubmit={submit}>
          <Field
            label={t('drop.code')}
            value={typed}
            set={setTyped}
            max={CODE_MAX}
            fault={fault}
            hint={t('claim.hint')}
            lang="fi"
            focus
          />
          <button type="submit" class="btn pri full" aria-busy={busy}>
            {t('claim.do')}
          </button>
        </form>
      )}
      <LinkTo to={{ at: 'today' }} class="btn quiet">
        {t('claim.back')}
      </LinkTo>
    </PlainPage>
  )
}

/** Words as a link carries them; what isn't well written is left as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
