import { useState } from 'preact/hooks'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import type { Page, Seat } from './leading.ts'
import { codeForTablet, type SharedTablet } from './tablets.ts'

/** A code for one person on this tablet. It is shown once; its person is told of it. */
export function CodeFor({ tablet, page }: { tablet: SharedTablet; page: Page }) {
  const seats = page.seats.filter((seat) => seat.person !== me.value?.person)
  const [whose, setWhose] = useState<Seat | undefined>(seats[0])
  const [code, setCode] = useState('')
  const [fault, setFault] = useState('')
  if (!whose) return null
  const make = async (event: Event) => {
    event.preventDefault()
    const got = await codeForTablet(tablet.id, page.place.space, whose.person)
    setCode(got.ok ? got.value : '')
    setFault(got.ok ? '' : whyNot(got))
  }
  const choose = (person: number) => {
    setWhose(seats.find((seat) => seat.person === person))
    setCode('')
  }
  return (
    <form class="v gap2" onSubmit={make}>
      <label class="field">
        <span class="label">{t('tablets.code_whose')}</span>
        <select
          class="input"
          value={String(whose.person)}
          onChange={(event) => choose(Number(event.currentTarget.value))}
        >
          {seats.map((seat) => (
            <option key={seat.person} value={seat.person}>
              {seat.name}
            </option>
          ))}
        </select>
      </label>
      <Fault words={fault} />
      {code && (
        <div class="v gap2 center" role="status">
          <p class="spoken num">{code}</p>
          <p>{t('tablets.code_how', { name: whose.name, device: tablet.name })}</p>
        </div>
      )}
      <button type="submit" class="btn">
        {t('tablets.code_do')}
      </button>
    </form>
  )
}
