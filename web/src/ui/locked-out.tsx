import { useEffect, useState } from 'preact/hooks'
import { behind } from '../app-lock.ts'
import { abandon } from '../session/signing.ts'
import { t } from '../t.ts'
import { prove } from './proof.tsx'
import { SignIn } from './sign-in.tsx'

interface LockedOutProps {
  /** Five PINs were wrong, so there is no way back to the keys before the person has shown who they are. */
  out: boolean
  forgiven: () => void
  back: () => void
}

/** Who doesn't get in with a PIN shows who they are first; then they may try again, or begin anew. */
export function LockedOut({ out, forgiven, back }: LockedOutProps) {
  const [proved, setProved] = useState(false)
  const [signs, setSigns] = useState(false)
  const [waiting, setWaiting] = useState(0)
  useEffect(() => {
    behind().then((now) => setWaiting(now.waiting))
  }, [])
  const ask = async () => {
    if (await prove()) setProved(true)
    else setSigns(true)
  }
  if (proved) {
    return (
      <div class="v gap4">
        <p>{t('lock.proved')}</p>
        <button type="button" class="btn pri full" onClick={forgiven}>
          {t('lock.again')}
        </button>
        <p class="sm soft">{waiting ? t('lock.anew_waits', { count: waiting }) : t('lock.anew_text')}</p>
        <button type="button" class="btn bad" onClick={abandon}>
          {t('lock.anew')}
        </button>
      </div>
    )
  }
  return (
    <div class="v gap4">
      <p>{out ? t('lock.out') : t('lock.forgot_text')}</p>
      <button type="button" class="btn pri full" onClick={ask}>
        {t('lock.prove')}
      </button>
      {!out && (
        <button type="button" class="btn quiet" onClick={back}>
          {t('join.back')}
        </button>
      )}
      {signs && <SignIn fault="" invited={() => undefined} done={() => setProved(true)} />}
    </div>
  )
}
