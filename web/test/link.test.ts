import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Disk } from '../src/disk.ts'
import { memoryDisk, newPlatter } from '../src/disk-memory.ts'
import type { News, Tabs } from '../src/link/tabs.ts'
import type { Device } from './devices.ts'
import { device, idea, makes, shown, tidied } from './devices.ts'
import type { Fault } from './fake-server.ts'
import { FakeServer, turn, until } from './fake-server.ts'

const edit = (n: number, field: string, was: string | null, now: string) => ({
  space: 7,
  card: idea(n),
  kind: 'board_card',
  set: { [field]: [was, now] as const },
})

async function settleDown(devices: readonly Device[], server: FakeServer): Promise<void> {
  server.fault = () => 'none'
  const end = performance.now() + 20_000
  while (performance.now() < end) {
    for (const one of devices) {
      one.time.pass(20_000)
      one.wake()
    }
    for (let k = 0; k < 8; k++) await turn()
    const done = devices.every(
      (one) =>
        one.replica.waiting.value === 0 &&
        one.replica.cursor(7) === server.space(7).head &&
        one.replica.has(7),
    )
    if (done) return
  }
  throw new Error('did not settle')
}

test('an idea written here is soon on the other device', async () => {
  const server = new FakeServer()
  const a = await device(server)
  const b = await device(server, { seed: 2 })
  await until(() => a.loop.net.value === 'online' && b.replica.has(7))
  await a.outbox.commit([makes(1, 'Kahvi')])
  await until(() => b.replica.peek(idea(1)) !== undefined)
  await until(() => a.replica.peek(idea(1))?.state === 'delivered')
})

test('a device that was away pulls what it missed, not what it has', async () => {
  const server = new FakeServer()
  server.write(7, idea(1), 'board_card', { title: 'Kahvi' })
  const platter = newPlatter()
  const one = await device(server, { platter })
  await until(() => one.replica.stored(7) === 1)
  one.stop()
  server.write(7, idea(2), 'board_card', { title: 'Tee' })
  const before = server.requests
  const again = await device(server, { platter, seed: 2 })
  assert.deepEqual(Object.keys(shown(again)), [idea(1)])
  await until(() => again.replica.cursor(7) === 2)
  assert.equal(server.requests, before, 'no snapshot was fetched')
})

test('a poke makes the device pull', async () => {
  const server = new FakeServer()
  const one = await device(server)
  await until(() => one.replica.has(7))
  server.space(7).head = 0
  const missed = server.wire
  assert.ok(missed)
  server.write(7, idea(1), 'board_card', { title: 'Kahvi' })
  server.poke(7)
  await until(() => one.replica.peek(idea(1)) !== undefined)
})

test('where sockets are blocked, requests carry both directions', async () => {
  const server = new FakeServer()
  server.socketsWork = false
  const a = await device(server)
  const b = await device(server, { seed: 2 })
  await until(() => a.loop.net.value === 'online')
  await a.outbox.commit([makes(1, 'Kahvi')])
  await until(() => a.replica.waiting.value === 0)
  await settleDown([a, b], server)
  assert.deepEqual(shown(b), { [idea(1)]: { title: 'Kahvi' } })
})

test('a signed-out device keeps everything and sends it after the next sign-in', async () => {
  const server = new FakeServer()
  const platter = newPlatter()
  server.socketsWork = false
  server.status = 401
  const one = await device(server, { platter })
  await one.outbox.commit([makes(1, 'Kahvi')])
  await until(() => one.loop.net.value === 'signed_out')
  assert.deepEqual([one.replica.waiting.value, platter.shelves.outbox.size], [1, 1])
  server.socketsWork = true
  server.status = 200
  one.wake()
  await until(() => one.replica.waiting.value === 0)
  assert.equal(server.accepted.length, 1)
})

test('D-23 a portal that answers everything with its page counts as no network', async () => {
  const server = new FakeServer()
  const one = await device(server)
  await until(() => one.replica.has(7))
  const wire = server.wire()
  server.socketsWork = false
  one.wire.ask = async () => ({ status: 200, type: 'text/html', body: new TextEncoder().encode('<html>') })
  server.hangUp()
  await one.outbox.commit([makes(1, 'Kahvi')])
  one.time.pass(60_000)
  await until(() => one.loop.net.value === 'offline')
  assert.equal(one.replica.waiting.value, 1)
  one.wire.ask = wire.ask
  await settleDown([one], server)
  assert.equal(server.accepted.length, 1)
})

test('a push that fails does not stop reading', async () => {
  const server = new FakeServer()
  const one = await device(server)
  await until(() => one.replica.has(7))
  server.postsWork = false
  const big = 'x'.repeat(70_000)
  await one.outbox.commit([makes(1, big)])
  server.write(7, idea(2), 'board_card', { title: 'Muualta' })
  await until(() => one.replica.peek(idea(2)) !== undefined)
  assert.equal(one.replica.waiting.value, 1)
  server.postsWork = true
  await settleDown([one], server)
  assert.equal(server.accepted.length, 1)
})

