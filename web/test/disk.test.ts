import 'fake-indexeddb/auto'
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Disk, FrameRow, Step } from '../src/disk.ts'
import { openDisk } from '../src/disk.ts'
import { memoryDisk, newPlatter } from '../src/disk-memory.ts'

/** Two disks over the same storage: two tabs of one person. */
type Pair = () => Promise<[Disk, Disk]>

let made = 0
const KINDS: Record<string, Pair> = {
  memory: async () => {
    const platter = newPlatter()
    return [memoryDisk('m', platter), memoryDisk('m', platter)]
  },
  indexeddb: async () => {
    const name = `disk-${made++}`
    return [await openDisk(name), await openDisk(name)]
  },
}

const run = (space: number, since: number, upto: number, epoch = 'e'): FrameRow => ({
  space,
  since,
  upto,
  epoch,
  box: new Uint8Array([space, since & 255, upto & 255]),
})
const change = (id: string) => ({
  id,
  epoch: 'e',
  box: new Uint8Array([1]),
  again: false,
  left: [],
  notes: [],
})
const cursors = async (disk: Disk) =>
  (await disk.all('frames')).map(([, row]) => [row.space, row.since, row.upto])

for (const [kind, open] of Object.entries(KINDS)) {
  test(`${kind}: what was written is there for the next tab`, async () => {
    const [one, two] = await open()
    const keys = await one.write([
      { store: 'outbox', value: change('a') },
      { store: 'outbox', value: change('b') },
      { store: 'meta', key: 'who', value: { person: 3 } },
    ])
    assert.ok(Number(keys[0]) < Number(keys[1]))
    assert.deepEqual(await two.all('outbox'), [
      [keys[0], change('a')],
      [keys[1], change('b')],
    ])
    assert.deepEqual(await two.get('meta', 'who'), { person: 3 })
    assert.equal(await two.get('meta', 'other'), undefined)
    assert.deepEqual(await two.keys('meta'), ['who'])
  })

  test(`${kind}: a write puts, replaces and deletes in one step`, async () => {
    const [disk] = await open()
    const [key] = await disk.write([{ store: 'outbox', value: change('a') }])
    assert.ok(key !== undefined)
    await disk.write([
      { store: 'outbox', key, value: change('b') },
      { store: 'drafts', key: 'form', value: new Uint8Array([9]) },
    ])
    assert.deepEqual(await disk.all('outbox'), [[key, change('b')]])
    await disk.write([
      { store: 'outbox', key },
      { store: 'drafts', key: 'form' },
    ])
    assert.deepEqual([await disk.all('outbox'), await disk.all('drafts')], [[], []])
  })

  test(`${kind}: numbers are never given twice, also across tabs`, async () => {
    const [one, two] = await open()
    const first = await one.write([{ store: 'outbox', value: change('a') }])
    await one.write([{ store: 'outbox', key: first[0] ?? 0 }])
    const [later] = await two.write([{ store: 'outbox', value: change('b') }])
    assert.ok(Number(later) > Number(first[0]))
  })

  test(`${kind}: a frame is appended only where the space's log ends`, async () => {
    const [disk] = await open()
    assert.deepEqual(await disk.append([run(1, 5, 6)]), [null])
    const [first] = await disk.append([run(1, 0, 5)])
    assert.equal(typeof first, 'number')
    const keys = await disk.append([
      run(1, 5, 7),
      run(1, 5, 8),
      run(2, 0, 3),
      run(1, 7, 9),
      run(1, 9, 10, 'f'),
    ])
    assert.deepEqual(
      keys.map((key) => key === null),
      [false, true, false, false, true],
    )
    assert.deepEqual(await cursors(disk), [
      [1, 0, 5],
      [1, 5, 7],
      [2, 0, 3],
      [1, 7, 9],
    ])
  })

  test(`${kind}: a frame from 0 replaces its space, unless that is further in the same epoch`, async () => {
    const [disk] = await open()
    await disk.append([run(1, 0, 5), run(2, 0, 4), run(1, 5, 9)])
    assert.deepEqual(await disk.append([run(1, 0, 8)]), [null])
    await disk.append([run(1, 0, 9)])
    assert.deepEqual(await cursors(disk), [
      [2, 0, 4],
      [1, 0, 9],
    ])
    await disk.append([run(1, 0, 2, 'f')])
    assert.deepEqual(await cursors(disk), [
      [2, 0, 4],
      [1, 0, 2],
    ])
  })

  test(`${kind}: a log is folded only if nothing was added meanwhile`, async () => {
    const [one, two] = await open()
    const [, built] = await one.append([run(1, 0, 5), run(1, 5, 6)])
    await two.append([run(1, 6, 7)])
    assert.deepEqual(await one.append([run(1, 0, 6)], built ?? 0), [null])
    const [last] = await one.append([run(1, 7, 8)])
    assert.equal(typeof (await one.append([run(1, 0, 8)], last ?? 0))[0], 'number')
    assert.deepEqual(await cursors(two), [[1, 0, 8]])
  })

  test(`${kind}: a space leaves whole, in the transaction that says why`, async () => {
    const [disk] = await open()
    await disk.append([run(1, 0, 5), run(2, 0, 4), run(1, 5, 6)])
    await disk.write([
      { store: 'frames', space: 1 },
      { store: 'meta', key: 'grants', value: [2] },
    ])
    assert.deepEqual(await cursors(disk), [[2, 0, 4]])
    assert.deepEqual(await disk.append([run(1, 6, 7)]), [null])
  })

  test(`${kind}: D-08 two tabs without a lock can't tear a log (1,000 frames)`, async () => {
    const [one, two] = await open()
    const step = fc.record({
      tab: fc.boolean(),
      space: fc.integer({ min: 1, max: 3 }),
      back: fc.integer({ min: 0, max: 2 }),
    })
    const steps =
      fc.sample(fc.array(step, { minLength: 1_000, maxLength: 1_000 }), { numRuns: 1, seed: 7 })[0] ?? []
    const heads = new Map<number, number>()
    for (const { tab, space, back } of steps) {
      const since = Math.max(0, (heads.get(space) ?? 0) - back)
      const upto = since + 1
      const [key] = await (tab ? one : two).append([run(space, since, upto)])
      if (typeof key === 'number') heads.set(space, upto)
    }
    const log = await one.all('frames')
    for (const space of [1, 2, 3]) {
      const chain = log.filter(([, row]) => row.space === space).map(([, row]) => row)
      assert.equal(chain[0]?.since ?? 0, 0)
      chain.reduce((before, row) => {
        assert.equal(row.since, before.upto)
        return row
      })
    }
  })
}

test('D-03 a write takes what is there, and nothing that has yet to come', async () => {
  const disk = await openDisk(`disk-${made++}`)
  const sealed = Promise.resolve(new Uint8Array(1))
  // @ts-expect-error bytes that are still being sealed are no bytes
  const early: Step = { store: 'files', key: 'a', value: sealed }
  // @ts-expect-error nor is a step that is still being made
  const late: Step = Promise.resolve({ store: 'files', key: 'b', value: new Uint8Array(1) })
  for (const step of [early, late])
    await assert.rejects(disk.write([{ store: 'meta', key: 'x', value: 1 }, step]))
  assert.deepEqual([await disk.keys('files'), await disk.keys('meta')], [[], []])
})

test('indexeddb: D-05 a full disk shows at the end of the transaction, and nothing is written', async () => {
  const disk = await openDisk(`disk-${made++}`)
  const broken = disk.write([
    { store: 'outbox', value: change('a') },
    { store: 'meta', key: 'x', value: () => 'cannot be cloned' },
  ])
  await assert.rejects(broken)
  assert.deepEqual(await disk.all('outbox'), [])
})
