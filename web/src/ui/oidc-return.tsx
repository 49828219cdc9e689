import { useEffect, useState } from 'preact/hooks'
import { signedIn } from '../session.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'
import { Logo } from './logo.tsx'
import { backFrom, comeBack } from './oidc.ts'
import { OidcButton } from './oidc-button.tsx'
import { useShell } from './shell.ts'

/** Back from the organisation's sign-in. Its code leaves the address at once; what went wrong is said in words. */
export function OidcReturn() {
  const shell = useShell()
  const [back] = useState(() => backFrom(location))
  const [fault, setFault] = useState<string | null>(back.code ? null : '')
  useEffect(() => {
    history.replaceState(history.state, '', location.pathname)
    if (back.code) finish()
  }, [])
  const finish = async () => {
    const wasIn = signedIn.value
    const got = await comeBack(back)
    if (!got.ok) return setFault(whyNot(got))
    shell.go({ at: wasIn ? 'me' : 'today' }, true)
    shell.say({ icon: 'check', text: t('oidc.works') })
  }
  return (
    <main class="plainpage" id="main">
      <p class="brand">
        <Logo />
        Virtaamo
      </p>
      {fault === null ? (
        <p class="panel center" role="status">
          {t('oidc.returning')}
        </p>
      ) : (
        <Stopped fault={fault} />
      )}
    </main>
  )
}

function Stopped({ fault }: { fault: string }) {
  return (
    <div class="panel v gap4">
      <h1>{t('oidc.stopped')}</h1>
      {fault && (
        <p class="fault" role="alert">
          <Icon name="circle-alert" size="s" />
          {fault}
        </p>
      )}
      <p>{t('oidc.stopped_text')}</p>
      {!signedIn.value && <OidcButton />}
      <LinkTo to={{ at: signedIn.value ? 'me' : 'join' }} class="btn quiet">
        {signedIn.value ? t('join.back') : t('oidc.ways')}
      </LinkTo>
    </div>
  )
}
