import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  decode,
  decodeChanges,
  decodeFrame,
  decodeSync,
  decodeSynced,
  decodeWhole,
  encode,
  encodeChange,
  encodeFrame,
  encodeSync,
  fieldAt,
  fromHex,
  hex,
  isHidden,
  Malformed,
} from '../src/codec.ts'
import type { Value } from '../src/gen/cards.ts'
import { turn } from './fake-server.ts'

const bytes = (...list: number[]) => new Uint8Array(list)

const value: fc.Memo<Value> = fc.memo((depth) =>
  fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.uint8Array({ maxLength: 300 }),
    ...(depth > 1 ? [fc.array(value(depth - 1), { maxLength: 20 })] : []),
  ),
)
const id16 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((id) => hex(id))
const id12 = fc.uint8Array({ minLength: 12, maxLength: 12 }).map((id) => hex(id))
const name = fc.string({ minLength: 1, maxLength: 40 }).filter((key) => key !== '__proto__')
const natural = fc.maxSafeNat()
const fields = fc.dictionary(name, value(2), { noNullPrototype: true })
const set = fc.dictionary(name, fc.tuple(value(2), value(2)), { noNullPrototype: true })
const PLAIN = { noNullPrototype: true }
const change = fc.record(
  { id: id12, space: natural, card: id16, kind: name, at: natural, base: natural, set },
  PLAIN,
)

test('a value comes back as it went', () => {
  fc.assert(fc.property(value(3), (sent) => assert.deepEqual(decode(encode(sent)), sent)))
})

test('integers take their shortest form', () => {
  const cases: [number, number[]][] = [
    [0, [0]],
    [127, [127]],
    [128, [0xcc, 128]],
    [255, [0xcc, 255]],
    [256, [0xcd, 1, 0]],
    [65535, [0xcd, 255, 255]],
    [65536, [0xce, 0, 1, 0, 0]],
    [2 ** 32 - 1, [0xce, 255, 255, 255, 255]],
    [2 ** 32, [0xcf, 0, 0, 0, 1, 0, 0, 0, 0]],
    [2 ** 53 - 1, [0xcf, 0, 31, 255, 255, 255, 255, 255, 255]],
    [-1, [0xff]],
    [-32, [0xe0]],
    [-33, [0xd0, 0xdf]],
    [-128, [0xd0, 0x80]],
    [-129, [0xd1, 0xff, 0x7f]],
    [-32768, [0xd1, 0x80, 0]],
    [-32769, [0xd2, 0xff, 0xff, 0x7f, 0xff]],
    [-(2 ** 31), [0xd2, 0x80, 0, 0, 0]],
    [-(2 ** 31) - 1, [0xd3, 255, 255, 255, 255, 127, 255, 255, 255]],
  ]
  for (const [number, packed] of cases) {
    assert.deepEqual([...encode(number)], packed)
    assert.equal(decode(bytes(...packed)), number)
  }
})

test('lengths take their shortest form at every border', () => {
  for (const length of [0, 1, 31, 32, 47, 48, 255, 256, 65535, 65536]) {
    for (const letter of ['a', 'ä', '漢', '😀']) {
      const sent = letter.repeat(Math.ceil(length / letter.length))
      assert.equal(decode(encode(sent)), sent)
    }
    const size = new Uint8Array(length)
    assert.deepEqual(decode(encode(size)), size)
    assert.equal(
      encode('a'.repeat(length)).length - length,
      length < 32 ? 1 : length < 256 ? 2 : length < 65536 ? 3 : 5,
    )
  }
})

test('texts keep every byte, also a byte order mark', () => {
  assert.equal(decode(encode('\ufeffmoi')), '\ufeffmoi')
  assert.equal(decode(encode(`\ufeff${'pitkä '.repeat(20)}`)), `\ufeff${'pitkä '.repeat(20)}`)
})

test('floats and other strangers have no place in a message', () => {
  assert.throws(() => encode(1.5), Malformed)
  assert.throws(() => encode(Number.NaN), Malformed)
  assert.throws(() => encode(() => 1), Malformed)
  assert.throws(() => decode(bytes(0xcb, 0, 0, 0, 0, 0, 0, 0, 0)), Malformed)
  assert.throws(() => decode(bytes(0xa2, 0xc3, 0x28)), Malformed)
})

test('whatever bytes arrive, reading ends with a value or with Malformed', () => {
  const readers = [decode, decodeSynced, decodeFrame, decodeSync, decodeChanges]
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...readers), (noise, read) => {
      try {
        read(noise)
      } catch (fault) {
        assert.ok(fault instanceof Malformed, String(fault))
      }
    }),
    { numRuns: 2_000 },
  )
})

test('a message cut short is malformed', () => {
  const whole = encodeSync({
    version: 1,
    epoch: 'ab'.repeat(8),
    grants: 3,
    cursors: new Map([[1, 2]]),
    changes: [],
    sent: 9,
  })
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => decodeSync(whole.subarray(0, length)), Malformed)
  }
})

test('a hundred thousand levels of nothing are refused, not run out of stack', () => {
  assert.throws(() => decode(new Uint8Array(100_000).fill(0x91)), Malformed)
})

