import { useState } from 'preact/hooks'
import { t } from '../t.ts'
import { type Invitation, invite, whyNot } from './account.ts'
import { Field } from './field.tsx'
import { Ready } from './invite.tsx'
import { inviteByCode, type Place } from './leading.ts'
import { Radios } from './radios.tsx'
import { Sheet } from './sheet.tsx'
import { capital, ROLE_WORDS } from './words.ts'

const NAME_MAX = 80
const MANY = 20

/** As what, and who: a link for one named person, or for as many as come. */
export function InviteForm({ place, close }: { place: Place; close: () => void }) {
  const [role, setRole] = useState(place.gives[0] ?? 'staff')
  const [name, setName] = useState('')
  const [made, setMade] = useState<Invitation | null>(null)
  const [code, setCode] = useState('')
  const [fault, setFault] = useState('')
  const uses = name.trim() || role !== 'staff' ? 1 : MANY
  const send = async (event: Event) => {
    event.preventDefault()
    const got = await invite({ space: place.space, role, name: name.trim(), uses })
    if (got.ok) setMade(got.value)
    setFault(got.ok ? '' : whyNot(got))
  }
  const readOut = async () => {
    const got = await inviteByCode({ space: place.space, role, name: name.trim() })
    if (got.ok) setCode(got.value)
    setFault(got.ok ? '' : whyNot(got))
  }
  const options = place.gives.map((value) => ({
    value,
    words: capital(t(ROLE_WORDS[value] ?? 'role.staff')),
  }))
  return (
    <Sheet title={t('invite.title', { team: place.name })} close={close}>
      {made && (
        <div class="v gap4">
          <Ready made={made} uses={uses} />
        </div>
      )}
      {code && (
        <div class="v gap4 center">
          <p class="label">{t('lead.code')}</p>
          <p class="spoken num">{code}</p>
          <p>{t('lead.code_how', { host: location.host })}</p>
        </div>
      )}
      {!made && !code && (
        <form class="v gap4" onSubmit={send}>
          <div class="v gap2">
            <p class="label">{t('roster.role')}</p>
            <Radios look="choice" label={t('roster.role')} options={options} value={role} choose={setRole} />
          </div>
          <Field
            label={t('lead.invite_name')}
            value={name}
            set={setName}
            max={NAME_MAX}
            fault={fault}
            hint={t(role === 'staff' ? 'lead.invite_many' : 'lead.invite_one')}
          />
          <button type="submit" class="btn pri full">
            {t('lead.make_link')}
          </button>
          <button type="button" class="btn full" onClick={readOut}>
            {t('lead.make_code')}
          </button>
        </form>
      )}
    </Sheet>
  )
}
