import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Change, Frame, Row, Touched } from '../src/codec.ts'
import { decodeFrame, fromHex } from '../src/codec.ts'
import type { Platter } from '../src/disk-memory.ts'
import { memoryDisk, newPlatter } from '../src/disk-memory.ts'
import type { Idea, Value } from '../src/gen/cards.ts'
import type { Pending } from '../src/replica/copy.ts'
import { Replica } from '../src/replica/copy.ts'
import { TABLE } from '../src/replica/view.ts'
import { card, cards, onlyOwn, show } from '../src/replica.ts'
import { openVault } from '../src/vault.ts'
import { idea } from './devices.ts'
import { frame } from './fake-server.ts'
import { testClock } from './test-clock.ts'

const EPOCH = 'e0e0e0e0e0e0e0e0'
const ME = 4

async function replica(platter: Platter = newPlatter()): Promise<Replica> {
  const disk = memoryDisk('test', platter)
  const clock = testClock()
  const made = new Replica({
    disk,
    vault: await openVault(disk, clock.random),
    clock,
    person: ME,
    table: TABLE,
  })
  await made.load()
  return made
}

type Raw = Readonly<Record<string, Value>>

const row = (n: number, seq: number, raw: Raw, kind = 'idea', space = 1): Row => ({
  id: idea(n),
  kind,
  space,
  seq,
  by: 9,
  made: 1_000 + n,
  raw,
})

/** A frame as the server would send it: count and sum of all that the space then holds. */
const frameOf = (since: number, upto: number, rows: Row[], held: readonly Row[] = rows, space = 1): Frame => {
  const sum = held.reduce((total, one) => total + one.seq, 0)
  return decodeFrame(frame(space, since, upto, rows, held.length, sum))
}

const pending = (n: number, set: Touched, status: Pending['status'] = 'here', kind = 'idea'): Pending => {
  const change: Change = {
    id: `c${n}${Object.keys(set)}`,
    space: 1,
    card: idea(n),
    kind,
    at: 5_000,
    base: 0,
    set,
  }
  return { change, status, again: false }
}

const whole = { team: 1, title: 'Kahvi', text: 'Aamulla', same_here: 3 }

const count = (replica: Replica) =>
  [...replica.spaces.values()].reduce((sum, space) => sum + space.cards.size, 0)

test('a snapshot shows its cards, typed, with defaults where nothing was written', async () => {
  const r = await replica()
  assert.equal(
    r.take(frameOf(0, 2, [row(1, 1, whole), row(2, 2, { team: 1, title: 'Toinen' })]), EPOCH),
    'taken',
  )
  const ideas = r.cards('idea').value as readonly Idea[]
  assert.deepEqual(
    ideas.map(({ title, text, stage, same_here }) => [title, text, stage, same_here]),
    [
      ['Kahvi', 'Aamulla', 'new', 3],
      ['Toinen', '', 'new', 0],
    ],
  )
  assert.deepEqual(ideas[0]?.goals, {})
})

test('a delta changes the fields that it names and no others', async () => {
  const r = await replica()
  r.take(frameOf(0, 1, [row(1, 1, { ...whole, 'goals/aa': true })]), EPOCH)
  const next = row(1, 2, { text: 'Illalla', 'goals/bb': true, 'goals/aa': null })
  assert.equal(r.take(frameOf(1, 2, [next]), EPOCH), 'taken')
  const [card] = r.cards('idea').value as readonly Idea[]
  assert.deepEqual([card?.title, card?.text, card?.goals], ['Kahvi', 'Illalla', { bb: true }])
})

test('a list goes on in its order, however many of its cards are news at once', async () => {
  const r = await replica()
  const many = Array.from({ length: 1_500 }, (_, n) => row(n * 2, n + 1, { team: 1, title: `${n}` }))
  r.take(frameOf(0, 1_500, many), EPOCH)
  const list = r.cards('idea')
  const held = new Map(many.map((one) => [one.id, one]))
  assert.equal(list.value.length, 1_500)
  let upto = 1_500
  for (const size of [1, 40, 100, 1_200]) {
    const news = Array.from({ length: size }, (_, i) => {
      const gone = i % 7 === 3 ? ['twice', ''] : null
      return row(i * 3 + size, upto + i + 1, { team: 1, title: `${size} ${i}`, gone })
    })
    for (const one of news) held.set(one.id, one)
    r.take(frameOf(upto, upto + size, news, [...held.values()]), EPOCH)
    upto += size
    await null
    const shown = [...held.values()].filter(({ raw }) => (raw.gone ?? null) === null)
    assert.deepEqual(
      list.value.map(({ id, raw }) => [id, raw.title]),
      shown.sort((a, b) => a.made - b.made).map(({ id, raw }) => [id, raw.title]),
    )
  }
})

