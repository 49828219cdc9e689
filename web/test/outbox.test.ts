import assert from 'node:assert/strict'
import test from 'node:test'
import type { Disk } from '../src/disk.ts'
import { memoryDisk, newPlatter } from '../src/disk-memory.ts'
import { redo } from '../src/outbox.ts'
import { bound } from './bound.ts'
import type { Device } from './devices.ts'
import { device, idea, makes, shown, tidied } from './devices.ts'
import { FakeServer, turn, until } from './fake-server.ts'

const DAY_MS = 24 * 3_600_000
const title = (was: string | null, now: string | null) => ({ title: [was, now] as const })
const edits = (n: number, was: string | null, now: string) => ({
  space: 7,
  card: idea(n),
  kind: 'board_card',
  set: title(was, now),
})

/** So many days pass, for the server and on the device, which then asks for news. */
function later(days: number, server: FakeServer, one: Device): void {
  server.now += days * DAY_MS
  one.time.set(server.now)
  one.wake()
}

test('saved means on the disk: whoever opens it next has the words', async () => {
  const platter = newPlatter()
  const server = new FakeServer()
  server.socketsWork = server.postsWork = false
  const one = await device(server, { platter })
  await one.outbox.commit([makes(1, 'Kahvi'), makes(2, 'Tee')])
  const again = await device(server, { platter, seed: 2 })
  assert.deepEqual([again.replica.waiting.value, again.replica.peek(idea(2))?.raw.title], [2, 'Tee'])
  await until(() => again.replica.peek(idea(1))?.state === 'here')
})

test('a disk that fails shows and sends nothing', async () => {
  const inner = memoryDisk()
  const full: Disk = {
    ...bound(inner),
    write: (steps) => (steps.some(({ store }) => store === 'outbox') ? quota() : inner.write(steps)),
  }
  const server = new FakeServer()
  const one = await device(server, { disk: full })
  await assert.rejects(one.outbox.commit([makes(1, 'Kahvi')]), { name: 'QuotaExceededError' })
  assert.deepEqual([one.replica.waiting.value, one.replica.peek(idea(1))], [0, undefined])
  assert.equal(server.accepted.length, 0)
})

test('on a full disk photos of others make room, once', async () => {
  const inner = memoryDisk()
  let room = false
  const tight: Disk = {
    ...bound(inner),
    write: async (steps) => {
      if (steps.some(({ store }) => store === 'outbox') && !room) return await quota()
      if (steps.length > 0 && steps.every(({ store }) => store === 'files')) room = true
      return await inner.write(steps)
    },
  }
  const server = new FakeServer()
  const one = await device(server, { disk: tight })
  await inner.write([
    { store: 'files', key: 'aa', value: new Uint8Array(9) },
    { store: 'files', key: 'up/bb', value: new Uint8Array(9) },
  ])
  await one.outbox.commit([makes(1, 'Kahvi')])
  assert.deepEqual(await inner.keys('files'), ['up/bb'])
})

test('change ids are never used twice, also by a copied profile', async () => {
  const server = new FakeServer()
  const platter = newPlatter()
  const ids: string[] = []
  for (const seed of [1, 2, 3]) {
    const one = await device(server, { platter, seed })
    ids.push(...(await one.outbox.commit([makes(seed, 'a'), makes(seed + 10, 'b')])).map(({ id }) => id))
    one.stop()
  }
  assert.equal(new Set(ids).size, 6)
  assert.deepEqual(
    ids.map((id) => id.slice(16)),
    ['00000000', '00000001', '00000000', '00000001', '00000000', '00000001'],
  )
})

test('times of changes grow, whatever the clock does', async () => {
  const server = new FakeServer()
  server.socketsWork = server.postsWork = false
  const one = await device(server)
  const [first] = await one.outbox.commit([makes(1, 'a')])
  one.time.set(server.now - 5_000)
  const [second] = await one.outbox.commit([makes(2, 'b')])
  assert.equal(second?.at, (first?.at ?? 0) + 1)
})

