/** The only WebCrypto code: the data key that seals what lies on the disk. The author key is in vault/author.ts. */

import type { Disk } from './disk.ts'
import { hex } from './msgpack.ts'

export interface Vault {
  /** A record for one place on the disk: 12 bytes nonce, then AES-GCM. It opens in that place only (D-47). */
  seal(store: string, key: string, plain: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
  /** The plain bytes of a record; rejects when it was changed or lies in another place. */
  open(store: string, key: string, box: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
}

type Random = (size: number) => Uint8Array<ArrayBuffer>

export const NONCE_BYTES = 12
const utf8 = new TextEncoder()

/**
 * The keys of this database, made on the first use; under an app lock the data key is handed over. None can be read out
 * by a script (D-48).
 */
export async function openVault(disk: Disk, random: Random, key?: CryptoKey): Promise<Vault> {
  const dataKey = key ?? (await keptKey(disk))
  const place = (store: string, key: string) => ['v1', disk.name, store, key].join('\0')
  return {
    seal: (store, key, plain) => sealUnder(dataKey, place(store, key), plain, random(NONCE_BYTES)),
    open: (store, key, box) => openUnder(dataKey, place(store, key), box),
  }
}

/** A box that opens under this name only: 12 bytes nonce, then AES-GCM. */
export async function sealUnder(
  key: CryptoKey,
  name: string,
  plain: Uint8Array<ArrayBuffer>,
  iv: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const sealed = new Uint8Array(await crypto.subtle.encrypt(under(name, iv), key, plain))
  const box = new Uint8Array(NONCE_BYTES + sealed.length)
  box.set(iv)
  box.set(sealed, NONCE_BYTES)
  return box
}

/** What a box holds; rejects when it was changed, lies under another name, or is for others. */
export async function openUnder(
  key: CryptoKey,
  name: string,
  box: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const how = under(name, box.subarray(0, NONCE_BYTES))
  return new Uint8Array(await crypto.subtle.decrypt(how, key, box.subarray(NONCE_BYTES)))
}

const under = (name: string, iv: Uint8Array<ArrayBuffer>) => ({
  name: 'AES-GCM',
  iv,
  additionalData: utf8.encode(name),
})

/** SHA-256 in hexadecimal: the name of a photo. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

export const DATA_KEY = 'data-key'

async function keptKey(disk: Disk): Promise<CryptoKey> {
  const kept = await disk.get('meta', DATA_KEY)
  if (kept instanceof CryptoKey) return kept
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  await disk.write([{ store: 'meta', key: DATA_KEY, value: key }])
  return key
}
