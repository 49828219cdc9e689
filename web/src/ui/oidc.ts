import { call, type Result } from '../link.ts'
import { comeIn } from '../session/signing.ts'
import type { Me } from '../session.ts'
import { lang } from '../t.ts'
import { callProved } from './proof.tsx'
import { asText, part } from './read.ts'
import { deviceName } from './sign-ins.ts'

/** The organisation's own sign-in: whether there is one, what people call it, whether it is linked to me. */
export interface OrgSignIn {
  on: boolean
  name: string
  linked: boolean
}

/** What the provider sent back with the browser: a code and more, or why not. */
export type Back = Readonly<Record<string, string>>

export const orgSignIn = (): Promise<Result<OrgSignIn>> =>
  call('GET', '/api/oidc', null, (value) => ({
    on: part(value, 'on') === true,
    name: asText(part(value, 'name')),
    linked: part(value, 'linked') === true,
  }))

/** Leave for the provider, to sign in or to link its account to me; resolves only when that can't be. */
export async function leaveFor(what: 'begin' | 'link', isNew = false): Promise<Result<string>> {
  const ask = what === 'link' ? callProved : call
  const begun = await ask('POST', `/api/oidc/${what}`, { new: isNew }, (value) => asText(part(value, 'url')))
  if (!begun.ok) return begun
  location.assign(begun.value)
  return await new Promise(() => undefined)
}

/** What stands after # (or ?) of the address that the provider sent the browser to. */
export const backFrom = ({ hash, search }: { hash: string; search: string }): Back =>
  Object.fromEntries(new URLSearchParams(hash.slice(1) || search))

/** Finish what was begun: signed in, or linked. */
export const comeBack = ({ code, state, iss }: Back): Promise<Result<Me>> =>
  comeIn('/api/oidc/finish', { code, state, iss, lang: lang.value, device_name: deviceName() })

export const unlink = (): Promise<Result<null>> => callProved('DELETE', '/api/oidc', {}, () => null)
