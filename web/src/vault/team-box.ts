/** Boxes for a team's members at one tablet: AES-GCM under a key that each of them has (docs/decisions/0034). */

type Random = (size: number) => Uint8Array<ArrayBuffer>

const NONCE_BYTES = 12
const utf8 = new TextEncoder()

/** A key from its 32 bytes; no script reads it out of what this gives. */
export const teamKey = (raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])

/** 12 bytes nonce, then AES-GCM; it opens under this name only. */
export async function sealFor(
  key: CryptoKey,
  name: string,
  { plain, random }: { plain: Uint8Array<ArrayBuffer>; random: Random },
): Promise<Uint8Array<ArrayBuffer>> {
  const iv = random(NONCE_BYTES)
  const how = { name: 'AES-GCM', iv, additionalData: utf8.encode(name) }
  const sealed = new Uint8Array(await crypto.subtle.encrypt(how, key, plain))
  const box = new Uint8Array(NONCE_BYTES + sealed.length)
  box.set(iv)
  box.set(sealed, NONCE_BYTES)
  return box
}

/** What a box holds; rejects when it was changed, lies under another name, or is for others. */
export async function openFor(
  key: CryptoKey,
  name: string,
  box: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const how = { name: 'AES-GCM', iv: box.subarray(0, NONCE_BYTES), additionalData: utf8.encode(name) }
  return new Uint8Array(await crypto.subtle.decrypt(how, key, box.subarray(NONCE_BYTES)))
}
