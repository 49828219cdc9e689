import 'fake-indexeddb/auto'
import assert from 'node:assert/strict'
import test from 'node:test'
import { realClock } from '../src/clock.ts'
import { diskNames } from '../src/disk/names.ts'
import { openDisk } from '../src/disk.ts'
import type { Ask, Reply, Wire } from '../src/link/wire.ts'
import { parts } from '../src/session/here.ts'
import { dropWalls, refreshWalls, showKept, walls } from '../src/session/wall.ts'
import { DATA_KEY } from '../src/vault.ts'

const DAY_MS = 86_400_000
const WORD = 'Lamppukäytävään'
const clock = realClock()
let ahead = 0
let asked: string[] = []
Object.assign(globalThis, { document: { documentElement: { lang: 'fi' } } })

const wall = (title: string) => ({
  space: 5,
  name: 'Tuulikello',
  stages: [{ stage: 'new', total: 3, ideas: [{ title, lang: 'fi' }] }],
})

/** The server as this tablet hears it: a reply to each address, nothing where there is no network. */
function hears(replies: Readonly<Record<string, readonly [status: number, value: unknown]>>): void {
  asked = []
  const ask = async ({ path }: Ask): Promise<Reply> => {
    asked.push(path)
    const reply = replies[path]
    if (!reply) throw new TypeError('no network')
    return {
      status: reply[0],
      type: 'application/json',
      body: new TextEncoder().encode(JSON.stringify(reply[1])),
    }
  }
  const wire: Wire = { ask, live: () => ({ send() {}, close() {} }) }
  parts.value = { clock: { ...clock, wall: () => clock.wall() + ahead }, wire }
}

const tablet = (spaces: number[]) => ({
  device: { id: 'aa'.repeat(16), kind: 'shared', name: '' },
  walls: spaces,
})
const hung = (title = WORD) => hears({ '/api/me': [200, tablet([5])], '/api/wall/5': [200, wall(title)] })
const titles = () => walls().value.map(({ stages }) => stages[0]?.ideas[0]?.title)

test.beforeEach(async () => {
  ahead = 0
  await dropWalls()
})

test('D-45 no database of a board is made where nobody has hung one', async () => {
  hears({ '/api/me': [200, tablet([])] })
  await showKept()
  await refreshWalls()
  assert.deepEqual(titles(), [])
  assert.deepEqual(await diskNames(), [])
  assert.deepEqual(asked, ['/api/me'])
})

test('D-45 a board lies in v-wall alone, sealed under a key that no script reads', async () => {
  hung()
  await refreshWalls()
  assert.deepEqual(titles(), [WORD])
  assert.deepEqual(await diskNames(), ['v-wall'])
  const disk = await openDisk('v-wall')
  const key = await disk.get('meta', DATA_KEY)
  assert.ok(key instanceof CryptoKey && !key.extractable)
  const rows = await disk.all('meta')
  disk.close()
  assert.deepEqual(rows.map(([name]) => name).sort(), [DATA_KEY, 'walls'])
  const box = rows.find(([name]) => name === 'walls')?.[1]
  assert.ok(box instanceof Uint8Array)
  assert.ok(!new TextDecoder().decode(box).includes('Lamppu'))
})

test('D-45 without a network the board stays as it was, also over a new start, for 14 days', async () => {
  hung()
  await refreshWalls()
  hears({})
  ahead = 3 * DAY_MS
  await refreshWalls()
  await showKept()
  assert.deepEqual(titles(), [WORD])
  ahead = 15 * DAY_MS
  await showKept()
  assert.deepEqual(titles(), [])
  assert.deepEqual(await diskNames(), [])
})

test('D-45 the server is asked again after five minutes, not at every look', async () => {
  hung()
  await refreshWalls()
  hung('Uusi otsikko')
  await refreshWalls()
  assert.deepEqual(asked, [])
  await refreshWalls(true)
  assert.deepEqual(titles(), ['Uusi otsikko'], 'the network is back')
  hung('Vielä uudempi')
  ahead = 6 * 60_000
  await refreshWalls()
  assert.deepEqual(titles(), ['Vielä uudempi'])
})

test('F5 D-45 a board tells how many relays are on their way; one that was kept before has none', async () => {
  hears({ '/api/me': [200, tablet([5])], '/api/wall/5': [200, { ...wall(WORD), relays: 2, waiting: 1 }] })
  await refreshWalls()
  assert.deepEqual(
    walls().value.map(({ relays, waiting }) => [relays, waiting]),
    [[2, 1]],
  )
  hung()
  await refreshWalls(true)
  assert.deepEqual(
    walls().value.map(({ relays, waiting }) => [relays, waiting]),
    [[0, 0]],
  )
})

test('D-45 a clock that was set back does not keep the tablet from asking', async () => {
  hung()
  await refreshWalls()
  ahead = -DAY_MS
  hung('Uusi otsikko')
  await refreshWalls()
  assert.deepEqual(titles(), ['Uusi otsikko'])
})

for (const [why, replies] of [
  ['taken down', { '/api/me': [200, tablet([])] }],
  ['taken down meanwhile', { '/api/me': [200, tablet([5])], '/api/wall/5': [404, { error: 'not_found' }] }],
  ['on a tablet that was removed', { '/api/me': [410, { error: 'gone' }] }],
] as const)
  test(`D-45 a board that was ${why} leaves the tablet`, async () => {
    hung()
    await refreshWalls()
    ahead = 6 * 60_000
    hears(replies)
    await refreshWalls()
    assert.deepEqual(titles(), [])
    assert.deepEqual(await diskNames(), [])
  })

test('D-45 a board that is just being taken away is not shown again by the screen that comes after it', async () => {
  hung()
  await refreshWalls()
  let next = Promise.resolve()
  const stop = walls().subscribe((all) => {
    if (all.length === 0) next = showKept()
  })
  hears({ '/api/me': [200, tablet([])] })
  await refreshWalls(true)
  await next
  stop()
  assert.deepEqual(titles(), [])
  assert.deepEqual(await diskNames(), [])
})

test('D-45 an answer that was overtaken by a newer one brings no board back', async () => {
  hung()
  await refreshWalls()
  let answer = () => {}
  const late = new Promise<void>((done) => {
    answer = done
  })
  hung()
  const given = parts.peek()
  assert.ok(given)
  const { wire } = given
  const ask: Wire['ask'] = async (one) => {
    await late
    return await wire.ask(one)
  }
  parts.value = { ...given, wire: { ...wire, ask } }
  const first = refreshWalls(true)
  hears({ '/api/me': [200, tablet([])] })
  await refreshWalls(true)
  answer()
  assert.equal(await first, false)
  assert.deepEqual(titles(), [])
})

for (const [what, replies] of [
  ['no answer', {}],
  ['an answer of somebody else', { '/api/me': [200, '<html>'] }],
  ['a broken server', { '/api/me': [500, { error: 'internal' }] }],
  ['half an answer', { '/api/me': [200, tablet([5])] }],
  ['a person, who has unlocked it in another window', { '/api/me': [200, { person: 7, walls: [] }] }],
] as const)
  test(`D-45 ${what} takes no board away`, async () => {
    hung()
    await refreshWalls()
    ahead = 6 * 60_000
    hears(replies)
    await refreshWalls()
    assert.deepEqual(titles(), [WORD])
  })