test('one change that no server can read does not hold up the others', async () => {
  const server = new FakeServer()
  const one = await device(server)
  await until(() => one.replica.has(7))
  server.socketsWork = false
  server.hangUp()
  const ask = one.wire.ask
  one.wire.ask = async (what) => {
    const body = what.body
    const poisoned = body instanceof Uint8Array && Buffer.from(body).includes('MYRKKY')
    return poisoned ? { status: 400, type: 'application/json', body: new Uint8Array() } : await ask(what)
  }
  await one.outbox.commit([makes(1, 'MYRKKY'), makes(2, 'Tee'), makes(3, 'Kahvi')])
  for (const end = performance.now() + 20_000; server.accepted.length < 2 && performance.now() < end; ) {
    one.time.pass(60_000)
    one.wake()
    for (let k = 0; k < 10; k++) await turn()
  }
  assert.deepEqual(server.accepted.map(({ card }) => card).sort(), [idea(2), idea(3)])
  assert.equal(one.replica.waiting.value, 1)
})

test('grants that are gone take their cards along, not the words that wait', async () => {
  const server = new FakeServer()
  const platter = newPlatter()
  server.write(7, idea(1), 'board_card', { title: 'Kahvi' })
  const one = await device(server, { platter })
  await until(() => one.replica.stored(7) === 1)
  server.judge = () => ({ code: 6, reason: 'grant_revoked' })
  server.regrant([[8, 'staff', 'team', 'Toinen']])
  await until(() => one.replica.grants.value.version === 2)
  await one.outbox.commit([makes(2, 'Sanat jäävät')])
  await until(() => one.replica.attention.value.length === 1)
  assert.equal(one.replica.attention.value[0]?.set.title?.[1], 'Sanat jäävät')
  assert.deepEqual(
    [...one.replica.spaces.keys()].filter((space) => space === 7),
    [],
  )
  await until(() => [...platter.shelves.frames.values()].every((row) => row.space !== 7))
})

test('a restored server gets back what its backup did not have, once', async () => {
  const server = new FakeServer()
  const a = await device(server)
  const b = await device(server, { seed: 2 })
  await until(() => a.replica.has(7) && b.replica.has(7))
  await a.outbox.commit([makes(1, 'Kahvi')])
  await b.outbox.commit([makes(2, 'Tee')])
  await settleDown([a, b], server)
  await Promise.all([tidied(a), tidied(b)])
  server.accepted.length = 0
  server.restore('f1f1f1f1f1f1f1f1')
  await settleDown([a, b], server)
  await until(() => server.accepted.length === 2, 'offered again')
  await settleDown([a, b], server)
  assert.deepEqual(server.cards(7), { [idea(1)]: { title: 'Kahvi' }, [idea(2)]: { title: 'Tee' } })
  assert.ok(server.accepted.every(({ base }) => base === 0))
  assert.deepEqual(shown(a), server.cards(7))
  assert.deepEqual(shown(b), server.cards(7))
})

test('what was just leaving the outbox when the server was restored comes back too', async () => {
  const server = new FakeServer()
  const one = await device(server)
  await until(() => one.replica.has(7))
  await one.outbox.commit([makes(1, 'Kahvi')])
  await until(() => one.replica.waiting.value === 0 && one.replica.stored(7) === 1)
  server.restore('f1f1f1f1f1f1f1f1')
  await settleDown([one], server)
  await until(() => Object.keys(server.cards(7)).length === 1, 'offered again')
  await until(() => one.replica.has(7) && one.replica.waiting.value === 0)
  assert.deepEqual(server.cards(7), { [idea(1)]: { title: 'Kahvi' } })
})

test('whoever comes back weeks later to a restored server without backups offers everything', async () => {
  const platter = newPlatter()
  const server = new FakeServer()
  const one = await device(server, { platter })
  await one.outbox.commit([makes(1, 'Kahvi')])
  await settleDown([one], server)
  await tidied(one)
  one.stop()
  server.restore('f1f1f1f1f1f1f1f1')
  server.now += 21 * 24 * 3_600_000
  const again = await device(server, { platter, seed: 2 })
  await until(() => Object.keys(server.cards(7)).length === 1, 'offered again')
  await settleDown([again], server)
  assert.deepEqual(shown(again), { [idea(1)]: { title: 'Kahvi' } })
})

