import { useEffect, useState } from 'preact/hooks'
import type { Grant } from '../session.ts'
import { lang, t } from '../t.ts'
import { type Invitation, invite, whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'
import { shortDate } from './when.ts'

const USES = 20

/** A link and a picture of it for the phone's camera. Whoever has it can join this team as staff. */
export function InviteSheet({ team, close }: { team: Grant; close: () => void }) {
  const [made, setMade] = useState<Invitation | null>(null)
  const [fault, setFault] = useState('')
  useEffect(() => {
    invite({ space: team.space, role: 'staff', uses: USES }).then((got) =>
      got.ok ? setMade(got.value) : setFault(whyNot(got)),
    )
  }, [team.space])
  return (
    <Sheet title={t('invite.title', { team: team.name })} close={close}>
      <div class="v gap4">
        <Fault words={fault} />
        {!made && !fault && <p class="soft">{t('invite.making')}</p>}
        {made && <Ready made={made} uses={USES} />}
      </div>
    </Sheet>
  )
}

/** An invitation that has been made: its picture, its link, how long it is good. */
export function Ready({ made, uses }: { made: Invitation; uses: number }) {
  return (
    <>
      <QrLink made={made} label={t('invite.link')} picture={t('invite.qr')} />
      <p class="sm soft">{t('invite.until', { uses, date: shortDate(made.until, lang.value) })}</p>
    </>
  )
}

interface QrLinkProps {
  made: Pick<Invitation, 'url' | 'svg'>
  /** What the link is called, and what its picture. */
  label: string
  picture: string
}

/** A link as a picture for a camera, as text, and to be copied. */
export function QrLink({ made, label, picture }: QrLinkProps) {
  const shell = useShell()
  const { size, path } = made.svg
  const copy = async () => {
    await navigator.clipboard.writeText(made.url)
    shell.say({ text: t('invite.copied') })
  }
  return (
    <>
      <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={picture}>
        <path d={path} />
      </svg>
      <label class="field">
        <span class="label">{label}</span>
        <input class="input" readOnly value={made.url} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <button type="button" class="btn pri full" onClick={copy}>
        <Icon name="copy" size="s" />
        {t('invite.copy')}
      </button>
    </>
  )
}
