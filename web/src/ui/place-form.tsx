import { useState } from 'preact/hooks'
import { lang, t } from '../t.ts'
import { whyNot } from './account.ts'
import { Field } from './field.tsx'
import { changePlace, makePlace, type Place } from './leading.ts'
import { Sheet } from './sheet.tsx'
import { LANG_NAMES } from './words.ts'

const NAME_MAX = 80

interface PlaceFormProps {
  kind: string
  /** What a new place comes to be below; none where one is renamed. */
  above?: Place
  place?: Place
  /** Where a team may be put instead of where it is. */
  areas?: readonly Place[]
  close: () => void
  done: () => void
}

/** The name of a team or an area, in the person's language and, where it has another there, in the others. */
export function PlaceForm({ kind, above, place, areas = [], close, done }: PlaceFormProps) {
  const [names, setNames] = useState<Readonly<Record<string, string>>>(place?.names ?? {})
  const [under, setUnder] = useState(place?.above ?? null)
  const [fault, setFault] = useState('')
  const tongues = Object.entries(LANG_NAMES).sort(
    ([a], [b]) => Number(b === lang.value) - Number(a === lang.value),
  )
  const save = async (event: Event) => {
    event.preventDefault()
    const given = Object.fromEntries(Object.entries(names).filter(([, name]) => name.trim()))
    if (Object.keys(given).length === 0) return setFault(t('lead.no_name'))
    const saved = place
      ? await changePlace(place.space, { names: given })
      : await makePlace(kind, given, above?.space ?? 0)
    if (!saved.ok) return setFault(whyNot(saved))
    const moved =
      place && under !== null && under !== place.above && (await changePlace(place.space, { above: under }))
    if (moved && !moved.ok) return setFault(whyNot(moved))
    done()
  }
  const title = place ? t('lead.rename') : t(kind === 'team' ? 'lead.add_team' : 'lead.add_area')
  return (
    <Sheet title={title} close={close}>
      <form class="v gap4" onSubmit={save}>
        {above && above.kind !== 'org' && <p class="soft">{above.name}</p>}
        {tongues.map(([tongue, words], at) => (
          <Field
            key={tongue}
            label={at ? t('lead.name_in', { lang: words }) : t('lead.name')}
            value={names[tongue] ?? ''}
            set={(name) => setNames({ ...names, [tongue]: name })}
            max={NAME_MAX}
            lang={tongue}
            {...(at === 0 ? { fault, focus: true } : {})}
          />
        ))}
        {areas.length > 1 && (
          <label class="field">
            <span class="label">{t('lead.under')}</span>
            <select
              class="input"
              value={String(under)}
              onChange={(event) => setUnder(Number(event.currentTarget.value))}
            >
              {areas.map((area) => (
                <option key={area.space} value={String(area.space)}>
                  {area.name}
                </option>
              ))}
            </select>
          </label>
        )}
        {areas.length > 1 && under !== place?.above && (
          <p class="soft" role="status">
            {t('lead.under_text')}
          </p>
        )}
        <button type="submit" class="btn pri full">
          {t('me.save')}
        </button>
      </form>
    </Sheet>
  )
}
