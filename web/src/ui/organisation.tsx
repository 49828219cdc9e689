import { useState } from 'preact/hooks'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { type Place, readTree } from './leading.ts'
import { LeadingHead } from './leading-head.tsx'
import { LinkTo } from './link-to.tsx'
import { PlaceForm } from './place-form.tsx'
import { useAsked } from './use-asked.ts'

/** Organisaatio: areas and teams below what I lead, each with the way to its people. */
export function Organisation() {
  const { value: places, fault, again } = useAsked(readTree)
  const [adding, add] = useState<{ kind: 'team' | 'area'; above: Place } | null>(null)
  const isAdmin = me.value?.leads.some(([, role]) => role === 'admin')
  const org = places?.find((one) => one.kind === 'org')
  return (
    <div class="screen gut v gap4">
      <LeadingHead title={t('lead.organisation')} to={{ at: 'me' }} />
      {fault && <p class="soft">{fault}</p>}
      {places && org && (
        <>
          <Branch place={org} places={places} add={add} />
          <div class="choices">
            <LinkTo to={{ at: 'roster', space: null }} class="btn">
              <Icon name="list-plus" size="s" />
              {t('lead.list')}
            </LinkTo>
            {isAdmin && org.gives.length > 0 && (
              <LinkTo to={{ at: 'audit' }} class="btn">
                <Icon name="history" size="s" />
                {t('audit.title')}
              </LinkTo>
            )}
          </div>
        </>
      )}
      {adding && (
        <PlaceForm
          kind={adding.kind}
          above={adding.above}
          close={() => add(null)}
          done={() => {
            add(null)
            again()
          }}
        />
      )}
    </div>
  )
}

interface BranchProps {
  place: Place
  places: readonly Place[]
  add: (what: { kind: 'team' | 'area'; above: Place }) => void
}

/** The organisation or an area: its own people, its teams, its areas. */
function Branch({ place, places, add }: BranchProps) {
  const below = (kind: string) => places.filter((one) => one.above === place.space && one.kind === kind)
  const id = `place-${place.space}`
  return (
    <>
      <section class="panel v" aria-labelledby={id}>
        <h2 id={id}>{place.name}</h2>
        <ul class="list">
          {leadable(place) && (
            <li>
              <Leaf place={place} words={t('lead.roles')} />
            </li>
          )}
          {below('team').map((team) => (
            <li key={team.space}>
              <Leaf place={team} words={team.name} />
            </li>
          ))}
        </ul>
        {place.makes && (
          <div class="choices">
            <button type="button" class="btn quiet" onClick={() => add({ kind: 'team', above: place })}>
              <Icon name="plus" size="s" />
              {t('lead.add_team')}
              <span class="vh"> {place.name}</span>
            </button>
            {place.kind === 'org' && (
              <button type="button" class="btn quiet" onClick={() => add({ kind: 'area', above: place })}>
                <Icon name="plus" size="s" />
                {t('lead.add_area')}
              </button>
            )}
          </div>
        )}
      </section>
      {below('area').map((area) => (
        <Branch key={area.space} place={area} places={places} add={add} />
      ))}
    </>
  )
}

const leadable = (place: Place) => place.gives.length > 0 || place.makes

/** Who leads here is told by name; the others by their number (H4). */
function Leaf({ place, words }: { place: Place; words: string }) {
  const names = place.leaders.map((one) => one.name).join(', ')
  const count = place.kind === 'team' ? t('lead.people', { count: place.people }) : ''
  return (
    <LinkTo to={{ at: 'place', space: place.space }} class="row">
      <span class="disc">
        <Icon name={place.kind === 'team' ? 'users-round' : 'sliders-horizontal'} />
      </span>
      <span class="grow">
        <span class="t">{words}</span>
        <span class="d">{[count, names].filter(Boolean).join(' · ') || t('lead.nobody')}</span>
      </span>
      <Icon name="chevron-right" />
    </LinkTo>
  )
}
