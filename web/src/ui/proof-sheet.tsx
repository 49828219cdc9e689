import { useState } from 'preact/hooks'
import { call, type Result } from '../link.ts'
import { hasPasskeys } from '../passkey.ts'
import { t } from '../t.ts'
import { CodeField } from './code-field.tsx'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { registerPasskey, stepUp, stepUpByCode, whyNoKey } from './passkeys.ts'
import { Sheet } from './sheet.tsx'
import { folded } from './sign-ins.ts'

/** "Vahvista, että tämä olet sinä": with a passkey, or where there is none with a recovery code. */
export function ProofSheet({ done }: { done: (proved: boolean) => void }) {
  const [code, setCode] = useState<string | null>(hasPasskeys() ? null : '')
  const [fault, setFault] = useState('')
  const [busy, setBusy] = useState(false)
  const prove = async (how: () => Promise<Result<unknown>>) => {
    setBusy(true)
    const got = await how()
    setBusy(false)
    if (got.ok) return done(true)
    setFault(whyNoKey(got))
  }
  const send = (event: Event) => {
    event.preventDefault()
    if (code?.trim()) prove(() => stepUpByCode(folded(code)))
  }
  return (
    <Sheet title={t('proof.title')} close={() => done(false)}>
      <form class="v gap4" onSubmit={send}>
        <p>{t('proof.why')}</p>
        {code === null ? (
          <>
            <Fault words={fault} />
            <button
              type="button"
              class="btn pri full"
              aria-busy={busy}
              data-focus
              onClick={() => prove(stepUp)}
            >
              <Icon name="key-round" size="s" />
              {t('proof.passkey')}
            </button>
            <button type="button" class="btn quiet" onClick={() => prove(makeFirst)}>
              {t('proof.make')}
            </button>
            <button type="button" class="btn quiet" onClick={() => setCode('')}>
              {t('proof.by_code')}
            </button>
          </>
        ) : (
          <>
            <CodeField label={t('recover.code')} value={code} set={setCode} fault={fault} focus />
            <button type="submit" class="btn pri full" aria-busy={busy}>
              {t('proof.do')}
            </button>
          </>
        )}
      </form>
    </Sheet>
  )
}

/** A first passkey needs no proof, where there is no other way in; whoever makes it has shown who they are. */
const makeFirst = () => registerPasskey(t('passkey.some'), call)
