/** What a server says, for tests that stand in for one: a reply in JSON, and a key to seal with. */

import { base64url } from '../src/bytes.ts'
import type { Reply } from '../src/link/wire.ts'

const utf8 = new TextEncoder()

export const json = (status: number, value: unknown): Reply => ({
  status,
  type: 'application/json',
  body: utf8.encode(JSON.stringify(value)),
})

export async function serverKey(kid = 'AAAAAAAAAAA') {
  const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits'])
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  return { kid, public: base64url(point), state: 'active' }
}
