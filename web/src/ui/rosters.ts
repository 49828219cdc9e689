import { base64url } from '../bytes.ts'
import { call, type Result } from '../link.ts'
import { asNames } from './account.ts'
import { orNull } from './leading.ts'
import { callProved } from './proof.tsx'
import { asList, asNumber, asText, part } from './read.ts'

/** A line of a list as the server understands it; `fault` says in words why it can't be used. */
export interface Line {
  line: number
  name: string
  place: string
  role: string
  fault: string
}

/** An invitation for one line, shown once. */
export interface Ticket {
  name: string
  place: string
  role: string
  url: string
  until: number
  svg: { size: number; path: string }
}

export interface Made {
  tickets: readonly Ticket[]
  left: readonly Line[]
}

/** A line of the audit log: the day, and the time only where no person is in it. */
export interface Deed {
  id: number
  on: number
  at: number | null
  what: string
  actor: number | null
  person: number | null
  space: number | null
  detail: Readonly<Record<string, unknown>>
}

export interface Log {
  deeds: readonly Deed[]
  persons: Readonly<Record<string, string>>
  spaces: Readonly<Record<string, Readonly<Record<string, string>>>>
}

const body = (bytes: Uint8Array, space: number | null, good_ones: boolean) => ({
  text: base64url(bytes),
  space,
  good_ones,
})

/** What would come of a list; makes nothing. */
export const lookAtList = (bytes: Uint8Array, space: number | null): Promise<Result<Line[]>> =>
  call('POST', '/api/rosters/look', body(bytes, space, false), (value) => asList(value, asLine))

export const takeList = (bytes: Uint8Array, space: number | null, goodOnes: boolean): Promise<Result<Made>> =>
  callProved('POST', '/api/rosters', body(bytes, space, goodOnes), (value) => ({
    tickets: asList(part(value, 'tickets'), asTicket),
    left: asList(part(value, 'left_out'), asLine),
  }))

export const readLog = (before: number): Promise<Result<Log>> =>
  call('GET', `/api/audit?before=${before}`, null, (value) => ({
    deeds: asList(part(value, 'events'), asDeed),
    persons: asNames(part(value, 'persons')),
    spaces: asRecord(part(value, 'spaces'), asNames),
  }))

const asLine = (value: unknown): Line => ({
  line: asNumber(part(value, 'line')),
  name: asText(part(value, 'name')),
  place: asText(part(value, 'place')),
  role: asText(part(value, 'role')),
  fault: String(part(value, 'fault') ?? ''),
})

function asTicket(value: unknown): Ticket {
  const svg = part(value, 'svg')
  return {
    name: asText(part(value, 'name')),
    place: asText(part(value, 'place')),
    role: asText(part(value, 'role')),
    url: asText(part(value, 'url')),
    until: asNumber(part(value, 'until')),
    svg: { size: asNumber(part(svg, 'size')), path: asText(part(svg, 'path')) },
  }
}

const asDeed = (value: unknown): Deed => ({
  id: asNumber(part(value, 'id')),
  on: asNumber(part(value, 'on')),
  at: orNull(part(value, 'at')),
  what: asText(part(value, 'what')),
  actor: orNull(part(value, 'actor')),
  person: orNull(part(value, 'person')),
  space: orNull(part(value, 'space')),
  detail: asRecord(part(value, 'detail'), (one) => one),
})

function asRecord<T>(value: unknown, of: (one: unknown) => T): Readonly<Record<string, T>> {
  if (typeof value !== 'object' || value === null) throw new TypeError('not a record')
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, of(one)]))
}
