import 'fake-indexeddb/auto'
import assert from 'node:assert/strict'
import test from 'node:test'
import { base64url } from '../src/bytes.ts'
import { realClock } from '../src/clock.ts'
import { decode, encode, encodeChanges } from '../src/codec.ts'
import { openDisk } from '../src/disk.ts'
import { readMe } from '../src/link/me.ts'
import type { Ask, Reply, Wire } from '../src/link/wire.ts'
import { keep } from '../src/outbox/keep.ts'
import { depart, leaveCopy, resume } from '../src/session/departing.ts'
import { useDisk } from '../src/session/homes.ts'
import { openVault } from '../src/vault.ts'
import { json, serverKey } from './replies.ts'

const { random } = realClock()
const PHONE = 'aa'.repeat(16)
let homes = 0

interface Server extends Wire {
  says: number
  error: string
  takes: boolean
  removed: boolean
  key: string
  had: string[]
  asked: number
}

/** A server as it looks from a device that has lost its session. */
function server(offered: unknown): Server {
  const it: Server = {
    says: 401,
    error: 'signed_out',
    takes: true,
    removed: false,
    key: 'AAAAAAAAAAA',
    had: [],
    asked: 0,
    live: () => ({ send: () => {}, close: () => {} }),
    async ask({ path, body }: Ask): Promise<Reply> {
      if (path === '/api/me') return json(it.says, { error: it.error, message: '' })
      if (path === '/api/keys') return json(200, { keys: [offered], now: 0 })
      it.asked += 1
      if (!it.takes) throw new Error('no network')
      const said: unknown = body instanceof Uint8Array ? decode(body) : null
      const sent: unknown = said !== null && typeof said === 'object' ? Reflect.get(said, 'items') : []
      const items = (Array.isArray(sent) ? sent : []).map((item: readonly unknown[]) => {
        const [, kid, , id] = item
        if (!(kid instanceof Uint8Array) || !(id instanceof Uint8Array)) return { state: 'retry' }
        if (base64url(kid) !== it.key) return { id, state: 'retry', reason: 'key_unknown' }
        it.had.push(base64url(id))
        return { id, state: 'stored' }
      })
      const reply = encode({ items, gone: it.removed })
      return { status: 200, type: 'application/x-msgpack', body: reply }
    },
  }
  return it
}

/** A phone on which so many changes wait. */
async function phone(waiting: number) {
  const disk = await openDisk(`v-p-${++homes}`)
  const vault = await openVault(disk, random)
  const key = await serverKey()
  const wire = server(key)
  const device = { id: PHONE, kind: 'own', name: '' }
  const me = readMe({ person: 7, device, org: '00'.repeat(8), keys: [key], grants: [] })
  for (let i = 0; i < waiting; i++) {
    const id = `0102030405060708${i.toString(16).padStart(8, '0')}`
    const set = { title: [null, `kello ${i}`] } as const
    const change = { id, space: 3, card: 'bb'.repeat(16), kind: 'idea', at: 1, base: 0, set }
    const bytes = encodeChanges([change]).whole
    await keep(disk, vault, { id, epoch: '', again: false, left: [], notes: [], bytes }, [])
  }
  await disk.write([{ store: 'drafts', key: 'capture', value: new Uint8Array([1]) }])
  await useDisk(disk.name)
  return { leaver: { home: { disk, vault }, me, wire }, disk, wire, name: disk.name }
}

const halt = () => useDisk(null)
const names = async () => (await indexedDB.databases()).map(({ name }) => name)

test('D-19 D-44 a session that is over sends what waits sealed, and takes nothing', async () => {
  const { leaver, disk, wire } = await phone(3)
  assert.equal(await depart(leaver, halt), null)
  assert.equal(wire.had.length, 3)
  assert.equal((await disk.all('outbox')).length, 3)
  assert.equal((await disk.keys('drafts')).length, 1)
  assert.notEqual(await disk.get('meta', 'data-key'), undefined)
})

test('D-19 neither a portal nor silence sends or takes anything', async () => {
  for (const portal of [json(401, 'hello'), { ...json(410, {}), type: 'text/html' }]) {
    const { leaver, disk, wire } = await phone(1)
    const ask = wire.ask
    wire.ask = async (asked) => (asked.path === '/api/me' ? portal : await ask(asked))
    assert.equal(await depart(leaver, halt), null)
    assert.equal(wire.asked, 0)
    assert.equal((await disk.all('outbox')).length, 1)
  }
})

test('D-62 what the server has is not sent again', async () => {
  const { leaver, wire } = await phone(2)
  await depart(leaver, halt)
  await depart(leaver, halt)
  assert.equal(wire.had.length, 2)
})

test('D-64 a word keeps its number however often it is sent', async () => {
  const { leaver, disk, wire } = await phone(2)
  wire.takes = false
  await depart(leaver, halt)
  await depart(leaver, halt)
  assert.equal(Reflect.get(Object(await disk.get('meta', 'sealed-count')), 'n'), 2)
})

