import { useState } from 'preact/hooks'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { type Duty, endRole, giveRole, type Page, readDuties, type Seat, sendAway } from './leading.ts'
import { LinkTo } from './link-to.tsx'
import { Radios } from './radios.tsx'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'
import { Switch } from './switch.tsx'
import { useAsked } from './use-asked.ts'

interface EndFormProps {
  seat: Seat
  page: Page
  what: 'move' | 'remove'
  close: () => void
  changed: () => void
}

/** Moving or removing somebody: first what they still have to see to, and who goes on with it. */
export function EndForm({ seat, page, what, close, changed }: EndFormProps) {
  const shell = useShell()
  const { place, places } = page
  const teams = places.filter((one) => one.kind === 'team' && one.gives.length && one.space !== place.space)
  const duties = useAsked(() => readDuties(seat.person, place.space))
  const [to, setTo] = useState<number | null>(null)
  const [team, setTeam] = useState<number | null>(null)
  const [whole, setWhole] = useState(false)
  const [fault, setFault] = useState('')
  const isMove = what === 'move'
  const own = duties.value?.filter((one) => one.sort === 'own') ?? []
  const owed = seat.role === 'supervisor' ? (duties.value?.filter((one) => one.sort === 'owed') ?? []) : []
  const role = place.gives.includes(seat.role) && seat.role !== 'supervisor' ? seat.role : 'staff'
  const names = { name: seat.name, team: place.name }
  const finish = async () => {
    if (isMove && team === null) return setFault(t('person.where_to'))
    const done =
      team !== null
        ? await giveRole(seat.person, { space: team, role }, { space: place.space, to })
        : whole
          ? await sendAway(seat.person, to === null ? {} : { [place.space]: to })
          : await endRole(seat.person, place.space, to)
    if (!done.ok) return setFault(whyNot(done))
    shell.say({ text: t(isMove ? 'person.moved' : 'person.removed', { name: seat.name }) })
    changed()
  }
  return (
    <Sheet
      title={t(isMove ? 'person.move_title' : 'person.remove_title', names)}
      close={close}
      alert={!isMove}
    >
      <div class="v gap4">
        <p>{t(isMove ? 'person.move_text' : 'person.remove_text')}</p>
        {isMove && (
          <Radios
            label={t('roster.team')}
            options={teams.map((one) => ({ value: String(one.space), words: one.name }))}
            value={team === null ? null : String(team)}
            choose={(value) => setTeam(Number(value))}
          />
        )}
        {duties.fault && <p class="fault">{duties.fault}</p>}
        {own.length > 0 && <Own own={own} seat={seat} page={page} to={to} setTo={setTo} />}
        {owed.length > 0 && <p class="soft">{t('person.owed', { count: owed.length })}</p>}
        {!isMove && (
          <Switch words={t('person.whole')} on={whole} set={setWhole} hint={t('person.whole_hint')} />
        )}
        {fault && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <Choice
          words={t(isMove ? 'person.move_do' : 'person.remove_do')}
          look={isMove ? 'pri' : 'bad'}
          close={close}
          go={finish}
        />
      </div>
    </Sheet>
  )
}

interface OwnProps {
  own: readonly Duty[]
  seat: Seat
  page: Page
  to: number | null
  setTo: (to: number | null) => void
}

function Own({ own, seat, page, to, setTo }: OwnProps) {
  const others = page.seats.filter((one) => one.person !== seat.person)
  return (
    <div class="v gap2">
      <p>{t('person.own', { count: own.length, name: seat.name })}</p>
      <ul class="list">
        {own.map((one) => (
          <li key={one.card} class="row">
            {one.title ? (
              <LinkTo to={{ at: 'card', id: one.card }}>{one.title}</LinkTo>
            ) : (
              <span class="soft">{t('person.unread')}</span>
            )}
          </li>
        ))}
      </ul>
      <label class="field">
        <span class="label">{t('person.goes_on')}</span>
        <select
          class="input"
          value={String(to ?? '')}
          onChange={(event) => setTo(Number(event.currentTarget.value) || null)}
        >
          <option value="">{t('person.nobody_yet')}</option>
          {others.map((one) => (
            <option key={one.person} value={String(one.person)}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}

/** Leaving the organisation: confirmed, as only a new invitation leads back. */
export function LeaveForm({ seat, close, changed }: Omit<EndFormProps, 'page' | 'what'>) {
  const shell = useShell()
  const [fault, setFault] = useState('')
  const send = async () => {
    const done = await sendAway(seat.person)
    if (!done.ok) return setFault(whyNot(done))
    shell.say({ text: t('person.removed', { name: seat.name }) })
    changed()
  }
  return (
    <Sheet title={t('person.leave_title', { name: seat.name })} close={close} alert>
      <div class="v gap4">
        <p>{t('person.leave_text')}</p>
        {fault && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <Choice words={t('person.remove_do')} close={close} go={send} />
      </div>
    </Sheet>
  )
}

function Choice({
  words,
  close,
  go,
  look = 'bad',
}: {
  words: string
  close: () => void
  go: () => void
  look?: string
}) {
  return (
    <div class="h gap2 end wrap">
      <button type="button" class="btn quiet" onClick={close} data-focus>
        {t('person.cancel')}
      </button>
      <button type="button" class={`btn ${look}`} onClick={go}>
        {words}
      </button>
    </div>
  )
}
