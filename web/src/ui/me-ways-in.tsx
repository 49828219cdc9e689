import { useState } from 'preact/hooks'
import { hasPasskeys } from '../passkey.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { Field } from './field.tsx'
import { Icon } from './icons.tsx'
import { dayWords, dropPasskey } from './own.ts'
import { listPasskeys, type PasskeyRow, registerPasskey, whyNoKey } from './passkeys.ts'
import { RecoveryCodes } from './recovery-codes.tsx'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'
import { deviceName } from './sign-ins.ts'
import { useAsked } from './use-asked.ts'

/** How I get in: passkeys and recovery codes. */
export function MeWaysIn() {
  const { value, fault, again } = useAsked(listPasskeys)
  const [open, setOpen] = useState<PasskeyRow | 'new' | null>(null)
  const done = () => {
    setOpen(null)
    again()
  }
  return (
    <section class="panel v" aria-labelledby="me-ways">
      <h2 id="me-ways">{t('ways.title')}</h2>
      {fault && <p class="soft">{fault}</p>}
      {value?.length === 0 && <p class="sm soft">{t('passkey.offer_text')}</p>}
      {value && value.length > 0 && (
        <ul class="list">
          {value.map((passkey) => (
            <PasskeyLine key={passkey.id} passkey={passkey} drop={() => setOpen(passkey)} />
          ))}
        </ul>
      )}
      {hasPasskeys() && (
        <button type="button" class="btn soft" onClick={() => setOpen('new')}>
          <Icon name="key-round" size="s" />
          {t('passkey.make')}
        </button>
      )}
      <RecoveryCodes />
      {open === 'new' && <NewPasskey close={() => setOpen(null)} done={done} />}
      {open && open !== 'new' && <DropPasskey passkey={open} close={() => setOpen(null)} done={done} />}
    </section>
  )
}

function PasskeyLine({ passkey, drop }: { passkey: PasskeyRow; drop: () => void }) {
  const shell = useShell()
  return (
    <li class="row act">
      <Icon name="key-round" />
      <span class="grow">
        <span class="t">{passkey.label || t('passkey.some')}</span>
        <span class="d">
          {t('ways.used', { day: dayWords(passkey.used_on, shell.now.value) })}
          {passkey.synced && ` · ${t('ways.synced')}`}
        </span>
      </span>
      <button type="button" class="btn quiet" onClick={drop}>
        {t('ways.drop')}
        <span class="vh"> {passkey.label}</span>
      </button>
    </li>
  )
}

const NAME_MAX = 40

interface PasskeySheetProps {
  close: () => void
  done: () => void
}

function NewPasskey({ close, done }: PasskeySheetProps) {
  const [label, setLabel] = useState(deviceName())
  const [fault, setFault] = useState('')
  const make = async (event: Event) => {
    event.preventDefault()
    const made = await registerPasskey(label.trim())
    if (made.ok) done()
    else setFault(whyNoKey(made))
  }
  return (
    <Sheet title={t('passkey.make')} close={close}>
      <form class="v gap4" onSubmit={make}>
        <p>{t('passkey.offer_how')}</p>
        <Field
          label={t('ways.label')}
          value={label}
          set={setLabel}
          max={NAME_MAX}
          fault={fault}
          hint={t('join.device_hint')}
          focus
        />
        <button type="submit" class="btn pri full">
          {t('passkey.make')}
        </button>
      </form>
    </Sheet>
  )
}

function DropPasskey({ passkey, close, done }: PasskeySheetProps & { passkey: PasskeyRow }) {
  const [fault, setFault] = useState('')
  const drop = async () => {
    const dropped = await dropPasskey(passkey.id)
    if (dropped.ok) done()
    else setFault(dropped.error === 'last_way_in' ? t('ways.last') : whyNot(dropped))
  }
  return (
    <Sheet title={t('ways.drop_title', { name: passkey.label || t('passkey.some') })} close={close} alert>
      <p>{t('ways.drop_text')}</p>
      <Fault words={fault} />
      <div class="h gap2 end wrap">
        <button type="button" class="btn quiet" onClick={close} data-focus>
          {t('ways.keep')}
        </button>
        <button type="button" class="btn bad" onClick={drop}>
          {t('ways.drop')}
        </button>
      </div>
    </Sheet>
  )
}
