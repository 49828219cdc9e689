import { call, type Result } from '../link.ts'
import { lang } from '../t.ts'
import { asNames, type Inviting } from './account.ts'
import { callProved } from './proof.tsx'
import { asList, asNumber, asText, part } from './read.ts'
import { nameIn } from './words.ts'

type Names = Readonly<Record<string, string>>

/** Somebody and the role that they have somewhere. */
export interface Seat {
  person: number
  name: string
  role: string
}

/** A team, an area or the organisation as whoever leads it sees it; `gives` are the roles that I may give there. */
export interface Place {
  space: number
  kind: string
  names: Names
  name: string
  above: number | null
  gives: readonly string[]
  makes: boolean
  people: number
  leaders: readonly Seat[]
}

/** An invitation that nobody has taken up yet. */
export interface Offer {
  id: number
  role: string
  name: string
  uses: number
  until: number
}

export interface Page {
  places: readonly Place[]
  place: Place
  seats: readonly Seat[]
  offers: readonly Offer[]
}

/** What somebody leaves behind in a place; `sole` is the role that nobody else has there. */
export interface Behind {
  space: number
  name: string
  sole: string
  duties: readonly Duty[]
  others: readonly Seat[]
}

/** A card that somebody has to see to; `owed` ones wait for an answer of any supervisor. */
export interface Duty {
  card: string
  title: string
  sort: string
}

/** Who goes on with what somebody was to do, by the team that it is in. */
export type DutiesTo = Readonly<Record<number, number>>

const nothing = () => null

/** What I lead, with what lies above it, from the top down. */
export const readTree = (): Promise<Result<Place[]>> =>
  call('GET', '/api/organisation', null, (value) => asList(value, asPlace))

/** One place with its people and the invitations that wait. */
export async function readPlace(space: number): Promise<Result<Page>> {
  const [tree, seats, offers] = await Promise.all([
    readTree(),
    call('GET', `/api/persons?space=${space}`, null, (value) => asList(value, asSeat)),
    call('GET', `/api/invitations?space=${space}`, null, (value) => asList(value, asOffer)),
  ])
  if (!tree.ok) return tree
  if (!seats.ok) return seats
  if (!offers.ok) return offers
  const place = tree.value.find((one) => one.space === space)
  if (!place) return { ok: false, error: 'not_found', message: '', status: 404 }
  // Who reads an area or the organisation is everybody: only those who were given a role there belong on its page.
  const shown = place.kind === 'team' ? seats.value : place.leaders
  return { ok: true, value: { places: tree.value, place, seats: shown, offers: offers.value } }
}

/** A code of ten letters for one person and one day. */
export const inviteByCode = (asked: Inviting): Promise<Result<string>> =>
  callProved('POST', '/api/invitations', { ...asked, kind: 'typed', uses: 1 }, (value) =>
    asText(part(value, 'code')),
  )

export const takeBack = (id: number): Promise<Result<null>> =>
  call('DELETE', `/api/invitations/${id}`, {}, nothing)

export const renamePerson = (person: number, name: string): Promise<Result<null>> =>
  call('PATCH', `/api/persons/${person}`, { name }, nothing)

/** Give a role; `leaving` is the place that the person gives up for it. */
export function giveRole(
  person: number,
  place: { space: number; role: string },
  leaving?: number,
  duties_to: DutiesTo = {},
): Promise<Result<null>> {
  const body = { role: place.role, instead_of: leaving ?? null, duties_to }
  return callProved('PUT', `/api/persons/${person}/grants/${place.space}`, body, nothing)
}

export const endRole = (person: number, space: number, duties_to: DutiesTo): Promise<Result<null>> =>
  callProved('DELETE', `/api/persons/${person}/grants/${space}`, { duties_to }, nothing)

/** The person leaves the organisation: every role and sign-in ends; for who leads all that they have joined. */
export const sendAway = (person: number, duties_to: DutiesTo): Promise<Result<null>> =>
  callProved('POST', `/api/persons/${person}/leave`, { duties_to }, nothing)

export const readBehind = (person: number): Promise<Result<Behind[]>> =>
  call('GET', `/api/persons/${person}/duties`, null, (value) => asList(value, asBehind))

export const makePlace = (kind: string, names: Names, above: number): Promise<Result<null>> =>
  call('POST', '/api/spaces', { kind, names, above }, nothing)

export const changePlace = (
  space: number,
  change: { names: Names } | { above: number },
): Promise<Result<null>> => call('PATCH', `/api/spaces/${space}`, change, nothing)

function asPlace(value: unknown): Place {
  const names = asNames(part(value, 'names'))
  return {
    space: asNumber(part(value, 'space')),
    kind: asText(part(value, 'kind')),
    names,
    name: nameIn(names, lang.value),
    above: orNull(part(value, 'above')),
    gives: asList(part(value, 'gives'), asText),
    makes: part(value, 'makes') === true,
    people: asNumber(part(value, 'people')),
    leaders: asList(part(value, 'leaders'), (one) => {
      const [person, name, role] = asList(one, (word) => word)
      return { person: asNumber(person), name: asText(name), role: asText(role) }
    }),
  }
}

const asSeat = (value: unknown): Seat => ({
  person: asNumber(part(value, 'id')),
  name: asText(part(value, 'name')),
  role: asText(part(value, 'role')),
})

const asOffer = (value: unknown): Offer => ({
  id: asNumber(part(value, 'id')),
  role: asText(part(value, 'role')),
  name: String(part(value, 'name') ?? ''),
  uses: asNumber(part(value, 'uses_left')),
  until: asNumber(part(value, 'until')),
})

const asBehind = (value: unknown): Behind => ({
  space: asNumber(part(value, 'space')),
  name: asText(part(value, 'name')),
  sole: String(part(value, 'sole') ?? ''),
  duties: asList(part(value, 'duties'), asDuty),
  others: asList(part(value, 'others'), asSeat),
})

const asDuty = (value: unknown): Duty => ({
  card: asText(part(value, 'card')),
  title: asText(part(value, 'title')),
  sort: asText(part(value, 'sort')),
})

export const orNull = (value: unknown): number | null => (value === null ? null : asNumber(value))
