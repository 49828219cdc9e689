/** The author key: one per person and device, its private half nowhere else (D-28). It will sign what is sealed. */

import { base64url } from '../base64.ts'
import type { Disk } from '../disk.ts'

/** The public half of the author key, 65 bytes as base64url; the key is made when first asked for. */
export async function signPublic(disk: Disk): Promise<string> {
  const pair = await authorKey(disk)
  return base64url(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)))
}

/** Register the same key for another person's database on this device. */
export async function passAuthorKey(from: Disk, to: Disk): Promise<void> {
  await to.write([{ store: 'meta', key: 'author-key', value: await authorKey(from) }])
}

async function authorKey(disk: Disk): Promise<CryptoKeyPair> {
  const kept = await disk.get('meta', 'author-key')
  if (isPair(kept)) return kept
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
    'verify',
  ])
  await disk.write([{ store: 'meta', key: 'author-key', value: pair }])
  return pair
}

const isPair = (value: unknown): value is CryptoKeyPair =>
  typeof value === 'object' &&
  value !== null &&
  'publicKey' in value &&
  'privateKey' in value &&
  value.publicKey instanceof CryptoKey &&
  value.privateKey instanceof CryptoKey
