import { useState } from 'preact/hooks'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Field } from './field.tsx'
import { QrLink } from './invite.tsx'
import type { Page, Place } from './leading.ts'
import { Sheet } from './sheet.tsx'
import { Switch } from './switch.tsx'
import { type Enrolling, makeTablet, NAME_MAX } from './tablets.ts'

/** A name and the teams, and then the picture that makes a browser their tablet (D-40). */
export function NewTablet({ page, close }: { page: Page; close: () => void }) {
  const { place } = page
  const [name, setName] = useState('')
  const [spaces, setSpaces] = useState<readonly number[]>([place.space])
  const [strong, setStrong] = useState(false)
  const [made, setMade] = useState<Enrolling | null>(null)
  const [fault, setFault] = useState('')
  const send = async (event: Event) => {
    event.preventDefault()
    if (!name.trim()) return setFault(t('devices.no_name'))
    const got = await makeTablet({ spaces, name: name.trim(), strong_lock: strong })
    if (got.ok) setMade(got.value)
    setFault(got.ok ? '' : whyNot(got))
  }
  return (
    <Sheet title={t('tablets.add')} close={close}>
      {made ? (
        <div class="v gap4">
          <p>{t('tablets.scan')}</p>
          <QrLink made={made} label={t('tablets.link')} picture={t('tablets.qr')} />
        </div>
      ) : (
        <form class="v gap4" onSubmit={send}>
          <Field
            label={t('join.device')}
            value={name}
            set={setName}
            max={NAME_MAX}
            fault={fault}
            hint={t('tablets.name_hint')}
            focus
          />
          <Teams legend={t('tablets.also')} near={nearby(page)} spaces={spaces} set={setSpaces} />
          <Switch words={t('tablets.strong')} hint={t('tablets.strong_new')} on={strong} set={setStrong} />
          <button type="submit" class="btn pri full">
            {t('tablets.make')}
          </button>
        </form>
      )}
    </Sheet>
  )
}

/** The other teams of the same area that I lead: those who may stand at the same tablet. */
export const nearby = ({ place, places }: Page): Place[] =>
  places.filter(
    (one) =>
      one.kind === 'team' &&
      one.above === place.above &&
      one.space !== place.space &&
      one.gives.includes('staff'),
  )

interface TeamsProps {
  legend: string
  near: readonly Place[]
  spaces: readonly number[]
  set: (spaces: readonly number[]) => void
}

/** Which of these teams share a tablet. */
export function Teams({ legend, near, spaces, set }: TeamsProps) {
  if (!near.length) return null
  return (
    <fieldset class="v gap2">
      <legend class="label">{legend}</legend>
      {near.map(({ space, name }) => (
        <Switch
          key={space}
          words={name}
          on={spaces.includes(space)}
          set={(on) => set(on ? [...spaces, space] : spaces.filter((one) => one !== space))}
        />
      ))}
    </fieldset>
  )
}
