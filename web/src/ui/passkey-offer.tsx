import { useState } from 'preact/hooks'
import { t } from '../t.ts'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { registerPasskey, whyNoKey } from './passkeys.ts'
import { deviceName } from './sign-ins.ts'

/** Right after joining: the way back in, made with one touch. It can be left for later, when Minä has it. */
export function PasskeyOffer({ done }: { done: () => void }) {
  const [fault, setFault] = useState('')
  const [busy, setBusy] = useState(false)
  const make = async () => {
    setBusy(true)
    const made = await registerPasskey(deviceName())
    setBusy(false)
    if (made.ok) done()
    else setFault(whyNoKey(made))
  }
  return (
    <div class="panel v gap4">
      <h1 tabIndex={-1}>{t('passkey.offer')}</h1>
      <p>{t('passkey.offer_text')}</p>
      <p class="sm soft">{t('passkey.offer_how')}</p>
      <Fault words={fault} />
      <button type="button" class="btn pri full big" aria-busy={busy} onClick={make}>
        <Icon name="key-round" size="s" />
        {t('passkey.make')}
      </button>
      <button type="button" class="btn quiet" onClick={done}>
        {t('passkey.later')}
      </button>
      <p class="sm soft center">{t('passkey.later_where')}</p>
    </div>
  )
}