test('frames that come twice, late or with a gap change nothing', async () => {
  const r = await replica()
  r.take(frameOf(0, 3, [row(1, 3, whole)]), EPOCH)
  assert.equal(r.take(frameOf(0, 3, [row(1, 3, whole)]), EPOCH), 'old')
  assert.equal(r.take(frameOf(1, 2, [row(1, 2, { text: 'vanha' })]), EPOCH), 'old')
  assert.equal(r.take(frameOf(5, 6, [row(1, 6, { text: 'uusi' })]), EPOCH), 'gap')
  assert.equal(r.take(frameOf(2, 4, [row(1, 4, { text: 'limittäin' })]), EPOCH), 'gap')
  assert.equal(r.take(frameOf(9, 9, [], []), EPOCH), 'gap')
  assert.equal(r.peek(idea(1))?.raw.text, 'Aamulla')
})

test('a wrong checksum asks for a snapshot, and the frame is not stored', async () => {
  const platter = newPlatter()
  const r = await replica(platter)
  r.take(frameOf(0, 1, [row(1, 1, whole)]), EPOCH)
  await r.written()
  assert.equal(r.take(frameOf(1, 2, [row(2, 2, whole)], [row(2, 2, whole)]), EPOCH), 'broken')
  await r.written()
  assert.equal(platter.shelves.frames.size, 1)
  assert.equal(r.has(1), false)
  assert.equal(r.take(frameOf(0, 2, [row(1, 1, whole), row(2, 2, whole)]), EPOCH), 'taken')
  assert.equal(r.has(1), true)
})

test('an emptied row leaves; a hidden card keeps nothing but why', async () => {
  const r = await replica()
  r.take(frameOf(0, 2, [row(1, 1, whole), row(2, 2, whole)]), EPOCH)
  const hidden = row(1, 3, { gone: ['duplicate', ''] })
  r.take(frameOf(2, 4, [hidden, row(2, 4, {}, '')], [hidden]), EPOCH)
  assert.deepEqual(r.cards('idea').value, [])
  assert.deepEqual(r.peek(idea(1))?.raw, { gone: ['duplicate', ''] })
  assert.equal(r.peek(idea(2)), undefined)
  r.take(frameOf(4, 5, [row(1, 5, { ...whole, gone: null })]), EPOCH)
  assert.equal((r.peek(idea(1)) as Idea).title, 'Kahvi')
})

test('own pending changes lie over the confirmed card until they are lifted', async () => {
  const r = await replica()
  r.take(frameOf(0, 1, [row(1, 1, whole)]), EPOCH)
  const first = pending(1, { title: ['Kahvi', 'Tee'] })
  const second = pending(1, { title: ['Tee', 'Mehu'], stage: [null, 'trying'] }, 'sending')
  r.lay([first, second])
  assert.deepEqual([(r.peek(idea(1)) as Idea).title, r.peek(idea(1))?.state], ['Mehu', 'here'])
  r.lift([first])
  assert.equal(r.peek(idea(1))?.state, 'sending')
  r.lift([second])
  assert.deepEqual([(r.peek(idea(1)) as Idea).title, r.peek(idea(1))?.state], ['Kahvi', 'delivered'])
})

test('a card made here is there at once; a lone edit of a card that is not here shows nothing', async () => {
  const r = await replica()
  r.lay([pending(1, { team: [null, 1], title: [null, 'Uusi'] }), pending(2, { same_here: [null, true] })])
  assert.deepEqual(
    r.cards('idea').value.map(({ id, by }) => [id, by]),
    [[idea(1), ME]],
  )
})

test('a refused edit is not shown on the card, a refused card stays for its author', async () => {
  const r = await replica()
  r.take(frameOf(0, 1, [row(1, 1, whole)]), EPOCH)
  r.lay([
    pending(1, { title: ['Kahvi', 'Tee'] }, 'refused'),
    pending(2, { team: [null, 1], title: [null, 'Oma'] }, 'refused'),
  ])
  assert.deepEqual([(r.peek(idea(1)) as Idea).title, r.peek(idea(1))?.state], ['Kahvi', 'attention'])
  assert.deepEqual([(r.peek(idea(2)) as Idea).title, r.peek(idea(2))?.state], ['Oma', 'attention'])
})

