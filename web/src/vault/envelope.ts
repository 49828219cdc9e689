/**
 * What a device seals for the server alone (D-59 to D-61): signed by the author key, padded, closed with the server's.
 *
 *     outer = [v, kid, device, id, box]     inner = [person, author_key, n, change, sig], then zeros
 */

import { joined } from '../bytes.ts'
import type { AuthorKey } from './author.ts'
import { sealTo } from './hpke.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** Whose words these are, on which device; `org` as the server names itself. */
export interface Sender {
  person: number
  org: Bytes
  device: Bytes
  author: AuthorKey
}

/** A key of the server's, as it offers it. */
export interface SealKey {
  kid: Bytes
  public: Bytes
}

/** One change, or one photo, in the form in which it would travel; `n` counts what this author key has sealed. */
export interface Content {
  id: Bytes
  n: number
  bytes: Uint8Array
  isPhoto: boolean
}

type Pack = (value: unknown) => Bytes

const VERSION = 1
const SMALLEST = 512
const PHOTO_STEP = 64 * 1024
const utf8 = new TextEncoder()
const SEALED = utf8.encode('virtaamo/sealed/1\0')
const SIGNED = utf8.encode('virtaamo/op/1\0')

/** One sealed record; `pack` is MessagePack. */
export async function sealContent(from: Sender, key: SealKey, content: Content, pack: Pack): Promise<Bytes> {
  const { person, org, device, author } = from
  const { id, n, bytes } = content
  const signed = joined(SIGNED, org, device, long(person), long(n), bytes)
  const how = { name: 'ECDSA', hash: 'SHA-256' }
  const signature = new Uint8Array(await crypto.subtle.sign(how, author.key, signed))
  const inner = pack([person, await keyId(author.point), n, bytes, signature])
  const info = joined(SEALED, org, device, id)
  const box = await sealTo({ to: key.public, info, plain: padded(inner, content.isPhoto) })
  return pack([VERSION, key.kid, device, id, box])
}

/** The first 8 bytes of a public half's SHA-256. */
async function keyId(point: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', point)).slice(0, 8)
}

/** Lengths talk: 512 bytes times a power of two, a photo the next 64 kB. */
function padded(inner: Bytes, isPhoto: boolean): Bytes {
  let size = SMALLEST
  while (size < inner.length) size *= 2
  if (isPhoto) size = Math.ceil(inner.length / PHOTO_STEP) * PHOTO_STEP
  const whole = new Uint8Array(size)
  whole.set(inner)
  return whole
}

function long(value: number): Bytes {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}
