import 'fake-indexeddb/auto'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { fromBase64url } from '../src/bytes.ts'
import { realClock } from '../src/clock.ts'
import { decode } from '../src/codec.ts'
import { memoryDisk } from '../src/disk-memory.ts'
import { authorKey, passAuthorKey, signPublic } from '../src/vault/author.ts'
import { pinFault } from '../src/vault/pin.ts'
import { openVault } from '../src/vault.ts'

const { random } = realClock()
const utf8 = new TextEncoder()
const ECDSA = { name: 'ECDSA', hash: 'SHA-256' }

const home = async (name = 'v-p-1') => {
  const disk = memoryDisk(name)
  return { disk, vault: await openVault(disk, random) }
}

async function verifies(point: Uint8Array<ArrayBuffer>, signature: ArrayBuffer, words: string) {
  const kind = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await crypto.subtle.importKey('raw', point, kind, true, ['verify'])
  return await crypto.subtle.verify(ECDSA, key, signature, utf8.encode(words))
}

test('D-28 the author key stays the same, signs, and no script can read it out', async () => {
  const here = await home()
  const point = fromBase64url(await signPublic(here))
  const { key } = await authorKey({ ...here, vault: await openVault(here.disk, random) })
  const signature = await crypto.subtle.sign(ECDSA, key, utf8.encode('kello'))
  assert.equal(point.length, 65)
  assert.ok(await verifies(point, signature, 'kello'))
  assert.ok(!(await verifies(point, signature, 'lamppu')))
  assert.equal(key.extractable, false)
})

test('whoever joins with a key that was made here keeps it in a database of their own', async () => {
  const [one, two] = [await home(), await home('v-p-2')]
  const point = await signPublic(one)
  await passAuthorKey(one, two)
  assert.equal(await signPublic(two), point)
})

test('D-47 a record opens in its own place only, also when another database has the same key', async () => {
  const { disk, vault } = await home()
  const box = await vault.seal('frames', '1/2', utf8.encode('kello'))
  assert.deepEqual(await vault.open('frames', '1/2', box), utf8.encode('kello'))
  await assert.rejects(vault.open('frames', '1/3', box))
  await assert.rejects(vault.open('outbox', '1/2', box))
  const elsewhere = memoryDisk('v-p-2')
  await elsewhere.write([{ store: 'meta', key: 'data-key', value: await disk.get('meta', 'data-key') }])
  const other = await openVault(elsewhere, random)
  await assert.rejects(other.open('frames', '1/2', box))
})

test('D-53 a PIN that others guess is refused, and the person is told why', () => {
  const file = path.join(process.cwd(), '..', 'tests', 'vectors', 'pins.msgpack')
  const listed = decode(new Uint8Array(readFileSync(file)))
  assert.ok(Array.isArray(listed) && listed.length > 90)
  for (const [pin, fault] of listed) assert.equal(pinFault(pin), fault, pin)
})
