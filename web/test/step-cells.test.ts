import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { stepCells } from '../src/intents/step-cells.ts'

const OLD = { '10': 'Sovi', '19': 'Kysy', '28': 'Kerro' }

const after = (before: Readonly<Record<string, string>>, cells: Readonly<Record<string, string | null>>) =>
  Object.entries({ ...before, ...cells })
    .filter((one): one is [string, string] => one[1] !== null)
    .sort(([a], [b]) => a.localeCompare(b))

const keyOf = (rows: readonly (readonly [string, string])[], words: string) =>
  rows.find(([, one]) => one === words)?.[0]

test('C6 the first steps of a task leave room between them', () => {
  assert.deepEqual(stepCells({}, ['Sovi', 'Kysy', 'Kerro']), OLD)
})

test('C6 a reworded step keeps its key, and with it the ticks', () => {
  assert.deepEqual(stepCells(OLD, ['Sovi', 'Kysy kahdelta', 'Kerro']), { '19': 'Kysy kahdelta' })
})

test('C6 a step that is put between, taken away or moved touches no other', () => {
  assert.deepEqual(Object.values(stepCells(OLD, ['Sovi', 'Odota', 'Kysy', 'Kerro'])), ['Odota'])
  assert.deepEqual(stepCells(OLD, ['Sovi', 'Kerro']), { '19': null })
  const moved = after(OLD, stepCells(OLD, ['Kerro', 'Sovi', 'Kysy']))
  assert.deepEqual([keyOf(moved, 'Sovi'), keyOf(moved, 'Kysy')], ['10', '19'])
  assert.deepEqual(
    moved.map(([, words]) => words),
    ['Kerro', 'Sovi', 'Kysy'],
  )
})

test('C6 nobody finds a tick of theirs under a step that they have not done', () => {
  const old = { '01': 'Sovi', '02': 'Kysy', '03': 'Kerro' } // as older tasks have them: no room between
  const now = after(old, stepCells(old, ['Sovi', 'Odota', 'Kysy', 'Kerro'], ['01', '02', '03', '04']))
  assert.deepEqual(
    now.map(([, words]) => words),
    ['Sovi', 'Odota', 'Kysy', 'Kerro'],
  )
  assert.equal(keyOf(now, 'Sovi'), '01')
  for (const [key, words] of now.slice(1)) assert.ok(!(key in old) && key !== '04', words)
})

test('C6 whatever the steps become, they stand in their order and those that stay in place keep their keys', () => {
  const steps = fc.uniqueArray(fc.constantFrom(...'ABCDEFGHIJKLMN'), { maxLength: 10 })
  fc.assert(
    fc.property(fc.array(steps, { minLength: 1, maxLength: 8 }), (edits) => {
      let cells: Record<string, string> = {}
      const taken = new Set<string>()
      for (const lines of edits) {
        const changes = stepCells(cells, lines, [...taken])
        for (const key of Object.keys(changes)) taken.add(key)
        const now = after(cells, changes)
        assert.deepEqual(
          now.map(([, words]) => words),
          lines,
        )
        for (const [key] of now) assert.match(key, /^\d\d$/)
        cells = Object.fromEntries(now)
      }
    }),
  )
})