test('an echo that does not open stays where it is and holds nothing up', async () => {
  const platter = newPlatter()
  const server = new FakeServer()
  const one = await device(server, { platter })
  await one.outbox.commit([makes(1, 'Kahvi')])
  await settleDown([one], server)
  await tidied(one)
  for (const row of platter.shelves.echo.values()) row.box = new Uint8Array(40)
  server.restore('f1f1f1f1f1f1f1f1')
  await one.outbox.commit([makes(2, 'Tee')])
  await settleDown([one], server)
  server.accepted.length = 0
  await one.outbox.commit([makes(3, 'Vesi')])
  await settleDown([one], server)
  for (let i = 0; i < 20; i++) await turn()
  assert.equal(server.accepted.length, 1, 'sent once')
  assert.equal([...platter.shelves.echo.values()].filter(({ box }) => box.length === 40).length, 1)
})

test('a photo that a restored server may have lost goes up again', async () => {
  const platter = newPlatter()
  const server = new FakeServer()
  const one = await device(server, { platter })
  const sha = 'ab'.repeat(32)
  const photo = new Uint8Array([1, 2, 3])
  const { space, card, kind, set } = makes(1, 'Kahvi')
  const draft = { space, card, kind, set: { ...set, [`photos/${sha}`]: [null, ''] as const } }
  await one.outbox.commit([draft])
  await settleDown([one], server)
  await tidied(one)
  platter.shelves.files.set(sha, photo)
  server.restore('f1f1f1f1f1f1f1f1')
  await settleDown([one], server)
  await until(() => platter.shelves.files.has(`up/${sha}`))
  assert.ok(one.replica.uploads.has(sha))
})

test('what waited while the server was restored goes with base 0', async () => {
  const server = new FakeServer()
  server.write(7, idea(1), 'board_card', { title: 'Kahvi' })
  const one = await device(server)
  await until(() => one.replica.stored(7) === 1)
  server.socketsWork = server.postsWork = false
  server.hangUp()
  await one.outbox.commit([makes(2, 'Tee')])
  server.restore('f1f1f1f1f1f1f1f1')
  server.socketsWork = server.postsWork = true
  await settleDown([one], server)
  assert.deepEqual(
    server.accepted.map(({ base }) => base),
    [0],
  )
})

test('two changes of one card arrive in their order, whatever way they go', async () => {
  const server = new FakeServer()
  const one = await device(server)
  await until(() => one.replica.has(7))
  const big = 'x'.repeat(70_000)
  await one.outbox.commit([makes(1, big)])
  await one.outbox.commit([edit(1, 'title', big, 'b')])
  await one.outbox.commit([edit(1, 'title', 'b', 'c')])
  await until(() => one.replica.waiting.value === 0)
  assert.deepEqual(
    server.accepted.map(({ set }) => set.title?.[1]),
    [big, 'b', 'c'],
  )
})

const faults: fc.Arbitrary<Fault> = fc.constantFrom(
  'none',
  'none',
  'lose request',
  'lose reply',
  'twice',
  'hang up',
)
const step = fc.oneof(
  fc.record({
    do: fc.constant('write' as const),
    at: fc.nat(2),
    card: fc.nat(4),
    field: fc.constantFrom('title', 'body'),
  }),
  fc.record({ do: fc.constant('faults' as const), list: fc.array(faults, { maxLength: 6 }) }),
  fc.record({ do: fc.constant('kill' as const), at: fc.nat(2) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
  fc.record({ do: fc.constant('network' as const), sockets: fc.boolean(), posts: fc.boolean() }),
  fc.record({ do: fc.constant('clock' as const), at: fc.nat(2), hours: fc.integer({ min: -50, max: 50 }) }),
)

test('whatever is lost, repeated, killed or late: every word lands once and all show the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const server = new FakeServer()
      const platters = [newPlatter(), newPlatter(), newPlatter()]
      let seed = 10
      const start = (at: number) => device(server, { platter: platters[at] ?? newPlatter(), seed: seed++ })
      const devices = await Promise.all([start(0), start(1), start(2)])
      const saved: string[] = []
      let script: Fault[] = []
      server.fault = () => script.shift() ?? 'none'
      for (const one of steps) {
        if (one.do === 'faults') script = [...one.list]
        else if (one.do === 'network')
          Object.assign(server, { socketsWork: one.sockets, postsWork: one.posts })
        else if (one.do === 'wait') for (const each of devices) each.time.pass(one.ms)
        else {
          const here = devices[one.at]
          if (here === undefined) continue
          if (one.do === 'clock') here.time.set(here.time.wall() + one.hours * 3_600_000)
          else if (one.do === 'kill') {
            here.stop()
            devices[one.at] = await start(one.at)
          } else {
            const was = here.replica.peek(idea(one.card))?.raw[one.field] ?? null
            const made = await here.outbox.commit([
              edit(one.card, one.field, typeof was === 'string' ? was : null, `${saved.length}`),
            ])
            saved.push(...made.map(({ id }) => id))
          }
        }
        await turn()
      }
      server.socketsWork = server.postsWork = true
      await settleDown(devices, server)
      const landed = server.accepted.map(({ id }) => id)
      assert.deepEqual([...landed].sort(), [...saved].sort(), 'each saved change exactly once')
      for (const one of devices) assert.deepEqual(shown(one), server.cards(7))
      for (const one of devices)
        assert.deepEqual(
          one.reports.filter((line) => line.includes('checksum')),
          [],
        )
      for (const one of devices) one.stop()
    }),
    { numRuns: 60 },
  )
})

