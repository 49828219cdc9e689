/** Who I am, as the server tells it. */

import type { Grant } from '../codec.ts'
import { asGrants } from '../replica/grants.ts'

export interface Me {
  person: number
  name: string
  colour: number
  lang: string
  /** Number of the person's own space. */
  own: number
  device: { id: string; kind: string; name: string }
  grants: readonly Grant[]
  org: string
  /** The spaces that I lead, each with my role there; an administrator has no other grant. */
  leads: readonly (readonly [number, string])[]
  /** What the server can open, for the day on which there are words here and no session. */
  keys: readonly ServerKey[]
}

/** A key to seal with; `kid` and `public` as base64url. */
export interface ServerKey {
  kid: string
  public: string
  state: string
}

/** Reads the reply of /api/join and /api/me; throws on anything that isn't one. */
export function readMe(value: unknown): Me {
  if (!isRecord(value) || typeof value.person !== 'number') throw new TypeError('not a person')
  const device = isRecord(value.device) ? value.device : {}
  const { id, kind, name } = device
  return {
    person: value.person,
    name: String(value.name ?? ''),
    colour: Number(value.colour ?? 1),
    lang: String(value.lang ?? 'fi'),
    own: Number(value.own ?? 0),
    device: { id: String(id ?? ''), kind: String(kind ?? 'own'), name: String(name ?? '') },
    grants: grantsOf(value.grants),
    org: String(value.org ?? ''),
    leads: leadsOf(value.leads),
    keys: readKeys(value.keys),
  }
}

/** The keys that the server offers; what isn't one is left out. */
export function readKeys(value: unknown): ServerKey[] {
  if (!Array.isArray(value)) return []
  return value
    .filter(isRecord)
    .map((one) => ({ kid: String(one.kid), public: String(one.public), state: String(one.state) }))
}

/** From the server as arrays, from our own disk as records. */
function grantsOf(value: unknown): Grant[] {
  if (!Array.isArray(value)) return []
  return asGrants(
    value.map((one: unknown) => (isRecord(one) ? [one.space, one.role, one.kind, one.name] : one)),
  )
}

function leadsOf(value: unknown): [number, string][] {
  if (!Array.isArray(value)) return []
  return value.map((one: unknown) => (Array.isArray(one) ? [Number(one[0]), String(one[1])] : [0, '']))
}

/** Whether this is a map of names, as JSON and msgpack have them. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