test('a mark counts once: the sum without mine, and mine as it is here', async () => {
  const r = await replica()
  const mark = (seq: number, given: boolean): Row =>
    row(99, seq, { on: fromHex(idea(1)), space: 1, 'marks/same_here': given || null }, 'mark', 2)
  const sum = () => (r.peek(idea(1)) as Idea).same_here
  r.take(frameOf(0, 1, [row(1, 1, whole)]), EPOCH)
  assert.deepEqual([sum(), r.mark(idea(1), 'same_here')], [3, false])
  const give = pending(1, { same_here: [null, true] })
  r.lay([give])
  assert.deepEqual([sum(), r.mark(idea(1), 'same_here')], [4, true])
  r.take(frameOf(1, 2, [row(1, 2, { same_here: 4 })]), EPOCH)
  r.take(frameOf(0, 1, [mark(1, true)], [mark(1, true)], 2), EPOCH)
  assert.deepEqual([sum(), r.mark(idea(1), 'same_here')], [4, true])
  r.lift([give])
  assert.deepEqual([sum(), r.mark(idea(1), 'same_here')], [4, true])
  r.lay([pending(1, { same_here: [true, null] })])
  assert.deepEqual([sum(), r.mark(idea(1), 'same_here')], [3, false])
})

test('a mark that was given and taken back is gone, also where a frame holds only what is different', async () => {
  const r = await replica()
  const on = { on: fromHex(idea(1)), space: 1 }
  const mark = (seq: number, raw: Raw): Row => row(99, seq, raw, 'mark', 2)
  r.take(frameOf(0, 1, [row(1, 1, whole)]), EPOCH)
  r.take(frameOf(0, 1, [mark(1, { ...on, 'marks/same_here': true })], [mark(1, {})], 2), EPOCH)
  const given = () => [r.mark(idea(1), 'same_here'), r.mark(idea(1), 'lets_try')]
  assert.deepEqual(given(), [true, false])
  r.take(frameOf(1, 2, [mark(2, { 'marks/lets_try': true })], [mark(2, {})], 2), EPOCH)
  assert.deepEqual(given(), [true, true])
  r.take(frameOf(2, 3, [mark(3, { 'marks/same_here': null })], [mark(3, {})], 2), EPOCH)
  assert.deepEqual(given(), [false, true])
})

test('both versions of words are there until somebody chooses', async () => {
  const r = await replica()
  r.take(
    frameOf(0, 1, [
      row(1, 1, {
        ...whole,
        'fork/title/1f': ['Tee', 8, 77],
        'fork/reply/2': [['Ei'], 3, 78, [['stage', 'not_now']]],
      }),
    ]),
    EPOCH,
  )
  assert.deepEqual(r.peek(idea(1))?.forks, [
    { field: 'title', key: 'fork/title/1f', value: 'Tee', by: 8, at: 77, rest: [] },
    { field: 'reply', key: 'fork/reply/2', value: ['Ei'], by: 3, at: 78, rest: [['stage', 'not_now']] },
  ])
  r.lay([pending(1, { 'fork/title/1f': [['Tee', 8, 77], null] })])
  assert.deepEqual(
    r.peek(idea(1))?.forks.map(({ field }) => field),
    ['reply'],
  )
})

test('signals tell once per batch, and lists stay in order', async () => {
  const r = await replica()
  const list = r.cards('idea')
  const lengths: number[] = []
  const stop = list.subscribe((cards) => lengths.push(cards.length))
  const rows = Array.from({ length: 200 }, (_, i) => row(200 - i, i + 1, whole))
  r.take(frameOf(0, 200, rows), EPOCH)
  await Promise.resolve()
  assert.deepEqual(lengths, [0, 200])
  const one = r.card(idea(5))
  r.lay([pending(5, { title: ['Kahvi', 'Tee'] }), pending(300, { team: [null, 1], title: [null, 'Uusi'] })])
  await Promise.resolve()
  assert.deepEqual(lengths, [0, 200, 201])
  assert.equal((one.value as Idea).title, 'Tee')
  assert.deepEqual(
    list.value.map(({ made }) => made),
    [...list.value.map(({ made }) => made)].sort((a, b) => a - b),
  )
  stop()
})

