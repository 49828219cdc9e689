import 'fake-indexeddb/auto'
import assert from 'node:assert/strict'
import test from 'node:test'
import { reseal } from '../src/app-lock/reseal.ts'
import { realClock } from '../src/clock.ts'
import { contents, exchange } from '../src/disk/exchange.ts'
import { type Disk, openDisk } from '../src/disk.ts'
import { memoryDisk } from '../src/disk-memory.ts'
import { place } from '../src/replica/log.ts'
import { dueOn, relock } from '../src/session/relock.ts'
import { attemptsOf, MOST_TRIES, tryPin, waitMs } from '../src/vault/attempts.ts'
import { authorKey, signPublic } from '../src/vault/author.ts'
import {
  type ByPin,
  byPin,
  calibrate,
  LEAST_ROUNDS,
  newDataKey,
  newRow,
  unwrap,
  wrap,
} from '../src/vault/lock.ts'
import { asLockRow, LOCK, type LockRow } from '../src/vault/lock-row.ts'
import { DATA_KEY, openVault } from '../src/vault.ts'
import { bound } from './bound.ts'

const { random } = realClock()
const utf8 = new TextEncoder()
const PIN = '739204'
/** Enough for what these tests ask; how many there are on a device is asked below. */
const FEW = 1_000

async function locked(disk: Disk, device: Disk) {
  const by = await byPin(PIN, device, FEW)
  const row = newRow(FEW, { person: 7, lang: 'sv' }, await wrap(await newDataKey(), by, disk.name, random))
  const dataKey = await unwrap(row.pin, by, disk.name)
  assert.ok(dataKey)
  return { row, dataKey, by }
}

const tries = async (disk: Disk, device: Disk, pin: string, at = 0) => {
  const row = asLockRow(await disk.get('meta', LOCK))
  assert.ok(row)
  return await tryPin(disk, row, await byPin(pin, device, row.rounds), { at })
}

test('D-46 the rounds take about half a second, and are never fewer than 600,000', async () => {
  let ms = 0
  const slow = await calibrate(() => {
    ms += 4_000
    return ms
  })
  assert.equal(slow, LEAST_ROUNDS)
  const fast = await calibrate(() => {
    ms += 10
    return ms
  })
  assert.equal(fast, 10_000_000)
})

test('D-46 the PIN opens on this device and in this database alone', async () => {
  const [disk, device] = [memoryDisk('v-p-1'), memoryDisk('v-device')]
  const { row, by } = await locked(disk, device)
  assert.equal(await unwrap(row.pin, await byPin('739205', device, FEW), disk.name), null)
  assert.equal(await unwrap(row.pin, await byPin(PIN, memoryDisk('v-device'), FEW), disk.name), null)
  assert.equal(await unwrap(row.pin, by, 'v-p-2'), null)
  assert.equal(await unwrap(row.pin, await byPin(PIN, device, FEW + 1), disk.name), null)
})

test('D-47 the data key that comes out of a lock can be read by no script', async () => {
  const { dataKey } = await locked(memoryDisk('v-p-1'), memoryDisk('v-device'))
  assert.equal(dataKey.extractable, false)
  await assert.rejects(crypto.subtle.exportKey('raw', dataKey))
})

test('a passkey that gives a secret opens the same data key', async () => {
  const [disk, device] = [memoryDisk('v-p-1'), memoryDisk('v-device')]
  const { row, by, dataKey } = await locked(disk, device)
  const wrapped = await unwrap(row.pin, by, disk.name, true)
  assert.ok(wrapped)
  const secret = random(32)
  const kept = await wrap(wrapped, { secret }, disk.name, random)
  const again = await unwrap(kept, { secret }, disk.name)
  assert.ok(again)
  assert.equal(await unwrap(kept, { secret: random(32) }, disk.name), null)
  const box = await (await openVault(disk, random, dataKey)).seal('drafts', 'a', utf8.encode('kello'))
  assert.deepEqual(
    await (await openVault(disk, random, again)).open('drafts', 'a', box),
    utf8.encode('kello'),
  )
})

