import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { base64url } from '../src/bytes.ts'
import { hex } from '../src/codec.ts'
import { sealTo } from '../src/vault/hpke.ts'

const FILE = path.join(process.cwd(), '..', 'tests', 'vectors', 'hpke.json')
const EXCHANGE = { name: 'ECDH', namedCurve: 'P-256' }
const known: Readonly<Record<string, string>> = JSON.parse(readFileSync(FILE, 'utf8'))
const bytes = (name: string) =>
  Uint8Array.from(known[name]?.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

/** The example's ephemeral pair, as WebCrypto takes it. */
async function ephemeral(): Promise<CryptoKeyPair> {
  const point = bytes('pkEm')
  const [x, y] = [base64url(point.slice(1, 33)), base64url(point.slice(33))]
  const whole = { kty: 'EC', crv: 'P-256', x, y, d: base64url(bytes('skEm')) }
  return {
    publicKey: await crypto.subtle.importKey('raw', point, EXCHANGE, true, []),
    privateKey: await crypto.subtle.importKey('jwk', whole, EXCHANGE, true, ['deriveBits']),
  }
}

async function expected(): Promise<string> {
  const key = await crypto.subtle.importKey('raw', bytes('key'), 'AES-GCM', false, ['encrypt'])
  const how = { name: 'AES-GCM', iv: bytes('base_nonce') }
  return known.enc + hex(new Uint8Array(await crypto.subtle.encrypt(how, key, bytes('plain'))))
}

test('D-60 sealing follows the example of RFC 9180', async () => {
  const sealing = { to: bytes('pkRm'), info: bytes('info'), plain: bytes('plain') }
  assert.equal(hex(await sealTo(sealing, await ephemeral(), 16)), await expected())
})

test('D-60 what is sealed is 81 bytes longer, and never the same twice', async () => {
  const sealing = { to: bytes('pkRm'), info: bytes('info'), plain: bytes('plain') }
  const [one, two] = [await sealTo(sealing), await sealTo(sealing)]
  assert.equal(one.length, sealing.plain.length + 81)
  assert.notEqual(hex(one), hex(two))
})
