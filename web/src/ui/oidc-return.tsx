import { useEffect, useState } from 'preact/hooks'
import { signedIn } from '../session.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { LinkTo } from './link-to.tsx'
import { backFrom, comeBack } from './oidc.ts'
import { OidcButton } from './oidc-button.tsx'
import { PlainPage } from './plain-page.tsx'
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
    if (!got.ok) return setFault(got.error === 'identity_new' ? got.error : whyNot(got))
    shell.go({ at: wasIn ? 'me' : 'today' }, true)
    shell.say({ icon: 'check', text: t('oidc.works') })
  }
  return (
    <PlainPage>
      {fault === null ? (
        <p class="panel center" role="status">
          {t('oidc.returning')}
        </p>
      ) : (
        <Stopped fault={fault} />
      )}
    </PlainPage>
  )
}

/** What went wrong, or the question that somebody unknown is asked before they become a person here. */
function Stopped({ fault }: { fault: string }) {
  const first = fault === 'identity_new'
  return (
    <div class="panel v gap4">
      <h1>{first ? t('oidc.first') : t('oidc.stopped')}</h1>
      <Fault words={first ? '' : fault} />
      <p>{first ? t('oidc.first_text') : t('oidc.stopped_text')}</p>
      {!signedIn.value && <OidcButton first={first} />}
      <LinkTo to={{ at: signedIn.value ? 'me' : 'join' }} class="btn quiet">
        {signedIn.value ? t('join.back') : first ? t('oidc.first_known') : t('oidc.ways')}
      </LinkTo>
    </div>
  )
}
