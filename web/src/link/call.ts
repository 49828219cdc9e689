/** Calls of the app's own API beside sync: small questions with small answers. */

import type { Reply, Wire } from './wire.ts'

export type Result<T> = { ok: true; value: T } | Refusal

export interface Refusal {
  ok: false
  error: string
  message: string
  status: number
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Ask, and read the answer with `decode`, which throws on what it doesn't expect. Never rejects. */
export type Call = <T>(
  method: Method,
  path: string,
  body: unknown,
  decode: (value: unknown) => T,
) => Promise<Result<T>>

/** A caller that speaks JSON. `lang` is the language of the server's sentences. */
export function makeCall(wire: Wire, lang: () => string): Call {
  return async (method, path, body, decode) => {
    const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': lang() }
    if (method !== 'GET') headers['Content-Type'] = 'application/json'
    const sent = method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }
    try {
      const reply = await wire.ask({ method, path, headers, ...sent })
      if (reply.status === 204) return { ok: true, value: decode(null) }
      if (reply.type !== 'application/json') return NO_NETWORK
      const value: unknown = JSON.parse(new TextDecoder().decode(reply.body))
      if (reply.status < 300) return { ok: true, value: decode(value) }
      return refused(value, reply.status)
    } catch {
      // No reply, or one that isn't ours (a portal's page): to the person both are "no network".
      return NO_NETWORK
    }
  }
}

/** Why the server would not, as it says in JSON. */
export function refusal({ status, body }: Reply): Refusal {
  try {
    return refused(JSON.parse(new TextDecoder().decode(body)), status)
  } catch {
    return NO_NETWORK
  }
}

const refused = (value: unknown, status: number): Refusal => ({
  ok: false,
  error: word(value, 'error'),
  message: word(value, 'message'),
  status,
})

const NO_NETWORK = { ok: false, error: 'offline', message: '', status: 0 } as const

function word(value: unknown, name: string): string {
  if (typeof value !== 'object' || value === null) return ''
  const found: unknown = Reflect.get(value, name)
  return typeof found === 'string' ? found : ''
}
