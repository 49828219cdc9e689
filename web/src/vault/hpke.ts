/**
 * HPKE (RFC 9180) in base mode, single shot, as D-60 wants it: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
 * Only sealing: nothing on a device can open what was sealed there.
 */

import { joined } from '../bytes.ts'

type Bytes = Uint8Array<ArrayBuffer>

const KEM = 0x0010
const KDF = 0x0001
/** AES-GCM by the length of its key in bytes; the shorter one is what the RFC's own example has. */
const AEAD = { 16: 0x0001, 32: 0x0002 } as const
const NONCE_BYTES = 12
const EXCHANGE = { name: 'ECDH', namedCurve: 'P-256' } as const
const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const
const EMPTY = new Uint8Array()
const utf8 = new TextEncoder()
const KEM_SUITE = joined(utf8.encode('KEM'), number(KEM))

export interface Sealing {
  /** The receiver's public half: an uncompressed point on P-256. */
  to: Bytes
  info: Bytes
  plain: Bytes
}

/** enc (65 bytes) and the sealed bytes after it. `ephemeral` and `keyBytes` are given by the RFC's example alone. */
export async function sealTo(
  { to, info, plain }: Sealing,
  ephemeral?: CryptoKeyPair,
  keyBytes: keyof typeof AEAD = 32,
): Promise<Bytes> {
  const own = ephemeral ?? (await crypto.subtle.generateKey(EXCHANGE, true, ['deriveBits']))
  const enc = new Uint8Array(await crypto.subtle.exportKey('raw', own.publicKey))
  const suite = joined(utf8.encode('HPKE'), number(KEM), number(KDF), number(AEAD[keyBytes]))
  const secret = await extract(suite, await sharedSecret(own.privateKey, enc, to), 'secret', EMPTY)
  const hashes = await Promise.all([
    extract(suite, EMPTY, 'psk_id_hash', EMPTY),
    extract(suite, EMPTY, 'info_hash', info),
  ])
  const context = joined(Uint8Array.of(0), ...hashes)
  const raw = await expand(suite, secret, 'key', context, keyBytes)
  const iv = await expand(suite, secret, 'base_nonce', context, NONCE_BYTES)
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt'])
  return joined(enc, new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain)))
}

async function sharedSecret(own: CryptoKey, enc: Bytes, to: Bytes): Promise<Bytes> {
  const theirs = await crypto.subtle.importKey('raw', to, EXCHANGE, false, [])
  const agreed = new Uint8Array(await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, own, 256))
  const prk = await extract(KEM_SUITE, EMPTY, 'eae_prk', agreed)
  return await expand(KEM_SUITE, prk, 'shared_secret', joined(enc, to), 32)
}

/** LabeledExtract; an empty salt is one of zeros, which browsers take. */
async function extract(suite: Bytes, salt: Bytes, label: string, ikm: Bytes): Promise<Bytes> {
  return await hmac(salt.length > 0 ? salt : new Uint8Array(32), joined(labeled(suite, label), ikm))
}

/** LabeledExpand up to one block of the hash. */
async function expand(suite: Bytes, prk: Bytes, label: string, info: Bytes, size: number): Promise<Bytes> {
  const block = await hmac(prk, joined(number(size), labeled(suite, label), info, Uint8Array.of(1)))
  return block.slice(0, size)
}

const labeled = (suite: Bytes, label: string) => joined(utf8.encode('HPKE-v1'), suite, utf8.encode(label))

async function hmac(secret: Bytes, message: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', secret, HMAC, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, message))
}

/** Two bytes, the larger first. */
function number(value: number): Bytes {
  return Uint8Array.of(value >> 8, value & 255)
}