test('killed between any two calls of the storage: saved words are there, and land once', async () => {
  for (let calls = 1; calls < 40; calls++) {
    const server = new FakeServer()
    const platter = newPlatter()
    const inner = memoryDisk('test', platter)
    let left = calls
    const dies = <T>(go: () => Promise<T>): Promise<T> => (left-- > 0 ? go() : new Promise<T>(() => {}))
    const disk: Disk = {
      name: inner.name,
      all: (store) => inner.all(store),
      keys: (store) => inner.keys(store),
      get: (store, key) => inner.get(store, key),
      write: (steps) => dies(() => inner.write(steps)),
      append: (rows, builtOn) => dies(() => inner.append(rows, builtOn)),
      close: () => {},
    }
    const saved: string[] = []
    const first = await Promise.race([device(server, { disk }), lateOn()])
    if (first !== null) {
      for (let n = 1; n <= 3; n++) {
        first.outbox.commit([makes(n, `${n}`)]).then(([made]) => saved.push(made?.id ?? ''))
        for (let i = 0; i < 6; i++) await turn()
        first.time.pass(300)
      }
      for (let i = 0; i < 30; i++) await turn()
      first.loop.stop()
    }
    left = 0
    const again = await device(server, { platter, seed: 2 })
    await settleDown([again], server)
    const landed = server.accepted.map(({ id }) => id)
    assert.equal(new Set(landed).size, landed.length)
    for (const id of saved) assert.ok(landed.includes(id), `${id} after ${calls} calls`)
    again.stop()
  }
})

/** Tabs that hear each other, and of which the test says who leads. */
function tabs(): { of: (leads: boolean) => Tabs } {
  const ears: ((news: News) => void)[] = []
  return {
    of: (leads) => {
      let own: (news: News) => void = () => {}
      return {
        lead: (on) => (leads ? on() : undefined),
        tell: (news) => {
          for (const ear of ears) if (ear !== own) queueMicrotask(() => ear(structuredClone(news)))
        },
        hear: (fn) => {
          own = fn
          ears.push(fn)
        },
        close: () => {},
      }
    },
  }
}

test('a second tab shows and writes through the one that leads', async () => {
  const server = new FakeServer()
  const platter = newPlatter()
  const hall = tabs()
  server.write(7, idea(1), 'board_card', { title: 'Kahvi' })
  const lead = await device(server, { platter, tabs: hall.of(true) })
  await until(() => lead.replica.stored(7) === 1)
  const other = await device(server, { platter, tabs: hall.of(false), seed: 2 })
  assert.deepEqual(Object.keys(shown(other)), [idea(1)])
  await other.outbox.commit([makes(2, 'Toisesta')])
  await until(
    () => other.replica.waiting.value === 0 && lead.replica.waiting.value === 0,
    'sent by the leader',
  )
  await until(() => other.replica.peek(idea(2))?.state === 'delivered')
  server.write(7, idea(3), 'board_card', { title: 'Muualta' })
  await until(() => other.replica.peek(idea(3)) !== undefined)
  assert.equal(server.accepted.length, 1)
  await tidied(lead)
  assert.equal(platter.shelves.outbox.size, 0)
})

test('two tabs that both believe they lead do no harm', async () => {
  const server = new FakeServer()
  const platter = newPlatter()
  const one = await device(server, { platter })
  const two = await device(server, { platter, seed: 2 })
  for (let n = 1; n <= 20; n++) {
    await (n % 2 ? one : two).outbox.commit([makes(n, `${n}`)])
    if (n % 5 === 0) server.write(7, idea(100 + n), 'board_card', { title: 'muualta' })
    one.time.pass(700)
    two.time.pass(700)
    for (let i = 0; i < 5; i++) await turn()
  }
  await settleDown([one, two], server)
  await Promise.all([tidied(one), tidied(two)])
  const again = await device(server, { platter, seed: 3 })
  await settleDown([again], server)
  assert.deepEqual(shown(again), server.cards(7))
  assert.equal(new Set(server.accepted.map(({ id }) => id)).size, 20)
  assert.equal(server.accepted.length, 20)
})

const lateOn = async (): Promise<null> => {
  for (let i = 0; i < 100; i++) await turn()
  return null
}
