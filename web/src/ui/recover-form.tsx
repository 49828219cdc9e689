import { useState } from 'preact/hooks'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { CodeField } from './code-field.tsx'
import { Field } from './field.tsx'
import { useShell } from './shell.ts'
import { recover } from './sign-ins.ts'

const NAME_MAX = 40

/** The way back for whoever has lost every passkey: a name and one of the printed codes. */
export function RecoverForm({ done }: { done: () => void }) {
  const shell = useShell()
  const [open, setOpen] = useState(false)
  const [name, setName] = useState(me.value?.name ?? '')
  const [code, setCode] = useState('')
  const [fault, setFault] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!name.trim() || !code.trim()) return setFault(t('recover.both'))
    setBusy(true)
    // Coming in changes what the window shows; the way in stays until its person leaves it.
    shell.go({ at: 'join' }, true)
    const got = await recover(name, code)
    setBusy(false)
    if (got.ok) done()
    else setFault(whyNot(got))
  }
  if (!open) {
    return (
      <button type="button" class="btn quiet" onClick={() => setOpen(true)}>
        {t('recover.open')}
      </button>
    )
  }
  return (
    <form class="panel v" onSubmit={submit}>
      <h2>{t('recover.title')}</h2>
      <Field label={t('join.name')} value={name} set={setName} max={NAME_MAX} focus />
      <CodeField
        label={t('recover.code')}
        value={code}
        set={setCode}
        fault={fault}
        hint={t('recover.hint')}
      />
      <button type="submit" class="btn soft" aria-busy={busy}>
        {t('recover.do')}
      </button>
    </form>
  )
}
