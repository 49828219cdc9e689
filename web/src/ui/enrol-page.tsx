import { useEffect, useState } from 'preact/hooks'
import { CHECKS, type Check, enrolHere, isSomebodyHere } from '../session/enrol.ts'
import { type Tablet, tabletHere } from '../session/tablet.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { Languages } from './languages.tsx'
import { PlainPage } from './plain-page.tsx'
import { useShell } from './shell.ts'
import { Switch } from './switch.tsx'

const CODE = /^#([\w-]{22})$/

/** Where a supervisor's picture leads on a tablet: what to look at first, and the tap that makes it one (D-40). */
export function EnrolPage() {
  const shell = useShell()
  const [code] = useState(() => CODE.exec(location.hash)?.[1] ?? null)
  const [tablet, setTablet] = useState<Tablet | null>(null)
  const [taken, setTaken] = useState<boolean | null>(null)
  useEffect(() => {
    // The code stays in no history.
    shell.go({ at: 'enrol' }, true)
    Promise.all([tabletHere(), isSomebodyHere()]).then(([known, somebody]) => {
      // A tablet that the server let go of, or whose cookie is lost, may be enrolled anew with a new picture.
      setTablet(code === null ? known : null)
      setTaken(somebody && known === null)
    })
  }, [])
  if (taken === null) return <PlainPage>{null}</PlainPage>
  return (
    <PlainPage>
      {tablet && <Enrolled tablet={tablet} />}
      {!tablet && taken && <Told title={t('tablet.taken')} text={t('tablet.taken_text')} />}
      {!tablet && !taken && !code && <Told title={t('tablet.title')} text={t('tablet.no_code')} />}
      {!tablet && !taken && code && <Form code={code} done={setTablet} />}
      {!tablet && <Languages />}
    </PlainPage>
  )
}

function Form({ code, done }: { code: string; done: (tablet: Tablet) => void }) {
  const [checked, setChecked] = useState<readonly Check[]>([])
  const [fault, setFault] = useState('')
  const [busy, setBusy] = useState(false)
  const tick = (check: Check, on: boolean) =>
    setChecked(on ? [...checked, check] : checked.filter((one) => one !== check))
  const submit = async (event: Event) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    const got = await enrolHere(code, checked)
    setBusy(false)
    if (got.ok) done(got.value)
    else setFault(whyNot(got))
  }
  return (
    <form class="panel v gap4" onSubmit={submit}>
      <h1 tabIndex={-1}>{t('tablet.enrol')}</h1>
      <p>{t('tablet.enrol_text')}</p>
      <fieldset class="v gap2">
        <legend class="label">{t('tablet.checks')}</legend>
        {CHECKS.map((check) => (
          <Switch
            key={check}
            words={t(`tablet.check.${check}`)}
            on={checked.includes(check)}
            set={(on) => tick(check, on)}
          />
        ))}
      </fieldset>
      <p class="sm soft">{t('tablet.checks_text')}</p>
      <Fault words={fault} />
      <button type="submit" class="btn pri full big" aria-busy={busy}>
        {t('tablet.enrol_do')}
      </button>
    </form>
  )
}

function Enrolled({ tablet }: { tablet: Tablet }) {
  return (
    <section class="panel v gap4" role="status">
      <h1 tabIndex={-1}>{t('tablet.enrolled', { name: tablet.name })}</h1>
      <p>{t('tablet.teams', { teams: tablet.teams.join(', ') })}</p>
      {/* A whole new page: from here on it starts as a tablet does. */}
      <a href="/lukko" class="btn pri full">
        {t('tablet.go_on')}
      </a>
    </section>
  )
}

function Told({ title, text }: { title: string; text: string }) {
  return (
    <section class="panel v gap4">
      <h1 tabIndex={-1}>{title}</h1>
      <p>{text}</p>
    </section>
  )
}
