import { useState } from 'preact/hooks'
import type { Result } from '../link.ts'
import { t } from '../t.ts'
import { type Invitation, invite, whyNot } from './account.ts'
import { type End, EndForm } from './end-form.tsx'
import { Fault } from './fault.tsx'
import { Field } from './field.tsx'
import { Icon } from './icons.tsx'
import { Ready } from './invite.tsx'
import { giveRole, type Page, renamePerson, type Seat } from './leading.ts'
import { Radios } from './radios.tsx'
import { Sheet } from './sheet.tsx'
import { capital, ROLE_WORDS } from './words.ts'

const NAME_MAX = 80

interface PersonSheetProps {
  seat: Seat
  page: Page
  close: () => void
  changed: () => void
}

/** One person of a team, for who leads it: name, role, a new link, another team, the end. */
export function PersonSheet({ seat, page, close, changed }: PersonSheetProps) {
  const [back, setBack] = useState<Invitation | null>(null)
  const [ending, setEnding] = useState<End | null>(null)
  const [fault, setFault] = useState('')
  const { place } = page
  const bringBack = async () => {
    const got = await invite({ space: place.space, role: seat.role, person: seat.person })
    if (got.ok) setBack(got.value)
    setFault(got.ok ? '' : whyNot(got))
  }
  if (ending) return <EndForm seat={seat} page={page} what={ending} close={close} changed={changed} />
  if (back)
    return (
      <Sheet title={t('person.back_title', { name: seat.name })} close={close}>
        <div class="v gap4">
          <p>{t('person.back_text')}</p>
          <Ready made={back} uses={1} />
        </div>
      </Sheet>
    )
  const others = page.places.filter(
    (one) => one.kind === 'team' && one.gives.length && one.space !== place.space,
  )
  return (
    <Sheet title={seat.name} close={close}>
      <div class="v gap6">
        <Fault words={fault} />
        <Name seat={seat} changed={changed} />
        {place.gives.length > 1 && <Role seat={seat} page={page} changed={changed} />}
        <div class="v gap2">
          <button type="button" class="btn full" onClick={bringBack}>
            <Icon name="qr-code" size="s" />
            {t('person.back')}
          </button>
          {place.kind === 'team' && others.length > 0 && (
            <button type="button" class="btn full" onClick={() => setEnding('move')}>
              <Icon name="move-right" size="s" />
              {t('person.move')}
            </button>
          )}
          <button type="button" class="btn full quiet" onClick={() => setEnding('remove')}>
            <Icon name="log-out" size="s" />
            {t(place.kind === 'team' ? 'person.remove' : 'person.end_role')}
          </button>
          {page.places.some((one) => one.kind === 'org' && one.makes) && (
            <button type="button" class="btn full quiet" onClick={() => setEnding('leave')}>
              {t('person.leave')}
            </button>
          )}
        </div>
      </div>
    </Sheet>
  )
}

function Name({ seat, changed }: { seat: Seat; changed: () => void }) {
  const [name, setName] = useState(seat.name)
  const [fault, setFault] = useState('')
  const save = async (event: Event) => {
    event.preventDefault()
    if (!name.trim()) return setFault(t('lead.no_name'))
    after(await renamePerson(seat.person, name.trim()), changed, setFault)
  }
  return (
    <form class="v gap2" onSubmit={save}>
      <Field label={t('roster.name')} value={name} set={setName} max={NAME_MAX} fault={fault} />
      {name.trim() !== seat.name && (
        <button type="submit" class="btn">
          {t('me.save')}
        </button>
      )}
    </form>
  )
}

function Role({ seat, page, changed }: { seat: Seat; page: Page; changed: () => void }) {
  const { place } = page
  const [role, setRole] = useState(seat.role)
  const [fault, setFault] = useState('')
  const options = place.gives.map((value) => ({
    value,
    words: capital(t(ROLE_WORDS[value] ?? 'role.staff')),
  }))
  const save = async () => after(await giveRole(seat.person, { space: place.space, role }), changed, setFault)
  return (
    <div class="v gap2">
      <p class="label">{t('roster.role')}</p>
      <Radios look="choice" label={t('roster.role')} options={options} value={role} choose={setRole} />
      <Fault words={fault} />
      {role !== seat.role && (
        <button type="button" class="btn" onClick={save}>
          {t('person.give_role')}
        </button>
      )}
    </div>
  )
}

const after = (done: Result<null>, changed: () => void, say: (fault: string) => void) =>
  done.ok ? changed() : say(whyNot(done))
