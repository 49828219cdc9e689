import { fromBase64url } from '../bytes.ts'
import { call, type Result } from '../link.ts'
import { sha256 } from '../vault.ts'
import { callProved } from './proof.tsx'
import { asList, asNumber, asText, part } from './read.ts'

/** A tablet as those see it who lead its teams; days are counted from 1970, hours nobody keeps (H5). */
export interface SharedTablet {
  id: string
  name: string
  seen_on: number
  lock_s: number
  /** A strong lock: copies there open with a network only (D-51). */
  strong: boolean
  teams: readonly number[]
  copies: readonly CopyHolder[]
  /** The teams whose board it shows while it is locked. */
  walls: readonly number[]
}

/** Somebody who has a copy on a tablet. */
export interface CopyHolder {
  person: number
  name: string
}

/** A tablet to be. */
export interface NewTablet {
  spaces: readonly number[]
  name: string
  strong_lock: boolean
}

export interface Changes {
  name: string
  lock_s: number
  strong_lock: boolean
  /** Its teams, where they change. */
  spaces?: readonly number[]
}

/** What makes a browser a tablet, as a link and as a picture for its camera. */
export interface Enrolling {
  url: string
  svg: { size: number; path: string }
}

/** What a tablet asks of a phone: three numbers, one of which stands on the tablet. */
export interface Request {
  device: string
  teams: readonly string[]
  numbers: readonly number[]
  /** SHA-256 of the author key that the tablet has made, in hexadecimal. */
  print: string
}

export const NAME_MAX = 40

const nothing = () => null

/** The tablets of a team that I lead. */
export const listTablets = (space: number): Promise<Result<SharedTablet[]>> =>
  call('GET', '/api/devices', null, (value) =>
    asList(value, (one) => one)
      .filter((one) => part(one, 'kind') === 'shared')
      .map(asTablet)
      .filter(({ teams }) => teams.includes(space)),
  )

export const makeTablet = (asked: NewTablet): Promise<Result<Enrolling>> =>
  callProved('POST', '/api/devices/codes', { ...asked }, (value) => {
    const qr = part(value, 'qr')
    return {
      url: asText(part(value, 'url')),
      svg: { size: asNumber(part(qr, 'size')), path: asText(part(qr, 'path')) },
    }
  })

export const changeTablet = (id: string, changes: Changes): Promise<Result<null>> =>
  callProved('PATCH', `/api/devices/${id}`, { ...changes }, nothing)

/** Take somebody's copy off a tablet: one's own, or as who leads the team. */
export const removeCopy = (device: string, person: number): Promise<Result<null>> =>
  callProved('DELETE', `/api/devices/${device}/persons/${person}`, {}, nothing)

/** A code that one person types on one tablet, who has no phone at hand (D-42). */
export const codeForTablet = (device: string, space: number, person: number): Promise<Result<string>> =>
  callProved('POST', '/api/invitations', { kind: 'tablet', device, space, person }, (value) =>
    asText(part(value, 'code')),
  )

/** What a tablet asks, by the code in its picture. */
export async function lookAtRequest(code: string): Promise<Result<Request>> {
  const got = await call('POST', '/api/devices/approve/look', { code }, (value) => ({
    device: asText(part(value, 'device')),
    teams: asList(part(value, 'unit'), asText),
    numbers: asList(part(value, 'numbers'), asNumber),
    key: fromBase64url(asText(part(value, 'sign_pub'))),
  }))
  if (!got.ok) return got
  const { key, ...seen } = got.value
  return { ok: true, value: { ...seen, print: await sha256(key) } }
}

/** Let the tablet have a copy of mine; a wrong number ends what it asked. */
export const approveCopy = (code: string, number: number): Promise<Result<null>> =>
  callProved('POST', '/api/devices/approve', { code, number }, nothing)

const asTablet = (value: unknown): SharedTablet => ({
  id: asText(part(value, 'id')),
  name: asText(part(value, 'name')),
  seen_on: asNumber(part(value, 'seen_on')),
  lock_s: asNumber(part(value, 'lock_s')),
  strong: part(value, 'strong') === true,
  teams: asList(part(value, 'teams'), asNumber),
  copies: asList(part(value, 'copies'), (one) => {
    const [person, name] = asList(one, (word) => word)
    return { person: asNumber(person), name: asText(name) }
  }),
  walls: asList(part(value, 'walls') ?? [], asNumber),
})
