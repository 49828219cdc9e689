/** The only WebAuthn code: options of the server in, what the authenticator answered out, both as JSON (D-36). */

import { base64url, fromBase64url } from './bytes.ts'

/** What goes to the server, and the secret that the passkey gave for this device's lock, where it can (PRF). */
export interface Proof {
  credential: Credential
  secret: Uint8Array<ArrayBuffer> | null
}

export interface Credential {
  id: string
  rawId: string
  type: string
  response: Readonly<Record<string, string | readonly string[]>>
  clientExtensionResults: Readonly<Record<string, never>>
}

type Part = Readonly<Record<string, unknown>>

/** Where passkeys are missing, no button speaks of them. */
export const hasPasskeys = (): boolean => typeof PublicKeyCredential === 'function'

/** Make a passkey; null when the person said no, or this authenticator can't. */
export async function makePasskey(options: unknown): Promise<Credential | null> {
  const publicKey = creation(asPart(options))
  const made = await asked(() => navigator.credentials.create({ publicKey }))
  if (made === null || !(made.response instanceof AuthenticatorAttestationResponse)) return null
  const { attestationObject, clientDataJSON } = made.response
  return json(made, {
    attestationObject: text(attestationObject),
    clientDataJSON: text(clientDataJSON),
    transports: made.response.getTransports?.() ?? [],
  })
}

/** Show who I am with a passkey; with a salt, ask it for the secret that belongs to that salt too. Null as above. */
export async function usePasskey(options: unknown, salt?: Uint8Array<ArrayBuffer>): Promise<Proof | null> {
  const prf = salt === undefined ? {} : { extensions: { prf: { eval: { first: salt } } } }
  const publicKey = { ...request(asPart(options)), ...prf }
  const used = await asked(() => navigator.credentials.get({ publicKey }))
  if (used === null || !(used.response instanceof AuthenticatorAssertionResponse)) return null
  const { authenticatorData, clientDataJSON, signature, userHandle } = used.response
  const response = {
    authenticatorData: text(authenticatorData),
    clientDataJSON: text(clientDataJSON),
    signature: text(signature),
    ...(userHandle === null ? {} : { userHandle: text(userHandle) }),
  }
  return { credential: json(used, response), secret: secretOf(used) }
}

/** Refusing, waiting too long and an unfit authenticator all look alike to a page, by design. */
async function asked(ask: () => Promise<unknown>): Promise<PublicKeyCredential | null> {
  const answer = await ask().catch(() => null)
  return answer instanceof PublicKeyCredential ? answer : null
}

function creation(given: Part): PublicKeyCredentialCreationOptions {
  const user = asPart(given.user)
  return {
    challenge: bytes(given.challenge),
    rp: { ...idOf(given.rp), name: String(asPart(given.rp).name ?? '') },
    user: { id: bytes(user.id), name: String(user.name ?? ''), displayName: String(user.displayName ?? '') },
    pubKeyCredParams: list(given.pubKeyCredParams).map(({ alg }) => ({
      type: 'public-key',
      alg: Number(alg),
    })),
    excludeCredentials: known(given.excludeCredentials),
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    },
    attestation: 'none',
    timeout: Number(given.timeout ?? TIMEOUT_MS),
    extensions: { prf: {} },
  }
}

function request(given: Part): PublicKeyCredentialRequestOptions {
  const rpId = typeof given.rpId === 'string' ? { rpId: given.rpId } : {}
  return {
    ...rpId,
    challenge: bytes(given.challenge),
    allowCredentials: known(given.allowCredentials),
    userVerification: 'required',
    timeout: Number(given.timeout ?? TIMEOUT_MS),
  }
}

const TIMEOUT_MS = 120_000

const known = (given: unknown): PublicKeyCredentialDescriptor[] =>
  list(given).map(({ id }) => ({ type: 'public-key', id: bytes(id) }))

const idOf = (rp: unknown) => {
  const { id } = asPart(rp)
  return typeof id === 'string' ? { id } : {}
}

function json(given: PublicKeyCredential, response: Credential['response']): Credential {
  const id = text(given.rawId)
  return { id, rawId: id, type: given.type, response, clientExtensionResults: {} }
}

/** The extension's answer, read with care: its types are younger than the oldest browser here. */
function secretOf(used: PublicKeyCredential): Uint8Array<ArrayBuffer> | null {
  const prf = asPart(Reflect.get(used.getClientExtensionResults(), 'prf'))
  const { first } = asPart(prf.results)
  return first instanceof ArrayBuffer ? new Uint8Array(first.slice(0)) : null
}

const text = (buffer: ArrayBuffer) => base64url(new Uint8Array(buffer))

function bytes(given: unknown): Uint8Array<ArrayBuffer> {
  if (typeof given !== 'string') throw new TypeError('no bytes')
  return fromBase64url(given)
}

const list = (given: unknown): Part[] => (Array.isArray(given) ? given.map(asPart) : [])

const asPart = (given: unknown): Part =>
  typeof given === 'object' && given !== null ? Object.fromEntries(Object.entries(given)) : {}
