import { useEffect, useState } from 'preact/hooks'
import { hasPasskeys } from '../passkey.ts'
import { join } from '../session/signing.ts'
import { me, parted, signedIn } from '../session.ts'
import { isLang, lang, speak, t } from '../t.ts'
import { type Look, lookAt, whyNot } from './account.ts'
import { Field } from './field.tsx'
import { InstallHint } from './install-hint.tsx'
import { Languages } from './languages.tsx'
import { LeftHere } from './left-here.tsx'
import { Parted } from './parted.tsx'
import { PasskeyOffer } from './passkey-offer.tsx'
import { PlainPage } from './plain-page.tsx'
import { useShell } from './shell.ts'
import { SignIn } from './sign-in.tsx'
import { deviceName } from './sign-ins.ts'
import { ROLE_WORDS } from './words.ts'

const CODE = /^#?([\w-]{22})$/

/**
 * The way in: a link with a secret after #, or its short form typed. Only a tap uses it up; looking doesn't. `home` is
 * where it leads, where that isn't Tänään.
 */
export function Join({ home: next }: { home?: () => void }) {
  const shell = useShell()
  const [code, setCode] = useState(() => CODE.exec(location.hash)?.[1] ?? null)
  const [look, setLook] = useState<Look | null>(null)
  const [fault, setFault] = useState('')
  const [offers, setOffers] = useState(false)
  useEffect(() => {
    const follow = () => {
      const next = CODE.exec(location.hash)?.[1]
      if (next) typed(next)
    }
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  useEffect(() => {
    if (code)
      lookAt(code).then(async (got) => {
        if (!got.ok) return setFault(whyNot(got))
        if (isLang(got.value.lang) && !signedIn.peek()) await speak(got.value.lang)
        setLook(got.value)
      })
  }, [code])
  const typed = (next: string) => {
    setFault('')
    setLook(null)
    setCode(next)
    shell.go({ at: 'join' }, true)
  }
  const home = next ?? (() => shell.go({ at: 'today' }, true))
  const done = (offer: boolean) => (offer && hasPasskeys() ? setOffers(true) : home())
  return (
    <PlainPage>
      <Parted />
      {!offers && (
        <LeftHere
          key={String(parted.value)}
          back={code === null ? null : signedIn.value ? home : () => setCode(null)}
        />
      )}
      {offers && <PasskeyOffer done={home} />}
      {!offers && code && look && <JoinForm code={code} look={look} done={done} />}
      {!offers && code && !look && !fault && <p class="panel center">{t('join.looking')}</p>}
      {!offers && (!code || fault) && <SignIn fault={fault} invited={typed} done={done} />}
      <Languages />
    </PlainPage>
  )
}

const NAME_MAX = 40

interface JoinFormProps {
  code: string
  look: Look
  done: (offer: boolean) => void
}

function JoinForm({ code, look, done }: JoinFormProps) {
  const [name, setName] = useState(look.name ?? me.value?.name ?? '')
  const [device, setDevice] = useState(deviceName())
  const [fault, setFault] = useState('')
  const [busy, setBusy] = useState(false)
  const team = look.team?.[lang.value] ?? look.team?.fi
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!name.trim()) return setFault(t('join.no_name'))
    setBusy(true)
    const isNew = !signedIn.value
    const got = await join({ code, name: name.trim(), lang: lang.value, device_name: device.trim() })
    setBusy(false)
    if (!got.ok) return setFault(whyNot(got))
    done(isNew)
  }
  return (
    <form class="panel v gap4" onSubmit={submit}>
      <div>
        <h1>{team ? t('join.to_team', { team }) : t('join.title')}</h1>
        <p class="soft">{t('join.as', { role: t(ROLE_WORDS[look.role] ?? 'role.staff') })}</p>
      </div>
      <InstallHint />
      <Field
        label={t('join.name')}
        value={name}
        set={setName}
        max={NAME_MAX}
        fault={fault}
        hint={t('join.name_hint')}
        focus
      />
      <Field
        label={t('join.device')}
        value={device}
        set={setDevice}
        max={NAME_MAX}
        hint={t('join.device_hint')}
      />
      <button type="submit" class="btn pri full big" aria-busy={busy}>
        {busy ? t('join.joining') : t('join.do')}
      </button>
      <p class="sm soft">{t('join.privacy')}</p>
    </form>
  )
}
