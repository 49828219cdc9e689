import { useState } from 'preact/hooks'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { type DutiesTo, endRole, giveRole, type Page, type Seat, sendAway } from './leading.ts'
import { LeftBehind } from './left-behind.tsx'
import { Radios } from './radios.tsx'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'
import { Switch } from './switch.tsx'

const WORDS = {
  move: ['person.move_title', 'person.move_text'],
  remove: ['person.remove_title', 'person.remove_text'],
  leave: ['person.leave_title', 'person.leave_text'],
} as const

export type End = keyof typeof WORDS

interface EndFormProps {
  seat: Seat
  page: Page
  what: End
  close: () => void
  changed: () => void
}

/** Moving or removing somebody: first what they still have to see to, and who goes on with it. */
export function EndForm({ seat, page, what, close, changed }: EndFormProps) {
  const shell = useShell()
  const { place, places } = page
  const teams = places.filter((one) => one.kind === 'team' && one.gives.length && one.space !== place.space)
  const [to, setTo] = useState<DutiesTo | null>(null)
  const [team, setTeam] = useState<number | null>(null)
  const [whole, setWhole] = useState(what === 'leave')
  const [fault, setFault] = useState('')
  const isMove = what === 'move'
  const [title, text] = WORDS[what]
  const role = place.gives.includes(seat.role) && seat.role !== 'supervisor' ? seat.role : 'staff'
  const finish = async () => {
    if (isMove && team === null) return setFault(t('person.where_to'))
    const duties = to ?? {}
    const done =
      team !== null
        ? await giveRole(seat.person, { space: team, role }, place.space, duties)
        : whole
          ? await sendAway(seat.person, duties)
          : await endRole(seat.person, place.space, duties)
    if (!done.ok) return setFault(whyNot(done))
    shell.say({ text: t(isMove ? 'person.moved' : 'person.removed', { name: seat.name }) })
    changed()
  }
  return (
    <Sheet title={t(title, { name: seat.name, team: place.name })} close={close} alert={!isMove}>
      <div class="v gap4">
        <p>{t(text)}</p>
        {isMove && (
          <Radios
            label={t('roster.team')}
            options={teams.map((one) => ({ value: String(one.space), words: one.name }))}
            value={team === null ? null : String(team)}
            choose={(value) => setTeam(Number(value))}
          />
        )}
        {what === 'remove' && (
          <Switch words={t('person.whole')} on={whole} set={setWhole} hint={t('person.whole_hint')} />
        )}
        <LeftBehind person={seat.person} space={whole ? undefined : place.space} to={to} set={setTo} />
        <Fault words={fault} />
        <div class="h gap2 end wrap">
          <button type="button" class="btn quiet" onClick={close} data-focus>
            {t('person.cancel')}
          </button>
          <button type="button" class={`btn ${isMove ? 'pri' : 'bad'}`} disabled={!to} onClick={finish}>
            {t(isMove ? 'person.move_do' : 'person.remove_do')}
          </button>
        </div>
      </div>
    </Sheet>
  )
}
