import { useState } from 'preact/hooks'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { EndSheet } from './end-sheet.tsx'
import { Field } from './field.tsx'
import type { Page } from './leading.ts'
import { nearby, Teams } from './new-tablet.tsx'
import { revokeDevice } from './own.ts'
import { Radios } from './radios.tsx'
import { Sheet } from './sheet.tsx'
import { Switch } from './switch.tsx'
import { CodeFor } from './tablet-code.tsx'
import { type CopyHolder, changeTablet, NAME_MAX, removeCopy, type SharedTablet } from './tablets.ts'
import { WallSwitch } from './wall-switch.tsx'

const SECONDS = [30, 60, 120, 300]

interface TabletSheetProps {
  tablet: SharedTablet
  page: Page
  /** The tablet as the server has just taken it: who opens this sheet again at once sees it so. */
  changed: (tablet: SharedTablet) => void
  close: () => void
}

/** One tablet: its teams, its name, when it locks itself, whose copies it holds, a code, its end. */
export function TabletSheet({ tablet, page, changed, close }: TabletSheetProps) {
  const [ending, setEnding] = useState<CopyHolder | 'tablet' | null>(null)
  const back = () => setEnding(null)
  if (ending === 'tablet')
    return (
      <EndSheet
        title={t('tablets.revoke_title', { device: tablet.name })}
        lines={[t('tablets.revoke_text'), t('tablets.revoke_lost')]}
        verb={t('devices.revoke')}
        end={() => revokeDevice(tablet.id)}
        back={back}
        done={close}
      />
    )
  if (ending)
    return (
      <EndSheet
        title={t('tablets.copy_title', { name: ending.name })}
        lines={[t('tablets.copy_text', { device: tablet.name })]}
        verb={t('tablets.copy_end')}
        end={() => removeCopy(tablet.id, ending.person)}
        back={back}
        done={close}
      />
    )
  const teams = page.places.filter((one) => tablet.teams.includes(one.space)).map((one) => one.name)
  return (
    <Sheet title={tablet.name} close={close}>
      <div class="v gap6">
        <p class="soft">{t('tablet.teams', { teams: teams.join(', ') })}</p>
        <Settings
          tablet={tablet}
          page={page}
          changed={(now) => {
            changed(now)
            close()
          }}
        />
        <WallSwitch
          tablet={tablet}
          space={page.place.space}
          changed={(walls) => changed({ ...tablet, walls })}
        />
        <Copies tablet={tablet} end={setEnding} />
        <CodeFor tablet={tablet} page={page} />
        <button type="button" class="btn bad" onClick={() => setEnding('tablet')}>
          {t('devices.revoke')}
        </button>
      </div>
    </Sheet>
  )
}

interface SettingsProps {
  tablet: SharedTablet
  page: Page
  changed: (tablet: SharedTablet) => void
}

function Settings({ tablet, page, changed }: SettingsProps) {
  const [name, setName] = useState(tablet.name)
  const [lockS, setLockS] = useState(tablet.lock_s)
  const [strong, setStrong] = useState(tablet.strong)
  const [spaces, setSpaces] = useState(tablet.teams)
  const [fault, setFault] = useState('')
  const near = nearby(page).map(({ space }) => space)
  const teams = page.places.filter(({ space }) => near.includes(space) || tablet.teams.includes(space))
  const save = async (event: Event) => {
    event.preventDefault()
    if (!name.trim()) return setFault(t('devices.no_name'))
    if (!spaces.length) return setFault(t('tablets.no_team'))
    const isSame = spaces.length === tablet.teams.length && spaces.every((one) => tablet.teams.includes(one))
    const changes = { name: name.trim(), lock_s: lockS, strong_lock: strong, ...(!isSame && { spaces }) }
    const done = await changeTablet(tablet.id, changes)
    if (done.ok) changed({ ...tablet, name: changes.name, lock_s: lockS, strong, teams: spaces })
    else setFault(whyNot(done))
  }
  const options = [...new Set([...SECONDS, tablet.lock_s])].map((count) => ({
    value: String(count),
    words: t('tablets.seconds', { count }),
  }))
  return (
    <form class="v gap4" onSubmit={save}>
      <Field label={t('join.device')} value={name} set={setName} max={NAME_MAX} fault={fault} />
      <div class="v gap2">
        <p class="label">{t('tablets.locks')}</p>
        <Radios
          look="chip"
          label={t('tablets.locks')}
          options={options}
          value={String(lockS)}
          choose={(value) => setLockS(Number(value))}
        />
      </div>
      {teams.length > 1 && (
        <div class="v gap2">
          <Teams legend={t('tablets.shared_by')} near={teams} spaces={spaces} set={setSpaces} />
          <p class="soft sm">{t('tablets.shared_hint')}</p>
        </div>
      )}
      <Switch words={t('tablets.strong')} hint={t('tablets.strong_hint')} on={strong} set={setStrong} />
      <button type="submit" class="btn">
        {t('me.save')}
      </button>
    </form>
  )
}

/** By name; when anybody was last there, nobody keeps (H5). */
function Copies({ tablet, end }: { tablet: SharedTablet; end: (whose: CopyHolder) => void }) {
  return (
    <section class="v gap2" aria-labelledby="copies">
      <h3 id="copies">{t('tablets.copies')}</h3>
      {!tablet.copies.length && <p class="soft">{t('tablets.no_copies')}</p>}
      {tablet.copies.length > 0 && (
        <ul class="list">
          {tablet.copies.map((whose) => (
            <li key={whose.person} class="row act">
              <span class="grow t">{whose.name}</span>
              <button type="button" class="btn quiet" onClick={() => end(whose)}>
                {t('tablets.copy_end')}
                <span class="vh"> {whose.name}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
