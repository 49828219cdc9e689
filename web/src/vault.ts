/** The only WebCrypto code: the data key that seals what lies on the disk, and the person's author key. */

import type { Disk } from './disk.ts'

export interface Vault {
  /** A record for one place on the disk: 12 bytes nonce, then AES-GCM. It opens in that place only (D-47). */
  seal(store: string, key: string, plain: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
  /** The plain bytes of a record; rejects when it was changed or lies in another place. */
  open(store: string, key: string, box: Uint8Array): Promise<Uint8Array<ArrayBuffer>>
  /** The public half of the author key, 65 bytes as base64url; the key is made when first asked for. */
  signPublic(): Promise<string>
  /** ECDSA P-256 with SHA-256 by the author key: r and s, 64 bytes. */
  sign(message: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
}

type Random = (size: number) => Uint8Array<ArrayBuffer>

const NONCE_BYTES = 12
const utf8 = new TextEncoder()

/** The keys of this database, made on the first use. None can be read out by a script (D-48). */
export async function openVault(disk: Disk, random: Random): Promise<Vault> {
  const dataKey = await keptKey(disk)
  const place = (store: string, key: string) => utf8.encode(['v1', disk.name, store, key].join('\0'))
  return {
    async seal(store, key, plain) {
      const iv = random(NONCE_BYTES)
      const how = { name: 'AES-GCM', iv, additionalData: place(store, key) }
      const sealed = new Uint8Array(await crypto.subtle.encrypt(how, dataKey, plain))
      const box = new Uint8Array(NONCE_BYTES + sealed.length)
      box.set(iv)
      box.set(sealed, NONCE_BYTES)
      return box
    },
    async open(store, key, box) {
      const iv = box.slice(0, NONCE_BYTES)
      const how = { name: 'AES-GCM', iv, additionalData: place(store, key) }
      return new Uint8Array(await crypto.subtle.decrypt(how, dataKey, box.slice(NONCE_BYTES)))
    },
    async signPublic() {
      const pair = await authorKey(disk)
      return base64url(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)))
    },
    async sign(message) {
      const pair = await authorKey(disk)
      const how = { name: 'ECDSA', hash: 'SHA-256' }
      return new Uint8Array(await crypto.subtle.sign(how, pair.privateKey, message))
    },
  }
}

/** SHA-256 in hexadecimal: the name of a photo. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function keptKey(disk: Disk): Promise<CryptoKey> {
  const kept = await disk.get('meta', 'data-key')
  if (isKey(kept)) return kept
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  await disk.write([{ store: 'meta', key: 'data-key', value: key }])
  return key
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

const isKey = (value: unknown): value is CryptoKey => value instanceof CryptoKey

const isPair = (value: unknown): value is CryptoKeyPair =>
  typeof value === 'object' &&
  value !== null &&
  'publicKey' in value &&
  'privateKey' in value &&
  isKey(value.publicKey) &&
  isKey(value.privateKey)

function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes))
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}
