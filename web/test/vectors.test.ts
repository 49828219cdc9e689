import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import {
  type Change,
  decode,
  decodeChanges,
  decodeFrame,
  decodeSync,
  decodeSynced,
  encode,
  encodeChange,
  encodeFrame,
  encodeSync,
  type Frame,
  Malformed,
} from '../src/codec.ts'

/** [name, why, bytes, plain, canonical]: tools/gen_vectors.py says what they mean. */
type Vector = readonly [
  name: string,
  why: string,
  bytes: Uint8Array,
  plain: unknown,
  canonical: boolean | null,
]

const FOLDER = path.join(process.cwd(), '..', 'tests', 'vectors')

function vectors(file: string): Vector[] {
  const listed = decode(new Uint8Array(readFileSync(path.join(FOLDER, `${file}.msgpack`))))
  assert.ok(Array.isArray(listed) && listed.length > 0)
  return listed.map((item: unknown) => {
    assert.ok(Array.isArray(item) && item.length === 5)
    const [name, why, bytes, plain, canonical]: unknown[] = item
    assert.ok(typeof name === 'string' && typeof why === 'string' && bytes instanceof Uint8Array)
    assert.ok(canonical === null || typeof canonical === 'boolean')
    return [name, why, bytes, plain, canonical]
  })
}

/** Every case: what is refused, what is read, and what is written again from what was read. */
function check(file: string, again: (bytes: Uint8Array) => Uint8Array): void {
  for (const [name, , bytes, plain, canonical] of vectors(file)) {
    if (canonical === null) {
      assert.throws(() => again(bytes), Malformed, name)
      continue
    }
    assert.deepEqual(hex(again(bytes)), hex(encode(plain)), name)
    assert.equal(hex(encode(plain)) === hex(bytes), canonical, name)
  }
}

test('values are read and written as in Python', () => {
  check('values', (bytes) => encode(decode(bytes)))
})

test('changes are read and written as in Python', () => {
  check('changes', (bytes) => {
    const [only, ...others] = decodeChanges(bytes)
    if (only === undefined || others.length > 0) throw new Malformed('not one change')
    return encodeChange(only.change)
  })
})

test('syncs are read and written as in Python', () => {
  check('syncs', (bytes) => {
    const { changes, ...head } = decodeSync(bytes)
    return encodeSync({ ...head, changes: changes.map((change: Change) => encodeChange(change)) })
  })
})

test('frames are read and written as in Python', () => {
  check('frames', (bytes) => written(decodeFrame(bytes)))
})

test('replies are read as in Python', () => {
  for (const [name, , bytes, plain] of vectors('replies')) {
    assert.ok(Array.isArray(plain), name)
    const [epoch, now, sent, grants, verdicts, frames, behind, stable] = plain
    const read = decodeSynced(bytes)
    assert.deepEqual([read.epoch, read.now, read.sent], [hex(epoch), now, sent], name)
    const spaces = read.grants?.spaces.map((g) => [g.space, g.role, g.kind, g.name])
    assert.deepEqual(read.grants && [read.grants.version, spaces], grants, name)
    const judged = read.verdicts.map((v) => [v.id, v.code, v.seq, v.reason, v.field])
    assert.deepEqual(judged, verdicts.map(asRead), name)
    assert.deepEqual(
      read.frames.map((frame) => hex(written(frame))),
      frames.map((frame: unknown) => hex(encode(frame))),
      name,
    )
    assert.deepEqual(read.behind, behind, name)
    assert.deepEqual(read.stable, stable instanceof Map ? stable : new Map(), name)
  }
})

test('there are five hundred vectors and more', () => {
  const files = ['values', 'changes', 'syncs', 'frames', 'replies']
  assert.ok(files.reduce((sum, file) => sum + vectors(file).length, 0) >= 500)
})

function written(frame: Frame): Uint8Array {
  return encodeFrame({ ...frame, rows: frame.rows })
}

/** A verdict as the client reads it: of the details only reason and field. */
function asRead([id, code, seq, detail]: [
  Uint8Array,
  number,
  number,
  { reason?: string; field?: string } | null,
]) {
  return [hex(id), code, seq, detail?.reason ?? '', detail?.field ?? '']
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