test('changes come back as they went, one after another', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 5 }), (sent) => {
      const parts = sent.map((one) => encodeChange(one))
      const read = decodeChanges(bytes(...parts.flatMap((part) => [...part])))
      assert.deepEqual(
        read.map((one) => one.change),
        sent,
      )
      assert.deepEqual(
        read.map((one) => [...one.bytes]),
        parts.map((part) => [...part]),
      )
    }),
  )
})

test('a sync comes back as it went', () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 3 }),
      natural,
      fc.array(fc.tuple(natural, natural)),
      (changes, sent, pairs) => {
        const head = { version: 1, epoch: null, grants: 0, cursors: new Map(pairs), sent }
        const packed = encodeSync({ ...head, changes: changes.map((one) => encodeChange(one)) })
        assert.deepEqual(decodeSync(packed), { ...head, changes })
      },
    ),
  )
})

test('a frame comes back as it went, its fields read when asked for', () => {
  const space = fc.constant(4)
  const row = fc.record(
    { id: id16, kind: name, space, seq: natural, by: fc.option(natural), made: natural, raw: fields },
    PLAIN,
  )
  fc.assert(
    fc.property(fc.array(row, { maxLength: 5 }), natural, (rows, upto) => {
      const packed = encodeFrame({ space: 4, since: 0, upto, rows, count: rows.length, sum: 1 })
      const read = decodeFrame(packed)
      assert.deepEqual([...read.bytes], [...packed])
      const plain = read.rows.map(({ id, kind, space, seq, by, made, raw }) => ({
        id,
        kind,
        space,
        seq,
        by,
        made,
        raw,
      }))
      assert.deepEqual(plain, rows)
    }),
  )
})

test('a large frame is read in slices, and others have their turn between them', async () => {
  const rows = Array.from({ length: 10_000 }, (_, i) => ({ ...HEAD, seq: i, raw: { title: `Ajatus ${i}` } }))
  const packed = encodeFrame({ space: 4, since: 0, upto: 1, rows, count: rows.length, sum: 1 })
  const rests: (() => void)[] = []
  const after = (ms: number, fn: () => void) => {
    assert.equal(ms, 0)
    rests.push(fn)
    return () => {}
  }
  let turns = 0
  const reading = decodeWhole(packed, { after })
  for (const isRead = reading.then(() => true); !(await Promise.race([isRead, turn()])); turns++)
    rests.pop()?.()
  const seqs = (await reading).rows.map(({ seq, raw }) => [seq, raw.title])
  assert.deepEqual([turns, seqs], [2, rows.map(({ seq, raw }) => [seq, raw.title])])
})

const HEAD = { id: '0a'.repeat(16), kind: 'idea', space: 4, by: 2, made: 3 }

const rowOf = (raw: Readonly<Record<string, Value>>) => {
  const row = { ...HEAD, seq: 1, raw }
  const [read] = decodeFrame(encodeFrame({ space: 4, since: 0, upto: 1, rows: [row], count: 1, sum: 1 })).rows
  return read ?? assert.fail('no row')
}

test('one field is read without the others, which go on as they came', () => {
  fc.assert(
    fc.property(fields, (raw) => {
      const row = rowOf(raw)
      const ascii = Object.keys(raw).filter((key) => /^[ -~]*$/.test(key))
      for (const key of ascii) assert.deepEqual(fieldAt(row, key), raw[key])
      if (raw.absent === undefined) assert.equal(fieldAt(row, 'absent'), undefined)
      const again = encodeFrame({ space: 4, since: 0, upto: 1, rows: [row], count: 1, sum: 1 })
      assert.deepEqual(decodeFrame(again).rows[0]?.raw, raw)
      for (const key of ascii) assert.deepEqual(fieldAt(row, key), raw[key]) // after `raw` was read, too
    }),
  )
})

test('a card is hidden while it has a word of being gone or moved', () => {
  const hidden = (raw: Readonly<Record<string, Value>>) => isHidden(rowOf(raw))
  assert.equal(hidden({ title: 'a', gone: ['x', ''] }), true)
  assert.equal(hidden({ 'goals/1': true, merged_into: null, moved: 7 }), true)
  assert.equal(hidden({ title: 'gone', text: 'moved', 'goals/1': true, more: 1 }), false)
  assert.equal(hidden({ gone: null, moved: null }), false)
})

test('elements that a newer version added are passed over, whatever they are', () => {
  const epoch = fromHex('ab'.repeat(8))
  const strange = [0xca, 0, 0, 0, 0, 0xc7, 3, 5, 1, 2, 3, 0xd6, 1, 1, 2, 3, 4, 0x81, 0xa1, 0x61, 0xc0]
  const verdict = [...encode([new Uint8Array(12), 4, 17])]
  const message = bytes(
    0x98 + 4,
    ...encode(epoch),
    ...encode(1_800_000_000_000),
    5,
    0xc0,
    0x91,
    ...verdict,
    0x90,
    0x90,
    0x80,
    ...strange,
  )
  const read = decodeSynced(message)
  assert.equal(read.sent, 5)
  assert.deepEqual(read.verdicts, [{ id: '00'.repeat(12), code: 4, seq: 17, reason: '', field: '' }])
})
