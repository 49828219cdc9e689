import { useEffect, useState } from 'preact/hooks'
import { join, me, signedIn } from '../session.ts'
import { isLang, lang, speak, t } from '../t.ts'
import { type Look, lookAt, whyNot } from './account.ts'
import { Field } from './field.tsx'
import { Icon } from './icons.tsx'
import { InstallHint } from './install-hint.tsx'
import { LinkTo } from './link-to.tsx'
import { Logo } from './logo.tsx'
import { Radios } from './radios.tsx'
import { useShell } from './shell.ts'
import { LANG_NAMES, ROLE_WORDS } from './words.ts'

const CODE = /^#?([\w-]{22})$/

/** The way in: a link with a secret after #. Only a tap uses it up; looking doesn't. */
export function Join() {
  const code = CODE.exec(location.hash)?.[1]
  const [look, setLook] = useState<Look | null>(null)
  const [fault, setFault] = useState('')
  useEffect(() => {
    if (code) lookAt(code).then((got) => (got.ok ? setLook(got.value) : setFault(whyNot(got))))
  }, [code])
  return (
    <main class="plainpage" id="main">
      <p class="brand">
        <Logo />
        Virtaamo
      </p>
      {look && code && <JoinForm code={code} look={look} />}
      {!look && code && !fault && <p class="panel center">{t('join.looking')}</p>}
      {(!code || fault) && <NoWay fault={fault} />}
      <Languages />
    </main>
  )
}

function Languages() {
  const options = Object.entries(LANG_NAMES).map(([value, words]) => ({ value, words }))
  const choose = (next: string) => {
    if (isLang(next)) speak(next)
  }
  return <Radios look="chip" label={t('me.language')} options={options} value={lang.value} choose={choose} />
}

/** No link, or one that doesn't open: what to do about it. */
function NoWay({ fault }: { fault: string }) {
  return (
    <div class="panel v">
      <h1>{t('join.welcome')}</h1>
      {fault ? (
        <p class="fault" role="alert">
          <Icon name="circle-alert" size="s" />
          {fault}
        </p>
      ) : (
        <p>{t('join.need_link')}</p>
      )}
      <p class="sm soft">{t('join.ask')}</p>
      {signedIn.value && (
        <LinkTo to={{ at: 'today' }} class="btn">
          {t('join.back')}
        </LinkTo>
      )}
    </div>
  )
}

const NAME_MAX = 40

function JoinForm({ code, look }: { code: string; look: Look }) {
  const shell = useShell()
  const [name, setName] = useState(look.name ?? me.value?.name ?? '')
  const [device, setDevice] = useState(deviceName())
  const [fault, setFault] = useState('')
  const [busy, setBusy] = useState(false)
  const team = look.team?.[lang.value] ?? look.team?.fi
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!name.trim()) return setFault(t('join.no_name'))
    setBusy(true)
    const got = await join({ code, name: name.trim(), lang: lang.value, device_name: device.trim() })
    setBusy(false)
    if (!got.ok) return setFault(whyNot(got))
    shell.go({ at: 'today' }, true)
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

/** A name for this device that its owner recognises; can be changed before joining. */
function deviceName(): string {
  const agent = navigator.userAgent
  const kinds = ['iPhone', 'iPad', 'Android', 'Windows', 'Macintosh', 'Linux'] as const
  const found = kinds.find((kind) => agent.includes(kind))
  return found === 'Macintosh' ? 'Mac' : (found ?? t('join.some_device'))
}
