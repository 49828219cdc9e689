import { useState } from 'preact/hooks'
import { me, myTeams } from '../session.ts'
import { lang, t } from '../t.ts'
import { whyNot } from './account.ts'
import { Empty } from './empty.tsx'
import { Icon } from './icons.tsx'
import { InviteForm } from './invite-form.tsx'
import { type Offer, type Page, readPlace, type Seat, takeBack } from './leading.ts'
import { LeadingHead } from './leading-head.tsx'
import { LinkTo } from './link-to.tsx'
import { PersonSheet } from './person-sheet.tsx'
import { PlaceForm } from './place-form.tsx'
import { PlaceTablets } from './place-tablets.tsx'
import { useShell } from './shell.ts'
import { TeamStrengths } from './team-strengths.tsx'
import { type Asked, useAsked } from './use-asked.ts'
import { shortDate } from './when.ts'
import { initials, ROLE_WORDS } from './words.ts'

/** Tiimi ja henkilöt: who is here as what, who has been invited, and what a leader may do about it. */
export function PlacePage({ space }: { space: number }) {
  const asked = useAsked(() => readPlace(space))
  const { value: page, fault } = asked
  return (
    <div class="screen gut v gap4">
      {!page && <h1 tabIndex={-1}>{t('lead.team')}</h1>}
      {fault && <p class="soft">{fault}</p>}
      {page && <Shown page={page} asked={asked} />}
    </div>
  )
}

function Shown({ page, asked }: { page: Page; asked: Asked<Page> }) {
  const { place, places, seats } = page
  const [open, setOpen] = useState<'invite' | 'rename' | Seat | null>(null)
  const close = () => setOpen(null)
  const changed = () => {
    close()
    asked.again()
  }
  const above = places.find((one) => one.space === place.above)
  const areas = places.filter((one) => one.kind !== 'team' && one.makes)
  const leadsMore = me.value?.leads.some(([, role]) => role !== 'supervisor')
  const isMine = myTeams().some((team) => team.space === place.space)
  const mayRename = place.kind !== 'org' || place.gives.length > 0
  return (
    <>
      <LeadingHead
        title={place.name}
        over={above?.name ?? ''}
        to={{ at: leadsMore ? 'organisation' : 'me' }}
      />
      <div class="choices">
        {place.gives.length > 0 && (
          <button type="button" class="btn pri" onClick={() => setOpen('invite')}>
            <Icon name="qr-code" size="s" />
            {t('invite.open')}
          </button>
        )}
        {mayRename && (
          <button type="button" class="btn" onClick={() => setOpen('rename')}>
            <Icon name="pencil" size="s" />
            {t('lead.rename')}
          </button>
        )}
        {place.kind === 'team' && (
          <LinkTo to={{ at: 'roster', space: place.space }} class="btn">
            <Icon name="list-plus" size="s" />
            {t('lead.list')}
          </LinkTo>
        )}
      </div>
      <People seats={seats} open={setOpen} mayOpen={place.gives.length > 0} />
      <Waiting offers={page.offers} changed={changed} />
      {place.kind === 'team' && place.gives.includes('staff') && <PlaceTablets page={page} />}
      {isMine && <TeamStrengths space={place.space} name={place.name} />}
      {open === 'invite' && <InviteForm place={place} close={changed} />}
      {open === 'rename' && (
        <PlaceForm
          kind={place.kind}
          place={place}
          areas={place.kind === 'team' ? areas : []}
          close={close}
          done={changed}
        />
      )}
      {open !== null && typeof open === 'object' && (
        <PersonSheet seat={open} page={page} close={close} changed={changed} />
      )}
    </>
  )
}

interface PeopleProps {
  seats: readonly Seat[]
  open: (seat: Seat) => void
  mayOpen: boolean
}

/** By name, each with a role; nothing of when or how much anybody does (H5). */
function People({ seats, open, mayOpen }: PeopleProps) {
  if (!seats.length)
    return <Empty heading="h2" drawing="boat" title={t('lead.nobody')} text={t('lead.nobody_text')} />
  return (
    <section class="panel" aria-labelledby="people">
      <h2 id="people">{t('lead.people_here')}</h2>
      <ul class="list">
        {seats.map((seat) => (
          <li key={seat.person} class="row">
            <span class="who" aria-hidden="true">
              {initials(seat.name)}
            </span>
            <span class="grow">
              <span class="t">{seat.name}</span>
              <span class="d">{t(ROLE_WORDS[seat.role] ?? 'role.staff')}</span>
            </span>
            {mayOpen && seat.person !== me.value?.person && (
              <button type="button" class="btn quiet" onClick={() => open(seat)}>
                {t('lead.open')}
                <span class="vh"> {seat.name}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Waiting({ offers, changed }: { offers: readonly Offer[]; changed: () => void }) {
  const shell = useShell()
  if (!offers.length) return null
  const drop = async (offer: Offer) => {
    const done = await takeBack(offer.id)
    if (!done.ok) return shell.say({ icon: 'circle-alert', text: whyNot(done) })
    shell.say({ text: t('lead.taken_back') })
    changed()
  }
  return (
    <section class="panel" aria-labelledby="waiting">
      <h2 id="waiting">{t('lead.waiting')}</h2>
      <ul class="list">
        {offers.map((offer) => (
          <li key={offer.id} class="row act">
            <span class="grow">
              <span class="t">{offer.name || t('lead.for_anybody', { count: offer.uses })}</span>
              <span class="d">
                {t(ROLE_WORDS[offer.role] ?? 'role.staff')} ·{' '}
                {t('lead.until', { date: shortDate(offer.until, lang.value) })}
              </span>
            </span>
            <button type="button" class="btn quiet" onClick={() => drop(offer)}>
              {t('lead.take_back')}
              <span class="vh"> {offer.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
