import { call, type Result } from '../link.ts'
import { lang, t } from '../t.ts'
import { callProved } from './proof.tsx'
import { asList, asNumber, asText, part } from './read.ts'
import { DAY_MS, shortDate } from './when.ts'

/** A device of one's own; days are counted from 1970, hours nobody keeps (H5). */
export interface OwnDevice {
  id: string
  name: string
  made_on: number
  seen_on: number
  current: boolean
}

export interface OwnSession {
  id: string
  device: string
}

/** What has happened to one's own account; nobody else sees it (D-83). */
export interface Notice {
  id: number
  on: number
  what: string
  detail: Readonly<Record<string, string>>
  seen: boolean
}

/** A copy of mine on a tablet; `id` and `name` are the tablet's. */
export interface OwnCopy {
  id: string
  name: string
  made_on: number
}

export interface Devices {
  devices: OwnDevice[]
  copies: OwnCopy[]
  sessions: OwnSession[]
}

const nothing = () => null

/**
 * My devices, my copies on tablets, and where I am signed in. Those who lead a team get its tablets in the same list:
 * they aren't mine.
 */
export async function listDevices(): Promise<Result<Devices>> {
  const listed = await call('GET', '/api/devices', null, (value) => {
    const of = (kind: string) => asList(value, (one) => one).filter((one) => part(one, 'kind') === kind)
    return { devices: of('own').map(asDevice), copies: of('copy').map(asCopy) }
  })
  if (!listed.ok) return listed
  const sessions = await call('GET', '/api/me/sessions', null, (value) => asList(value, asSession))
  return sessions.ok ? { ok: true, value: { ...listed.value, sessions: sessions.value } } : sessions
}

export const renameDevice = (id: string, name: string): Promise<Result<null>> =>
  call('PATCH', `/api/devices/${id}`, { name }, nothing)

/** The device lets go of what it holds with its next word from the server; what it still has to send it sends first. */
export const revokeDevice = (id: string): Promise<Result<null>> =>
  callProved('DELETE', `/api/devices/${id}`, {}, nothing)

/** Sign out elsewhere; what waits there stays there. */
export const endSession = (id: string): Promise<Result<null>> =>
  call('DELETE', `/api/me/sessions/${id}`, {}, nothing)

export const dropPasskey = (id: string): Promise<Result<null>> =>
  callProved('DELETE', `/api/passkey/${id}`, {}, nothing)

export const codesLeft = (): Promise<Result<number>> =>
  call('GET', '/api/recovery-codes', null, (value) => asNumber(part(value, 'left')))

/** Eight fresh codes in the place of the old ones. */
export const makeCodes = (): Promise<Result<string[]>> =>
  callProved('POST', '/api/recovery-codes', {}, (value) => asList(part(value, 'codes'), asText))

export const listNotices = (): Promise<Result<Notice[]>> =>
  call('GET', '/api/me/notices', null, (value) => asList(value, asNotice))

export const sawNotices = (upto: number): Promise<Result<null>> =>
  call('POST', '/api/me/notices/seen', { upto }, nothing)

/** A day of the server's as a person says it: today, yesterday, 18.11. It has no hours, so neither has what it is held to. */
export function dayWords(on: number, now: number): string {
  const noon = on * DAY_MS + DAY_MS / 2
  const days = Math.floor(now / DAY_MS) - on
  if (days <= 0) return t('day.today')
  return days === 1 ? t('day.yesterday') : shortDate(noon, lang.value, now)
}

const asDevice = (value: unknown): OwnDevice => ({
  id: asText(part(value, 'id')),
  name: asText(part(value, 'name')),
  made_on: asNumber(part(value, 'made_on')),
  seen_on: asNumber(part(value, 'seen_on')),
  current: part(value, 'current') === true,
})

const asCopy = (value: unknown): OwnCopy => ({
  id: asText(part(value, 'id')),
  name: asText(part(value, 'name')),
  made_on: asNumber(part(value, 'made_on')),
})

const asSession = (value: unknown): OwnSession => ({
  id: asText(part(value, 'id')),
  device: asText(part(value, 'device')),
})

function asNotice(value: unknown): Notice {
  const detail = part(value, 'detail')
  const words = typeof detail === 'object' && detail !== null ? Object.entries(detail) : []
  return {
    id: asNumber(part(value, 'id')),
    on: asNumber(part(value, 'on')),
    what: asText(part(value, 'what')),
    detail: Object.fromEntries(words.map(([name, one]) => [name, String(one ?? '')])),
    seen: part(value, 'seen') === true,
  }
}
