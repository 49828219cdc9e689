import { useState } from 'preact/hooks'
import type { Result } from '../link.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { EndSheet } from './end-sheet.tsx'
import { Field } from './field.tsx'
import { Icon } from './icons.tsx'
import {
  dayWords,
  endSession,
  listDevices,
  type OwnCopy,
  type OwnDevice,
  renameDevice,
  revokeDevice,
} from './own.ts'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'
import { removeCopy } from './tablets.ts'
import { useAsked } from './use-asked.ts'

/** My devices and my copies on tablets: when each was last seen or made (by the day), and the way to let go of one. */
export function MeDevices() {
  const shell = useShell()
  const { value, fault, again } = useAsked(listDevices)
  const [open, setOpen] = useState<OwnDevice | null>(null)
  const [ending, setEnding] = useState<OwnCopy | null>(null)
  const changed = () => {
    setOpen(null)
    setEnding(null)
    again()
  }
  const sessionOf = (device: OwnDevice) => value?.sessions.find((one) => one.device === device.id)?.id ?? null
  return (
    <section class="panel v" aria-labelledby="me-devices">
      <h2 id="me-devices">{t('devices.title')}</h2>
      {fault && <p class="soft">{fault}</p>}
      <ul class="list">
        {value?.devices.map((device) => (
          <li key={device.id} class="row act">
            <Icon name="smartphone" />
            <span class="grow">
              <span class="t">{device.name || t('devices.unnamed')}</span>
              <span class="d">
                {device.current
                  ? t('devices.this')
                  : t('devices.seen', { day: dayWords(device.seen_on, shell.now.value) })}
                {!sessionOf(device) && ` · ${t('devices.signed_out')}`}
              </span>
            </span>
            <button type="button" class="btn quiet" onClick={() => setOpen(device)}>
              {t('devices.open')}
              <span class="vh"> {device.name}</span>
            </button>
          </li>
        ))}
        {value?.copies.map((copy) => (
          <li key={copy.id} class="row act">
            <Icon name="users-round" />
            <span class="grow">
              <span class="t">{copy.name}</span>
              <span class="d">{t('devices.copy', { day: dayWords(copy.made_on, shell.now.value) })}</span>
            </span>
            <button type="button" class="btn quiet" onClick={() => setEnding(copy)}>
              {t('tablets.copy_end')}
              <span class="vh"> {copy.name}</span>
            </button>
          </li>
        ))}
      </ul>
      {open && (
        <DeviceSheet device={open} session={sessionOf(open)} close={() => setOpen(null)} changed={changed} />
      )}
      {ending && (
        <EndSheet
          title={t('devices.copy_title', { device: ending.name })}
          lines={[t('devices.copy_text')]}
          verb={t('tablets.copy_end')}
          end={() => removeCopy(ending.id, me.value?.person ?? 0)}
          back={() => setEnding(null)}
          done={changed}
        />
      )}
    </section>
  )
}

interface DeviceSheetProps {
  device: OwnDevice
  session: string | null
  close: () => void
  changed: () => void
}

const NAME_MAX = 40

function DeviceSheet({ device, session, close, changed }: DeviceSheetProps) {
  const [name, setName] = useState(device.name)
  const [fault, setFault] = useState('')
  const after = (done: Result<null>) => (done.ok ? changed() : setFault(whyNot(done)))
  const rename = async (event: Event) => {
    event.preventDefault()
    if (!name.trim()) return setFault(t('devices.no_name'))
    after(await renameDevice(device.id, name.trim()))
  }
  return (
    <Sheet title={device.name || t('devices.unnamed')} close={close}>
      <form class="v gap4" onSubmit={rename}>
        <Field label={t('join.device')} value={name} set={setName} max={NAME_MAX} fault={fault} />
        <button type="submit" class="btn">
          {t('me.save')}
        </button>
      </form>
      {!device.current && (
        <div class="v gap4">
          <p class="sm soft">{t('devices.lost')}</p>
          {session && (
            <button type="button" class="btn soft" onClick={async () => after(await endSession(session))}>
              {t('devices.sign_out')}
            </button>
          )}
          <button type="button" class="btn bad" onClick={async () => after(await revokeDevice(device.id))}>
            {t('devices.revoke')}
          </button>
        </div>
      )}
    </Sheet>
  )
}
