import { useEffect, useState } from 'preact/hooks'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { leaveFor, type OrgSignIn, orgSignIn } from './oidc.ts'

/** In with the organisation's account, or by it as somebody new; nothing where there is no such way, or no network. */
export function OidcButton({ first = false }: { first?: boolean }) {
  const [way, setWay] = useState<OrgSignIn | null>(null)
  const [fault, setFault] = useState('')
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    orgSignIn().then((got) => setWay(got.ok && got.value.on ? got.value : null))
  }, [])
  if (way === null) return null
  const leave = async () => {
    setBusy(true)
    const left = await leaveFor('begin', first)
    setBusy(false)
    if (!left.ok) setFault(whyNot(left))
  }
  const usual = way.name ? t('oidc.sign_in_as', { name: way.name }) : t('oidc.sign_in')
  return (
    <>
      <button type="button" class="btn soft full big" aria-busy={busy} onClick={leave}>
        <Icon name="users-round" size="s" />
        {busy ? t('oidc.going') : first ? t('oidc.first_new') : usual}
      </button>
      <Fault words={fault} />
    </>
  )
}
