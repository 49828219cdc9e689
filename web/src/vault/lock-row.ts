/** What an app lock keeps in `meta`: parameters in plain, the data key under what only its person knows or has (D-46). */

/** The data key under one secret: 12 bytes nonce, then AES-GCM. */
export interface Wrapped {
  salt: Uint8Array<ArrayBuffer>
  box: Uint8Array<ArrayBuffer>
}

/** `ask` is what the authenticator makes the secret from, `id` the passkey, base64url, `rpId` whose it is. */
export interface PasskeyLock extends Wrapped {
  ask: Uint8Array<ArrayBuffer>
  id: string
  rpId: string
}

export interface LockRow {
  version: 1
  algorithm: 'PBKDF2-SHA-256'
  rounds: number
  /** Whose copy it is: who signs in again as the same person comes back to it. */
  person: number
  /** What the closed app speaks. */
  lang: string
  pin: Wrapped
  /** After so many minutes in the background the app locks. */
  minutes: number
  /** On a tablet with a strong lock: the copy whose share the server keeps, without which no PIN opens this (D-51). */
  strong?: { device: string }
  /** The same key under a passkey's secret, where its authenticator gives one (PRF). */
  passkey: PasskeyLock | null
}

export const LOCK = 'lock'

/** The row as it lies on the disk, structured-cloned; null when the lock is off. */
export const asLockRow = (value: unknown): LockRow | null => (isLockRow(value) ? value : null)

const isLockRow = (value: unknown): value is LockRow =>
  typeof value === 'object' &&
  value !== null &&
  'version' in value &&
  value.version === 1 &&
  'rounds' in value &&
  typeof value.rounds === 'number' &&
  'pin' in value
