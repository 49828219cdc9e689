import { call, type Result } from '../link.ts'
import { asList, asNumber, asText, part } from './read.ts'

/** Words that arrived after their author's access had ended; `made` and `until` are days in milliseconds. */
export interface LateWord {
  id: number
  name: string
  place: string
  kind: string
  made: number
  until: number
  fields: Readonly<Record<string, unknown>>
  mine: boolean
  mayAccept: boolean
}

/** What waits for my decision, and how many of my sealed words a device still owes. */
export interface LateWords {
  items: readonly LateWord[]
  missing: readonly { device: string; count: number }[]
}

export const listLate = (): Promise<Result<LateWords>> => call('GET', '/api/quarantine', null, asLate)

/** Let it land under its author's name and day, or let it go. */
export const decideLate = (id: number, what: 'accept' | 'let_go'): Promise<Result<null>> =>
  call('POST', `/api/quarantine/${id}`, { do: what }, () => null)

const asLate = (value: unknown): LateWords => ({
  items: asList(part(value, 'items'), asWord),
  missing: asList(part(value, 'missing'), (one) => ({
    device: asText(part(one, 'device')),
    count: asNumber(part(one, 'count')),
  })),
})

const asWord = (value: unknown): LateWord => ({
  id: asNumber(part(value, 'id')),
  name: asText(part(value, 'name')),
  place: asText(part(value, 'place')),
  kind: asText(part(value, 'kind')),
  made: asNumber(part(value, 'made')),
  until: asNumber(part(value, 'until')),
  fields: asFields(part(value, 'fields')),
  mine: part(value, 'mine') === true,
  mayAccept: part(value, 'may_accept') === true,
})

function asFields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}
