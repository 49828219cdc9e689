/**
 * The author key: one per person and device, its private half nowhere else (D-28). It signs what is sealed. It lies in
 * `meta` as a record under the data key, so that whatever guards that guards it too.
 */

import { base64url, joined } from '../bytes.ts'
import { decode, encode } from '../codec.ts'
import type { Disk, Step } from '../disk.ts'
import type { Vault } from '../vault.ts'

/** Where one person's records lie, and what opens them. */
export interface Home {
  disk: Disk
  vault: Vault
}

export interface AuthorKey {
  /** An uncompressed point on P-256, 65 bytes. */
  point: Uint8Array<ArrayBuffer>
  /** Signs; no script can read it out. */
  key: CryptoKey
}

const KIND = { name: 'ECDSA', namedCurve: 'P-256' } as const

/** The public half, 65 bytes as base64url; the key is made when first asked for. */
export async function signPublic(home: Home): Promise<string> {
  return base64url((await authorKey(home)).point)
}

/** The author key of this database, made when first asked for. */
export async function authorKey(home: Home): Promise<AuthorKey> {
  const { point, pkcs8 } = (await kept(home)) ?? (await make(home))
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, KIND, false, ['sign'])
  pkcs8.fill(0)
  return { point, key }
}

const UNLOCKED = new TextEncoder().encode('virtaamo/unlock/1\0')

/** What unlocks a copy on a tablet: the author key's word on a challenge, 64 bytes (D-38). */
export async function signUnlock({ key }: AuthorKey, device: Uint8Array, challenge: Uint8Array) {
  const how = { name: 'ECDSA', hash: 'SHA-256' }
  return new Uint8Array(await crypto.subtle.sign(how, key, joined(UNLOCKED, device, challenge)))
}

/** Register the same key for another person's database on this device. */
export async function passAuthorKey(from: Home, to: Home): Promise<void> {
  await keep(to, (await kept(from)) ?? (await make(from)))
}

/** A key pair that lies nowhere yet. */
export interface Halves {
  point: Uint8Array<ArrayBuffer>
  pkcs8: Uint8Array<ArrayBuffer>
}

/** A new author key, before there is a database for it. */
export async function newAuthor(): Promise<Halves> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(KIND, true, ['sign', 'verify'])
  const [point, pkcs8] = await Promise.all([
    crypto.subtle.exportKey('raw', publicKey),
    crypto.subtle.exportKey('pkcs8', privateKey),
  ])
  return { point: new Uint8Array(point), pkcs8: new Uint8Array(pkcs8) }
}

/** The step that keeps an author key under the data key. */
export async function authorStep(vault: Vault, { point, pkcs8 }: Halves): Promise<Step> {
  return { store: 'meta', key: PLACE, value: await vault.seal('meta', PLACE, encode([point, pkcs8])) }
}

async function make(home: Home): Promise<Halves> {
  const halves = await newAuthor()
  await keep(home, halves)
  return halves
}

const keep = async ({ disk, vault }: Home, halves: Halves) =>
  void (await disk.write([await authorStep(vault, halves)]))

async function kept({ disk, vault }: Home): Promise<Halves | null> {
  const box = await disk.get('meta', PLACE)
  if (!(box instanceof Uint8Array)) return null
  const halves = decode(await vault.open('meta', PLACE, box.slice()))
  if (!Array.isArray(halves)) return null
  const [point, pkcs8]: readonly unknown[] = halves
  return point instanceof Uint8Array && pkcs8 instanceof Uint8Array
    ? { point: point.slice(), pkcs8: pkcs8.slice() }
    : null
}

const PLACE = 'author-key'
