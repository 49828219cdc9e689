import { useState } from 'preact/hooks'
import type { Result } from '../link.ts'
import { hasPasskeys } from '../passkey.ts'
import { net, signedIn } from '../session.ts'
import { t } from '../t.ts'
import { CodeField } from './code-field.tsx'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'
import { OidcButton } from './oidc-button.tsx'
import { whyNoKey } from './passkeys.ts'
import { RecoverForm } from './recover-form.tsx'
import { codeIn, signInByPasskey } from './sign-ins.ts'

interface SignInProps {
  /** Why an invitation's link didn't open. */
  fault: string
  /** An invitation's code was typed. */
  invited: (code: string) => void
  /** Signed in; `offer` says whether a passkey would be of use. */
  done: (offer: boolean) => void
}

/** The ways in: a passkey, an invitation's code, a recovery code. What lies on this device waits meanwhile. */
export function SignIn({ fault, invited, done }: SignInProps) {
  const [wrong, setWrong] = useState('')
  const [busy, setBusy] = useState(false)
  const isBack = net.value === 'signed_out'
  const enter = async () => {
    setBusy(true)
    const got: Result<unknown> = await signInByPasskey()
    setBusy(false)
    if (got.ok) return done(false)
    setWrong(whyNoKey(got))
  }
  return (
    <div class="v gap4">
      <div class="panel v gap4">
        <h1>{isBack ? t('sign_in.again') : t('join.welcome')}</h1>
        <Fault words={fault} />
        <p>{isBack ? t('sign_in.kept') : t('sign_in.new')}</p>
        {hasPasskeys() && (
          <button type="button" class="btn pri full big" aria-busy={busy} onClick={enter}>
            <Icon name="key-round" size="s" />
            {t('sign_in.passkey')}
          </button>
        )}
        <OidcButton />
        <Fault words={wrong} />
      </div>
      <TypedCode invited={invited} />
      <RecoverForm done={() => done(true)} />
      <p class="sm soft center">{t('join.ask')}</p>
      <LinkTo to={{ at: 'claim' }} class="btn quiet">
        {t('claim.open')}
      </LinkTo>
      {signedIn.value && (
        <LinkTo to={{ at: 'today' }} class="btn quiet">
          {t('join.back')}
        </LinkTo>
      )}
    </div>
  )
}

/** An invitation that was read out or written down, or a link that was pasted. */
function TypedCode({ invited }: { invited: (code: string) => void }) {
  const [text, setText] = useState('')
  const [fault, setFault] = useState('')
  const submit = (event: Event) => {
    event.preventDefault()
    const code = codeIn(text)
    if (code === null) setFault(t('sign_in.no_code'))
    else invited(code)
  }
  return (
    <form class="panel v" onSubmit={submit}>
      <h2>{t('sign_in.invited')}</h2>
      <CodeField
        label={t('sign_in.code')}
        value={text}
        set={setText}
        fault={fault}
        hint={t('sign_in.code_hint')}
      />
      <button type="submit" class="btn soft">
        {t('sign_in.go_on')}
      </button>
    </form>
  )
}
