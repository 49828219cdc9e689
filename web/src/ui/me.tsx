import { useState } from 'preact/hooks'
import { grants, me, onTablet } from '../session.ts'
import { isLang, lang, speak, t } from '../t.ts'
import { saveMe } from './account.ts'
import { Avatar } from './avatar.tsx'
import { InstallHint } from './install-hint.tsx'
import { lazy } from './lazy.tsx'
import { keptLook, type Look, wear } from './look.ts'
import { MeAccount } from './me-account.tsx'
import { MeDevice } from './me-device.tsx'
import { MeDrop } from './me-drop.tsx'
import { MeGiven } from './me-given.tsx'
import { MeLeads } from './me-leads.tsx'
import { MeName } from './me-name.tsx'
import { MeOidc } from './me-oidc.tsx'
import { MePush } from './me-push.tsx'
import { MeStrengths } from './me-strengths.tsx'
import { MeTeams } from './me-teams.tsx'
import { MeThanks } from './me-thanks.tsx'
import { MyExport } from './my-export.tsx'
import { Radios } from './radios.tsx'
import { useShell } from './shell.ts'
import { SignOut } from './sign-out.tsx'
import { LANG_NAMES, ROLE_WORDS } from './words.ts'

const MeOnTablet = lazy(async () => (await import('./me-on-tablet.tsx')).MeOnTablet)
const MeSafety = lazy(async () => (await import('./me-safety.tsx')).MeSafety)

/** Minä: who I am here, how it looks, what this device holds, my teams, the way out. */
export function Me() {
  return (
    <div class="screen gut me-parts">
      <MeHead />
      {onTablet.value ? <MeOnTablet /> : <InstallHint />}
      <MeThanks />
      <MeGiven />
      <MeDevice />
      <MeName />
      <Languages />
      <Looks />
      {!onTablet.value && <MePush />}
      <MeStrengths />
      <MeTeams />
      {!onTablet.value && <OnlyOnOwn />}
    </div>
  )
}

/** What belongs on one's own device alone (D-37). */
function OnlyOnOwn() {
  return (
    <>
      <MeDrop />
      <MeLeads />
      <MeOidc />
      <MeSafety />
      <MyExport />
      <SignOut />
      <MeAccount />
    </>
  )
}

function MeHead() {
  const who = me.value
  const roles = grants.value
    .filter((g) => g.kind === 'team' || g.kind === 'org')
    .sort((a, b) => Number(b.kind === 'team') - Number(a.kind === 'team'))
    .map((g) => `${t(ROLE_WORDS[g.role] ?? 'role.staff')} · ${g.name}`)
  return (
    <header class="h me-head">
      <Avatar of={who?.person ?? null} size="l" />
      <div class="grow">
        <h1 tabIndex={-1}>{who?.name}</h1>
        <p class="sm soft">{roles[0]}</p>
      </div>
    </header>
  )
}

function Languages() {
  const shell = useShell()
  const options = Object.entries(LANG_NAMES).map(([value, words]) => ({ value, words }))
  const choose = async (next: string) => {
    if (!isLang(next)) return
    await speak(next)
    const saved = await saveMe({ lang: next })
    if (!saved.ok) shell.say({ icon: 'circle-alert', text: t('me.later') })
  }
  return (
    <section class="panel v" aria-labelledby="me-lang">
      <h2 id="me-lang">{t('me.language')}</h2>
      <Radios look="chip" label={t('me.language')} options={options} value={lang.value} choose={choose} />
    </section>
  )
}

function Looks() {
  const [look, setLook] = useState(keptLook)
  const set = (part: Partial<Look>) => {
    const next = { ...look, ...part }
    setLook(next)
    wear(next)
  }
  const themes = [
    { value: 'system', words: t('me.theme_system') },
    { value: 'light', words: t('me.theme_light') },
    { value: 'dark', words: t('me.theme_dark') },
  ] as const
  const sizes = [
    { value: 'm', words: t('me.text_m') },
    { value: 'l', words: t('me.text_l') },
    { value: 'xl', words: t('me.text_xl') },
  ] as const
  return (
    <section class="panel v" aria-labelledby="me-look">
      <h2 id="me-look">{t('me.look')}</h2>
      <Radios
        look="chip"
        label={t('me.look')}
        options={themes}
        value={look.theme}
        choose={(theme) => set({ theme })}
      />
      <p class="label">{t('me.text')}</p>
      <Radios
        look="chip"
        label={t('me.text')}
        options={sizes}
        value={look.text}
        choose={(text) => set({ text })}
      />
    </section>
  )
}