test('D-54 a try counts before it is made, and a right one clears the count', async () => {
  const [disk, device] = [memoryDisk('v-p-1'), memoryDisk('v-device')]
  const { row } = await locked(disk, device)
  await disk.write([{ store: 'meta', key: LOCK, value: row }])
  assert.deepEqual(await tries(disk, device, '739205'), { wrong: 1 })
  let seen = 0
  const counting: Disk = {
    ...bound(disk),
    write: async (steps) => {
      const keys = await disk.write(steps)
      seen = Math.max(seen, await attemptsOf(disk))
      // Killed right after the count has been written, before the PIN was tried.
      if (steps.some(({ store, ...step }) => store === 'meta' && 'value' in step)) throw new Error('killed')
      return keys
    },
  }
  await assert.rejects(tries(counting, device, PIN))
  assert.equal(seen, 2)
  assert.equal(await attemptsOf(disk), 2)
  assert.ok('dataKey' in (await tries(disk, device, PIN)))
  assert.equal(await attemptsOf(disk), 0)
})

test('D-54 the third wrong PIN costs 30 seconds, the fourth two minutes, after the fifth none is taken', async () => {
  const [disk, device] = [memoryDisk('v-p-1'), memoryDisk('v-device')]
  const { row } = await locked(disk, device)
  await disk.write([{ store: 'meta', key: LOCK, value: row }])
  const waits: number[] = []
  for (let i = 0; i < MOST_TRIES; i++) {
    const tried = await tries(disk, device, '739205', i * 120_000)
    assert.ok('wrong' in tried)
    waits.push(waitMs(tried.wrong))
  }
  assert.deepEqual(waits, [0, 0, 30_000, 120_000, 0])
  assert.deepEqual(await tries(disk, device, PIN, 9_000_000), { wrong: MOST_TRIES })
})

test('D-54 several windows give no more tries than one, and none before the wait is over', async () => {
  const [disk, device] = [memoryDisk('v-p-1'), memoryDisk('v-device')]
  const { row } = await locked(disk, device)
  await disk.write([{ store: 'meta', key: LOCK, value: row }])
  for (let i = 0; i < 3; i++) await tries(disk, device, '739205', 1_000)
  // Another window, which has seen none of these, tries the right one at once.
  assert.deepEqual(await tries(disk, device, PIN, 30_999), { wrong: 3 })
  assert.equal(await attemptsOf(disk), 3)
  // The clock was set back: the wait begins anew.
  assert.deepEqual(await tries(disk, device, PIN, 500), { wrong: 3 })
  assert.deepEqual(await tries(disk, device, PIN, 30_499), { wrong: 3 })
  assert.ok('dataKey' in (await tries(disk, device, PIN, 30_500)))
})

let made = 0

/** A database with something sealed in each of its stores. */
async function lived() {
  const disk = await openDisk(`v-p-lock-${made++}`)
  const vault = await openVault(disk, random)
  const at = { space: 1, since: 0, upto: 2, epoch: 'e' }
  await disk.append([{ ...at, box: await vault.seal('frames', place(at), utf8.encode('lauta')) }])
  const box = await vault.seal('outbox', 'c1', utf8.encode('lamppu'))
  const echo = await vault.seal('echo', 'c0', utf8.encode('kello'))
  await disk.write([
    { store: 'outbox', value: { id: 'c1', epoch: 'e', box, again: false, left: [], notes: [] } },
    { store: 'echo', value: { id: 'c0', epoch: 'e', spaces: [[1, 2]], at: 5, box: echo } },
    { store: 'files', key: 'up/ab', value: await vault.seal('files', 'ab', utf8.encode('kuva')) },
    { store: 'drafts', key: 'capture', value: await vault.seal('drafts', 'capture', utf8.encode('kesken')) },
  ])
  const point = await signPublic({ disk, vault })
  return { disk, vault, point }
}