test('what was stored is what opens again, whatever frames came in which order', async () => {
  const step = fc.record({ card: fc.nat(5), text: fc.string(), repeat: fc.boolean(), empties: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const platter = newPlatter()
      const r = await replica(platter)
      const held = new Map<string, Row>()
      let seq = 0
      r.take(frameOf(0, 0, []), EPOCH)
      for (const { card, text, repeat, empties } of steps) {
        const next = row(card, ++seq, { text }, empties ? '' : 'idea')
        if (empties) held.delete(next.id)
        else held.set(next.id, next)
        const news = frameOf(seq - 1, seq, [next], [...held.values()])
        assert.equal(r.take(news, EPOCH), 'taken')
        if (repeat) assert.equal(r.take(news, EPOCH), 'old')
        if (repeat) await r.written()
      }
      await r.written()
      const again = await replica(platter)
      const plain = (from: Replica) =>
        [...(from.spaces.get(1)?.cards.values() ?? [])].map(({ id, raw }) => [id, raw.text]).sort()
      assert.deepEqual(plain(again), plain(r))
      assert.deepEqual(plain(r), [...held.values()].map(({ id, raw }) => [id, raw.text]).sort())
      assert.equal(again.cursor(1), seq)
    }),
    { numRuns: 60 },
  )
})

test('D-47 a record moved to another place on the disk does not open; the space is pulled again', async () => {
  const platter = newPlatter()
  const r = await replica(platter)
  r.take(frameOf(0, 1, [row(1, 1, whole)]), EPOCH)
  await r.written()
  r.take(frameOf(1, 2, [row(1, 2, { text: 'b' })]), EPOCH)
  await r.written()
  const [[one, a], [two, b]] = [...platter.shelves.frames] as [[number, never], [number, never]]
  platter.shelves.frames.set(one, { ...(a as object), box: (b as { box: Uint8Array }).box } as never)
  platter.shelves.frames.set(two, { ...(b as object), box: (a as { box: Uint8Array }).box } as never)
  const again = await replica(platter)
  assert.deepEqual([count(again), again.has(1)], [0, false])
  assert.equal(platter.shelves.frames.size, 0)
})

test('many deltas are folded into one frame that holds the same', async () => {
  const platter = newPlatter()
  const disk = memoryDisk('test', platter)
  const clock = testClock()
  const r = new Replica({ disk, vault: await openVault(disk, clock.random), clock, person: ME, table: TABLE })
  await r.load()
  r.take(frameOf(0, 1, [row(1, 1, whole)]), EPOCH)
  await r.written()
  for (let seq = 2; seq <= 20; seq++) {
    const next = row(1, seq, { text: `${seq}`.repeat(8_000) })
    r.take(frameOf(seq - 1, seq, [next]), EPOCH)
    await r.written()
  }
  assert.equal(platter.shelves.frames.size, 20)
  clock.pass(60_000)
  const end = performance.now() + 20_000
  while (platter.shelves.frames.size > 1 && performance.now() < end)
    await new Promise((done) => setImmediate(done))
  assert.equal(platter.shelves.frames.size, 1)
  const again = await replica(platter)
  assert.deepEqual(again.peek(idea(1))?.raw, r.peek(idea(1))?.raw)
  assert.equal(again.cursor(1), 20)
})

test('spaces that are no longer granted leave, and only they', async () => {
  const platter = newPlatter()
  const r = await replica(platter)
  r.take(frameOf(0, 1, [row(1, 1, whole)]), EPOCH)
  r.take(frameOf(0, 1, [row(2, 1, whole, 'idea', 2)], [row(2, 1, whole)], 2), EPOCH)
  await r.written()
  await r.regrant({ version: 2, spaces: [{ space: 2, role: 'staff', kind: 'team', name: 'B' }] })
  assert.deepEqual(
    r.cards('idea').value.map(({ id }) => id),
    [idea(2)],
  )
  const again = await replica(platter)
  await again.loadGrants()
  assert.deepEqual([count(again), again.grants.value.version], [1, 2])
})

test('H8 after a long time without a word only what I wrote is shown, with names and teams', async () => {
  const one = await replica()
  const mine = { ...row(2, 2, whole), by: ME }
  const aino = { ...row(3, 3, { name: 'Aino' }, 'person'), by: null }
  one.take(frameOf(0, 3, [row(1, 1, whole), mine, aino]), EPOCH)
  show(one)
  const ideas = () => cards('idea').value.map(({ id }) => id)
  assert.deepEqual(ideas(), [idea(1), idea(2)])
  onlyOwn.value = true
  assert.deepEqual(ideas(), [idea(2)])
  assert.deepEqual([card(idea(1)).value, card(idea(2)).value?.id], [undefined, idea(2)])
  assert.equal(cards('person').value.length, 1)
  onlyOwn.value = false
  assert.deepEqual(ideas(), [idea(1), idea(2)])
  show(null)
})
