/**
 * The app lock: the data key under a PIN (and a key that only this device has), or under a passkey's secret. Nobody sees
 * the data key's bytes: it is made, wrapped and unwrapped inside WebCrypto (sections 6 and 7 of docs/devices.md).
 */

import { joined } from '../bytes.ts'
import type { Disk } from '../disk.ts'
import type { LockRow, Wrapped } from './lock-row.ts'
import { LOCK } from './lock-row.ts'

export const LEAST_ROUNDS = 600_000
const WANTED_MS = 500
const TRIAL_ROUNDS = 200_000
const MOST_ROUNDS = 20_000_000
const NONCE_BYTES = 12
const SALT_BYTES = 16
const FIRST_MINUTES = 5

type Bytes = Uint8Array<ArrayBuffer>
type Random = (size: number) => Bytes

/** Whose copy is locked. */
export interface Owner {
  person: number
  lang: string
}

/** What opens a lock: a PIN with this device's own key, or the secret that a passkey gives. */
export type Opener = ByPin | { secret: Bytes }

export interface ByPin {
  pin: string
  deviceKey: CryptoKey
  rounds: number
  /** What the server keeps of a strong lock, 32 bytes (D-51). */
  share?: Bytes
}

const utf8 = new TextEncoder()
const GCM = { name: 'AES-GCM', length: 256 } as const

/** This device's own HMAC key, in `v-device`, made when first asked for: a PIN alone opens nothing elsewhere. */
export async function deviceKey(device: Disk): Promise<CryptoKey> {
  const kept = await device.get('meta', DEVICE_KEY)
  if (kept instanceof CryptoKey) return kept
  const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  await device.write([{ store: 'meta', key: DEVICE_KEY, value: key }])
  return key
}

const DEVICE_KEY = 'device-key'

/** As many rounds as take about half a second here; never under 600,000 (D-46). `now` counts milliseconds. */
export async function calibrate(now: () => number): Promise<number> {
  const start = now()
  await stretched('000000', new Uint8Array(SALT_BYTES), TRIAL_ROUNDS)
  const ms = Math.max(1, now() - start)
  return Math.min(MOST_ROUNDS, Math.max(LEAST_ROUNDS, Math.round((TRIAL_ROUNDS * WANTED_MS) / ms)))
}

/** A new data key that may be wrapped; only `wrap` should see it. */
export const newDataKey = (): Promise<CryptoKey> =>
  crypto.subtle.generateKey(GCM, true, ['encrypt', 'decrypt'])

/** The data key of database `db` under what opens it. */
export async function wrap(dataKey: CryptoKey, by: Opener, db: string, random: Random): Promise<Wrapped> {
  const salt = random(SALT_BYTES)
  const iv = random(NONCE_BYTES)
  const kek = await keyOf(by, salt, db)
  const wrapped = await crypto.subtle.wrapKey('raw', dataKey, kek, sealing(iv, db))
  const box = new Uint8Array(NONCE_BYTES + wrapped.byteLength)
  box.set(iv)
  box.set(new Uint8Array(wrapped), NONCE_BYTES)
  return { salt, box }
}

/** The data key, for use alone unless it is to be `wrapped` anew; null when this doesn't open it. */
export async function unwrap(
  { salt, box }: Wrapped,
  by: Opener,
  db: string,
  wrapped = false,
): Promise<CryptoKey | null> {
  const kek = await keyOf(by, salt, db)
  const how = sealing(box.slice(0, NONCE_BYTES), db)
  return await crypto.subtle
    .unwrapKey('raw', box.slice(NONCE_BYTES), kek, how, GCM, wrapped, ['encrypt', 'decrypt'])
    .catch(() => null)
}

/** What a PIN opens a lock with, on this device. */
export async function byPin(pin: string, device: Disk, rounds: number): Promise<ByPin> {
  return { pin, deviceKey: await deviceKey(device), rounds }
}

export const newRow = (rounds: number, { person, lang }: Owner, pin: Wrapped): LockRow => ({
  version: 1,
  algorithm: 'PBKDF2-SHA-256',
  rounds,
  person,
  lang,
  pin,
  minutes: FIRST_MINUTES,
  passkey: null,
})

const sealing = (iv: Bytes, db: string) => ({
  name: 'AES-GCM',
  iv,
  additionalData: utf8.encode(['v1', db, 'meta', LOCK].join('\0')),
})

/** The key that wraps: both halves of a PIN, or a passkey's secret, through HKDF. */
async function keyOf(by: Opener, salt: Bytes, db: string): Promise<CryptoKey> {
  const halves = 'secret' in by ? [by.secret] : await pinHalves(by, salt, db)
  const secret = joined(...halves)
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
  secret.fill(0)
  const info = utf8.encode('secret' in by ? 'virtaamo/kek/passkey/1' : 'virtaamo/kek/1')
  const how = { name: 'HKDF', hash: 'SHA-256', salt, info }
  return await crypto.subtle.deriveKey(how, material, GCM, false, ['wrapKey', 'unwrapKey'])
}

async function pinHalves(by: ByPin, salt: Bytes, db: string): Promise<Bytes[]> {
  const ofDevice = joined(utf8.encode('virtaamo/pin/1'), salt, utf8.encode(db))
  const [slow, bound] = await Promise.all([
    stretched(by.pin, salt, by.rounds),
    crypto.subtle.sign('HMAC', by.deviceKey, ofDevice),
  ])
  return [slow, new Uint8Array(bound), ...(by.share ? [by.share] : [])]
}

async function stretched(pin: string, salt: Bytes, iterations: number): Promise<Bytes> {
  const material = await crypto.subtle.importKey('raw', utf8.encode(pin), 'PBKDF2', false, ['deriveBits'])
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations }
  return new Uint8Array(await crypto.subtle.deriveBits(how, material, 256))
}
