import { useEffect, useState } from 'preact/hooks'
import { sendNow } from '../link.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { leaveFor, type OrgSignIn, orgSignIn, unlink } from './oidc.ts'
import { Sheet } from './sheet.tsx'

/** The organisation's account: linked to me, or to be linked; nothing where the organisation has no sign-in here. */
export function MeOidc() {
  const [way, setWay] = useState<OrgSignIn | null>(null)
  const [fault, setFault] = useState('')
  const [asks, setAsks] = useState(false)
  const look = () => orgSignIn().then((got) => setWay(got.ok && got.value.on ? got.value : null))
  useEffect(() => {
    look()
  }, [])
  if (way === null) return null
  const link = async () => {
    const left = await leaveFor('link')
    if (!left.ok) setFault(whyNot(left))
  }
  return (
    <section class="panel v" aria-labelledby="me-oidc">
      <h2 id="me-oidc">{way.name || t('oidc.title')}</h2>
      <p>{way.linked ? t('oidc.linked') : t('oidc.not_linked')}</p>
      <Fault words={fault} />
      <button type="button" class="btn soft" onClick={way.linked ? () => setAsks(true) : link}>
        <Icon name="users-round" size="s" />
        {way.linked ? t('oidc.unlink') : t('oidc.link')}
      </button>
      {asks && <UnlinkSheet close={() => setAsks(false)} done={look} />}
    </section>
  )
}

/** What goes with the account is said before it goes. */
function UnlinkSheet({ close, done }: { close: () => void; done: () => void }) {
  const [fault, setFault] = useState('')
  const undo = async () => {
    const undone = await unlink()
    if (!undone.ok) return setFault(whyNot(undone))
    sendNow()
    done()
    close()
  }
  return (
    <Sheet title={t('oidc.unlink_title')} close={close} alert>
      <p>{t('oidc.unlink_text')}</p>
      <Fault words={fault} />
      <div class="h gap2 end wrap">
        <button type="button" class="btn quiet" onClick={close} data-focus>
          {t('oidc.unlink_no')}
        </button>
        <button type="button" class="btn bad" onClick={undo}>
          {t('oidc.unlink')}
        </button>
      </div>
    </Sheet>
  )
}