test('a landed change leaves the outbox for the echo, and the echo when a backup has had it for a week', async () => {
  const platter = newPlatter()
  const server = new FakeServer()
  const one = await device(server, { platter })
  await one.outbox.commit([makes(1, 'Kahvi')])
  await until(() => one.replica.waiting.value === 0)
  await until(() => one.replica.stored(7) > 0)
  await tidied(one)
  assert.deepEqual([platter.shelves.outbox.size, platter.shelves.echo.size], [0, 1])
  server.stable.set(7, 0)
  await one.outbox.commit([edits(1, 'Kahvi', 'Tee')])
  await until(() => one.replica.waiting.value === 0 && one.replica.stored(7) > 1)
  await tidied(one)
  assert.equal(platter.shelves.echo.size, 2)
  later(8, server, one)
  for (let i = 0; i < 20; i++) await turn()
  assert.equal(platter.shelves.echo.size, 2, 'no backup has them')
  server.stable.set(7, 1)
  one.wake()
  await until(() => platter.shelves.echo.size === 1, 'backed up')
  server.stable.set(7, 99)
  one.wake()
  await until(() => platter.shelves.echo.size === 0, 'backed up')
})

/** A device whose one card has been acknowledged. */
async function acknowledged() {
  const platter = newPlatter()
  const server = new FakeServer()
  const one = await device(server, { platter })
  await one.outbox.commit([makes(1, 'Kahvi')])
  await until(() => one.replica.waiting.value === 0 && one.replica.stored(7) > 0)
  await tidied(one)
  return { platter, server, one }
}

test('a backup that is not a week old may not be the one that is restored', async () => {
  const { platter, server, one } = await acknowledged()
  server.stable.set(7, 99)
  one.wake()
  for (let i = 0; i < 20; i++) await turn()
  assert.equal(platter.shelves.echo.size, 1)
})

test('without backups an echo is kept for a week', async () => {
  const { platter, server, one } = await acknowledged()
  one.time.set(server.now + 300 * DAY_MS)
  one.wake()
  for (let i = 0; i < 20; i++) await turn()
  assert.equal(platter.shelves.echo.size, 1, 'a clock that runs away')
  later(6, server, one)
  for (let i = 0; i < 20; i++) await turn()
  assert.equal(platter.shelves.echo.size, 1)
  later(2, server, one)
  await until(() => platter.shelves.echo.size === 0, 'pruned')
})

test('for what landed in a team that its author has left a new week begins', async () => {
  const { platter, server, one } = await acknowledged()
  server.stable.set(7, 0)
  later(8, server, one)
  for (let i = 0; i < 20; i++) await turn()
  assert.equal(platter.shelves.echo.size, 1, 'no backup has it')
  server.regrant([[8, 'staff', 'team', 'Toinen']])
  one.wake()
  await until(() => one.replica.grants.value.version === 2)
  one.wake()
  for (let i = 0; i < 20; i++) await turn()
  later(6, server, one)
  for (let i = 0; i < 20; i++) await turn()
  assert.equal(platter.shelves.echo.size, 1, 'a backup from before may be restored')
  later(2, server, one)
  await until(() => platter.shelves.echo.size === 0, 'pruned')
})

test('a change is laid over its card until the frame that holds it is stored', async () => {
  const server = new FakeServer()
  const inner = memoryDisk()
  let open: () => void = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  let slow = false
  const disk: Disk = {
    ...bound(inner),
    append: async (rows) => (slow ? gate.then(() => inner.append(rows)) : inner.append(rows)),
  }
  const one = await device(server, { disk })
  await until(() => one.replica.has(7))
  slow = true
  await one.outbox.commit([makes(1, 'Kahvi')])
  await until(() => one.replica.waiting.value === 0)
  one.time.pass(1_000)
  for (let i = 0; i < 20; i++) await turn()
  assert.equal((await inner.all('outbox')).length, 1)
  open()
  await until(() => one.replica.stored(7) > 0)
  await tidied(one)
  assert.equal((await inner.all('outbox')).length, 0)
})

test('a change to a space that its author only posts to ends with its verdict', async () => {
  const platter = newPlatter()
  const server = new FakeServer()
  const one = await device(server, { platter })
  await one.outbox.commit([makes(1, 'Kiitos', 55)])
  await until(() => one.replica.waiting.value === 0)
  await tidied(one)
  assert.deepEqual([platter.shelves.outbox.size, platter.shelves.echo.size], [0, 1])
})