test('D-44 D-11 a removed phone sends first and drops its copy then', async () => {
  const { leaver, wire, name } = await phone(3)
  wire.says = 410
  wire.error = 'gone'
  assert.equal(await depart(leaver, halt), 0)
  assert.equal(wire.had.length, 3)
  assert.ok(!(await names()).includes(name))
})

test('D-44 a device that was removed learns it from the sealed delivery too', async () => {
  const { leaver, wire, name } = await phone(1)
  wire.removed = true
  assert.equal(await depart(leaver, halt), 0)
  assert.ok(!(await names()).includes(name))
})

test('D-11 a copy is dropped with three sealed words waiting, which go later and by themselves', async () => {
  const { leaver, wire, name } = await phone(3)
  wire.says = 410
  wire.error = 'gone'
  wire.takes = false
  assert.equal(await depart(leaver, halt), 3)
  const left = await openDisk(name)
  assert.equal(await left.get('meta', 'data-key'), undefined)
  for (const store of ['frames', 'outbox', 'echo', 'files', 'drafts'] as const)
    assert.deepEqual(await left.keys(store), [])
  assert.ok((await left.keys('meta')).every((key) => String(key).startsWith('sealed/')))
  left.close()
  assert.equal(await resume(wire), 3)
  wire.takes = true
  assert.equal(await resume(wire), 0)
  assert.equal(wire.had.length, 3)
  assert.ok(!(await names()).includes(name))
})

test('D-11 D-65 a copy stays while no key for its words can be had', async () => {
  for (const lost of ['none was ever told', 'the known one is no more']) {
    const { leaver, disk, wire, name } = await phone(2)
    if (lost === 'none was ever told') leaver.me = { ...leaver.me, keys: [] }
    else wire.key = 'CCCCCCCCCCA'
    wire.says = 410
    wire.error = 'gone'
    const ask = wire.ask
    wire.ask = async (asked) => (asked.path === '/api/keys' ? json(503, {}) : await ask(asked))
    assert.equal(await depart(leaver, halt), null, lost)
    assert.equal((await disk.all('outbox')).length, 2)
    wire.ask = ask
    wire.key = 'AAAAAAAAAAA'
    assert.equal(await depart(leaver, halt), 0)
    assert.equal(wire.had.length, 2)
    assert.ok(!(await names()).includes(name))
  }
})

test('D-11 what does not open stays, and with it the copy, while all else is sent', async () => {
  for (const [store, key] of [
    ['outbox', undefined],
    ['files', `up/${'ab'.repeat(32)}`],
  ] as const) {
    const { leaver, disk, wire } = await phone(2)
    const box = new Uint8Array(40).fill(7)
    const row = { id: 'ff'.repeat(12), epoch: '', again: false, left: [], notes: [], box }
    await disk.write([store === 'outbox' ? { store, value: row } : { store, key, value: box }])
    wire.says = 410
    wire.error = 'gone'
    assert.equal(await depart(leaver, halt), null, store)
    assert.equal(await depart(leaver, halt), null, store)
    assert.equal(wire.had.length, 2)
    assert.equal((await disk.keys(store)).length, store === 'outbox' ? 3 : 1)
    assert.notEqual(await disk.get('meta', 'data-key'), undefined)
  }
})

test('D-14 D-19 where another has come in by the same cookie, nothing is taken', async () => {
  const { leaver, disk, wire } = await phone(1)
  const ask = wire.ask
  const asked: unknown[] = []
  wire.ask = async (one) => {
    if (one.path === '/api/me') asked.push(one.headers)
    return await ask(one)
  }
  assert.equal(await depart(leaver, halt), null)
  assert.deepEqual(asked, [{ 'X-Virtaamo': 'p=7' }])
  assert.equal((await disk.all('outbox')).length, 1)
})

test('D-11 another window does not hinder the copy from going', async () => {
  const { leaver, wire, name } = await phone(1)
  await openDisk(name)
  wire.says = 410
  wire.error = 'gone'
  assert.equal(await depart(leaver, halt), 0)
  assert.ok(!(await names()).includes(name))
})

test('D-65 a key that the server has no more is replaced by the one that it has', async () => {
  const { leaver, wire } = await phone(2)
  const newer = await serverKey('BBBBBBBBBBA')
  wire.key = newer.kid
  const ask = wire.ask
  wire.ask = async (asked) =>
    asked.path === '/api/keys' ? json(200, { keys: [newer], now: 0 }) : await ask(asked)
  await depart(leaver, halt)
  assert.equal(wire.had.length, 2)
})

test('whoever deletes the account drops the copy of this device at once', async () => {
  const { leaver, wire, name } = await phone(1)
  assert.equal(await leaveCopy(leaver, halt), 0)
  assert.equal(wire.had.length, 1)
  assert.ok(!(await names()).includes(name))
})

test('whoever deletes the account leaves no board here for the sake of a row that does not open', async () => {
  const { leaver, disk, wire, name } = await phone(1)
  const row = { id: 'ff'.repeat(12), epoch: '', again: false, left: [], notes: [], box: new Uint8Array(40) }
  await disk.write([{ store: 'outbox', value: row }])
  assert.equal(await leaveCopy(leaver, halt), 0)
  assert.equal(wire.had.length, 1)
  assert.ok(!(await names()).includes(name))
})
