import 'fake-indexeddb/auto'
import assert from 'node:assert/strict'
import test, { beforeEach } from 'node:test'
import { base64url } from '../src/bytes.ts'
import { decode, hex } from '../src/codec.ts'
import { boxesHere, keepBoxes } from '../src/drop/boxes.ts'
import { readReport } from '../src/drop/report.ts'
import { makeSender } from '../src/drop/sender.ts'
import { addTickets, keepDrop, sendOne, ticketsLeft, waitingDrops } from '../src/drop.ts'
import type { Ask, Reply, Wire } from '../src/link/wire.ts'
import { onDevice } from '../src/session/homes.ts'
import { testClock } from './test-clock.ts'

const TEN_MINUTES = 600_000
const WORDS = 'Salainen kuiskaus käytävältä'
const clock = testClock()

async function drop(words = WORDS): Promise<void> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits'])
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  const key = { kid: 'AAAAAAAAAAA', public: base64url(point), state: 'active' }
  const what = {
    space: 3,
    kind: 'idea',
    title: words,
    text: '',
    claim: new Uint8Array(32),
    lang: 'fi',
  } as const
  await keepDrop(what, { org: '00'.repeat(16), keys: [key] }, clock.random)
}

/** A server that answers with these one after another, and then takes all; null is no answer. */
function server(...answers: readonly (Reply | null)[]): Wire & { had: Ask[] } {
  const had: Ask[] = []
  const left = [...answers]
  const ask = async (asked: Ask) => {
    had.push(asked)
    const next = left.length > 0 ? left.shift() : reply(204)
    if (!next) throw new TypeError('no network')
    return next
  }
  const live = () => ({ send: () => {}, close: () => {} })
  return { had, ask, live }
}

const reply = (status: number): Reply => ({
  status,
  type: status === 204 ? '' : 'application/json',
  body: new Uint8Array(),
})

const ticket = (n: number) => new Uint8Array(34).fill(n)
const told = ({ body }: Ask): Record<string, Uint8Array> => {
  assert.ok(body instanceof Uint8Array)
  return Object(decode(body))
}
const everything = () => onDevice((device) => device.all('meta'))

beforeEach(() =>
  onDevice(async (device) => {
    const keys = await device.keys('meta')
    await device.write(keys.map((key) => ({ store: 'meta', key })))
  }),
)

test('D-69 a drop lies sealed under a random name, with no time, person or words beside it', async () => {
  await drop()
  const [[key, value] = ['', null]] = await everything()
  assert.match(String(key), /^drop\/[0-9a-f]{32}$/)
  assert.deepEqual(Object.keys(Object(value)).sort(), ['box', 'kid', 'ticket'])
  const { box }: { box?: unknown } = Object(value)
  assert.ok(box instanceof Uint8Array)
  assert.equal(box.length, 512 + 81)
  assert.ok(!Buffer.from(box).includes(WORDS))
})

test('D-67 a drop goes with one ticket, and is gone from here once it has arrived', async () => {
  await drop()
  await addTickets([ticket(1), ticket(2)])
  const wire = server()
  assert.equal(await sendOne(wire, clock.random), 'sent')
  assert.equal(await waitingDrops(), 0)
  assert.equal(await ticketsLeft(), 1)
  assert.deepEqual(Object.keys(told(wire.had[0] ?? { method: '', path: '' })).sort(), [
    'box',
    'kid',
    'ticket',
  ])
  assert.equal(await sendOne(wire, clock.random), 'none')
})

test('D-68 a lost reply is answered with the same ticket, a spent ticket with another', async () => {
  await drop()
  await addTickets([ticket(1), ticket(2)])
  const wire = server(null, reply(403))
  assert.equal(await sendOne(wire, clock.random), 'waits')
  assert.equal(await sendOne(wire, clock.random), 'waits')
  assert.equal(await sendOne(wire, clock.random), 'sent')
  const used = wire.had.map((asked) => told(asked).ticket?.[0])
  assert.deepEqual(used, [1, 1, 2])
})

test('D-68 without a ticket nothing leaves, and what is refused stays', async () => {
  await drop()
  const wire = server(reply(422), reply(503))
  assert.equal(await sendOne(wire, clock.random), 'no_ticket')
  assert.equal(wire.had.length, 0)
  await addTickets([ticket(1)])
  assert.equal(await sendOne(wire, clock.random), 'waits')
  assert.equal(await sendOne(wire, clock.random), 'waits')
  assert.equal(await waitingDrops(), 1)
})

/** Let what is due happen, and what it waits for on the disk. */
async function pass(ms: number): Promise<void> {
  clock.pass(ms)
  for (let i = 0; i < 60; i++) await new Promise((resolve) => setTimeout(resolve, 1))
}

test('D-69 each leaves alone after a random wait of ten minutes at most, and never beside a sync', async () => {
  for (const words of ['yksi', 'kaksi', 'kolme']) await drop(words)
  await addTickets([ticket(1), ticket(2), ticket(3)])
  const wire = server()
  const state = { calm: false, online: false }
  const ways = { clock, wire, calm: () => state.calm, online: () => state.online }
  const { wake } = makeSender(ways)
  await wake()
  await pass(TEN_MINUTES)
  assert.equal(wire.had.length, 0)
  state.online = true
  await wake()
  await wake()
  await pass(TEN_MINUTES)
  assert.equal(wire.had.length, 0)
  state.calm = true
  for (const sent of [1, 2, 3]) {
    await pass(TEN_MINUTES)
    assert.ok(wire.had.length >= Math.min(sent, 3))
  }
  assert.equal(new Set(wire.had.map((asked) => hex(told(asked).box ?? ticket(0)))).size, 3)
  assert.equal(await waitingDrops(), 0)
})

test('D-60 a tablet keeps where drops can go and for whom they are sealed, and nothing else changes that', async () => {
  const told = {
    org: '00'.repeat(16),
    keys: [{ kid: 'AAAAAAAAAAA', public: 'BB', state: 'active' }],
    boxes: [{ space: 3, name: 'Koivu', few: true }],
  }
  assert.equal(await boxesHere(), null)
  await keepBoxes({ ...told, teams: ['Koivu'], lock_s: 120 })
  await keepBoxes({ person: 7, org: told.org, keys: [] })
  assert.deepEqual(await boxesHere(), told)
})

test('D-72 only an address that a link may lead to is shown for reports', () => {
  for (const report of ['https://ilmoita.example/a', 'mailto:ilmoita@org.example'])
    assert.equal(readReport({ report }), report)
  for (const report of ['javascript:alert(1)', 'data:text/html,x', ' https://x', 7, undefined])
    assert.equal(readReport({ report }), '')
})