async function put(name: string, was: Awaited<ReturnType<typeof contents>>) {
  const disk = await openDisk(name)
  const from = await openVault(disk, random)
  disk.close()
  const device = memoryDisk('v-device')
  const { row, dataKey } = await locked(disk, device)
  const sealed = await reseal(was, from, await openVault(disk, random, dataKey))
  const meta = sealed.meta.filter(([key]) => key !== DATA_KEY)
  const done = await exchange(name, was, { ...sealed, meta: [...meta, [LOCK, row]] })
  return { done, dataKey }
}

test('D-48 switching the lock on loses nothing: every store opens with the new key and none with the old', async () => {
  const { disk, vault, point } = await lived()
  const was = await contents(disk)
  const { done, dataKey } = await put(disk.name, was)
  assert.ok(done)
  const again = await openDisk(disk.name)
  const next = await openVault(again, random, dataKey)
  const now = await contents(again)
  const words = async (store: string, at: string, box: Uint8Array<ArrayBuffer>) =>
    new TextDecoder().decode(await next.open(store, at, box))
  const [frame, change, echo] = [now.frames[0]?.[1], now.outbox[0]?.[1], now.echo[0]?.[1]]
  const [file, draft] = [now.files[0]?.[1], now.drafts[0]?.[1]]
  assert.ok(frame && change && echo && file && draft)
  assert.equal(await words('frames', place(frame), frame.box), 'lauta')
  assert.equal(await words('outbox', 'c1', change.box), 'lamppu')
  assert.equal(await words('echo', 'c0', echo.box), 'kello')
  assert.equal(await words('files', 'ab', file), 'kuva')
  assert.equal(await words('drafts', 'capture', draft), 'kesken')
  assert.equal(await signPublic({ disk: again, vault: next }), point)
  assert.equal((await authorKey({ disk: again, vault: next })).key.extractable, false)
  await assert.rejects(vault.open('outbox', 'c1', change.box))
  assert.equal(await again.get('meta', DATA_KEY), undefined)
})

test('what another window writes meanwhile is not lost: the exchange refuses, and its connection is shut', async () => {
  const { disk, vault } = await lived()
  const was = await contents(disk)
  const box = await vault.seal('outbox', 'c2', utf8.encode('tuoli'))
  await disk.write([
    { store: 'outbox', value: { id: 'c2', epoch: 'e', box, again: false, left: [], notes: [] } },
  ])
  const { done } = await put(disk.name, was)
  assert.ok(!done)
  const again = await openDisk(disk.name)
  assert.equal((await contents(again)).outbox.length, 2)
  assert.equal(asLockRow(await again.get('meta', LOCK)), null)
  await assert.rejects(disk.write([{ store: 'meta', key: 'late', value: 1 }]))
})

test('D-51 a copy that opens by its PIN gets the strong lock that its tablet has by now, and loses it again', async () => {
  const [disk, device] = [memoryDisk('v-p-1'), memoryDisk('v-device')]
  const { row, by } = await locked(disk, device)
  const share = random(32)
  const opened = async (from: LockRow, way: ByPin) => {
    const dataKey = await unwrap(from.pin, way, disk.name, true)
    assert.ok(dataKey)
    return { row: from, device: 'ab'.repeat(16), dataKey }
  }
  const on = { device: 'cd'.repeat(16), name: '', teams: [], lockS: 120, strong: true }
  assert.equal(dueOn(on, row), 'strong')
  const key = await relock(disk, await opened(row, by), by, { share, random })
  assert.equal(key.extractable, false)
  const strong = asLockRow(await disk.get('meta', LOCK))
  assert.ok(strong)
  assert.deepEqual(strong.strong, { device: 'ab'.repeat(16) })
  assert.equal(await unwrap(strong.pin, by, disk.name), null, 'the PIN alone opens it no more')
  assert.equal(dueOn(on, strong), null)

  const off = { ...on, strong: false }
  assert.equal(dueOn(off, strong), 'plain')
  await relock(disk, await opened(strong, { ...by, share }), { ...by, share }, { share: null, random })
  const plain = asLockRow(await disk.get('meta', LOCK))
  assert.ok(plain && (await unwrap(plain.pin, by, disk.name)))
  assert.deepEqual([plain.strong, dueOn(off, plain), dueOn(null, plain)], [undefined, null, null])
})