test('a refused change stays, with its words and the reason, over restarts', async () => {
  const platter = newPlatter()
  const server = new FakeServer()
  server.judge = ({ card }) => (card === idea(1) ? { code: 5, reason: 'not_yours', field: 'title' } : null)
  const one = await device(server, { platter })
  await one.outbox.commit([makes(1, 'Kahvi'), makes(2, 'Tee')])
  await until(() => one.replica.waiting.value === 0 && one.replica.stored(7) > 0)
  await tidied(one)
  await until(() => [...platter.shelves.outbox.values()].every(({ left }) => left.length === 1))
  one.stop()
  const again = await device(server, { platter, seed: 2 })
  const [only, ...others] = again.replica.attention.value
  assert.equal(others.length, 0)
  assert.deepEqual([only?.reason, only?.field, only?.set.title], ['not_yours', 'title', [null, 'Kahvi']])
  assert.equal(again.replica.peek(idea(1))?.state, 'attention')
  const before = server.requests
  again.wake()
  for (let i = 0; i < 20; i++) await turn()
  assert.equal(server.accepted.length, 1, `asked ${server.requests - before} more`)
  await again.outbox.discard(only?.key ?? '')
  assert.equal(platter.shelves.outbox.size, 0)
  assert.deepEqual(again.replica.attention.value, [])
})

test('an author tries a refused change again with other words: the new one takes its place at once', async () => {
  const platter = newPlatter()
  const server = new FakeServer()
  server.judge = ({ set }) =>
    String(set.title?.[1]).length > 5 ? { code: 5, reason: 'over_limit', field: 'title' } : null
  const one = await device(server, { platter })
  await one.outbox.commit([makes(1, 'Pitkä otsikko')])
  await until(() => one.replica.attention.value.length === 1)
  const [refused] = one.replica.attention.value
  assert.ok(refused)
  await redo(refused, { title: 'Lyhyt' }, one.outbox.author)
  assert.deepEqual(one.replica.attention.value, [])
  await until(() => one.replica.waiting.value === 0 && one.replica.stored(7) > 0)
  assert.deepEqual(server.cards(7)[idea(1)], { title: 'Lyhyt' })
  await tidied(one)
  assert.equal(platter.shelves.outbox.size, 0)
})

test('a held change is offered again once a day, and lands when the server has learned', async () => {
  const server = new FakeServer()
  let asked = 0
  server.judge = () => {
    asked++
    return asked < 3 ? { code: 6, reason: 'unknown_kind' } : null
  }
  const one = await device(server)
  await one.outbox.commit([makes(1, 'Kahvi')])
  await until(() => one.replica.attention.value.length === 1)
  one.time.pass(DAY_MS / 2)
  for (let i = 0; i < 20; i++) await turn()
  assert.equal(asked, 1)
  one.time.pass(DAY_MS)
  await until(() => asked === 2, 'asked again')
  await until(() => one.replica.attention.value.length === 1)
  for (let i = 0; i < 20; i++) await turn()
  one.time.pass(DAY_MS + 3_600_000)
  await until(() => one.replica.attention.value.length === 0, 'landed')
  assert.equal(server.accepted.length, 1)
})

test('D-14 nobody writes under another name after a switch', async () => {
  const one = await device(new FakeServer())
  const { author } = one.outbox
  one.outbox.close()
  await assert.rejects(author.outbox.commit([makes(1, 'Kahvi')]))
})

test('D-14 a save that hangs over a switch is kept under the name of who wrote it', async () => {
  const server = new FakeServer()
  server.socketsWork = server.postsWork = false
  const inner = memoryDisk()
  let go = () => {}
  let hangs = false
  const open = new Promise<void>((resolve) => {
    go = resolve
  })
  const slow: Disk = {
    ...bound(inner),
    write: async (steps) => {
      if (steps.some(({ store }) => store === 'outbox')) {
        hangs = true
        await open
      }
      return await inner.write(steps)
    },
  }
  const one = await device(server, { disk: slow })
  const saving = one.outbox.author.outbox.commit([makes(1, 'Kahvi')])
  await until(() => hangs)
  one.outbox.close()
  const other = await device(server, { platter: newPlatter(), seed: 2 })
  go()
  await saving
  assert.equal((await inner.all('outbox')).length, 1)
  assert.deepEqual([await other.disk.all('outbox'), other.replica.waiting.value], [[], 0])
})

test('ten thousand changes are spread over records and Syncs, and all land once', async () => {
  const server = new FakeServer()
  const one = await device(server)
  await until(() => one.replica.has(7))
  await one.outbox.commit(Array.from({ length: 2_500 }, (_, n) => makes(n, `otsikko ${n}`)))
  await until(() => one.replica.waiting.value === 0)
  assert.equal(server.accepted.length, 2_500)
  assert.equal(new Set(server.accepted.map(({ id }) => id)).size, 2_500)
  await until(() => Object.keys(shown(one)).length === 2_500)
})

function quota(): Promise<never> {
  const fault = new Error('full')
  fault.name = 'QuotaExceededError'
  return Promise.reject(fault)
}
