import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SharedStrength } from '../src/replica.ts'
import { mapOf } from '../src/ui/strength-map.ts'

const MEMBERS = new Set([1, 2, 3, 4, 5, 6])

const shared = (by: number | null, strength: SharedStrength['strength']): SharedStrength => ({
  id: `${by}${strength}`,
  kind: 'shared_strength',
  space: 7,
  seq: 1,
  by,
  made: 0,
  changed: 0,
  state: 'delivered',
  raw: {},
  gone: null,
  revived: false,
  forks: [],
  strength,
  note: '',
})

test('B13 a map needs five who have shared something', () => {
  const four = [1, 2, 3, 4].map((by) => shared(by, 'asker'))
  assert.equal(mapOf(four, MEMBERS), null)
  assert.deepEqual(mapOf([...four, shared(5, 'asker')], MEMBERS), { many: ['asker'], some: [] })
})

test('B13 one who shares often, who has left, or who is unknown makes no fifth', () => {
  const four = [1, 2, 3, 4].map((by) => shared(by, 'asker'))
  assert.equal(mapOf([...four, shared(4, 'twinkle'), shared(4, 'asker')], MEMBERS), null)
  assert.equal(mapOf([...four, shared(9, 'asker'), shared(null, 'asker')], MEMBERS), null)
})

test('H4 a map has words in the order of the deck, and neither number nor person', () => {
  const five = [1, 2, 3, 4, 5].map((by) => shared(by, 'twinkle'))
  const map = mapOf([...five, shared(6, 'word_finder'), shared(1, 'asker'), shared(2, 'asker')], MEMBERS)
  assert.deepEqual(map, { many: ['twinkle'], some: ['word_finder', 'asker'] })
})

test('B13 H4 two maps apart by one person tell no more than that person has shown by name', () => {
  const deck = ['asker', 'twinkle', 'word_finder', 'sharp_eye', 'finisher'] as const
  const chosen = [0b00011, 0b00101, 0b00111, 0b10001, 0b01001, 0b10110]
  const shown = (who: number) => deck.filter((_, bit) => (chosen[who - 1] ?? 0) & (1 << bit))
  const mapWithout = (left: number) => {
    const people = [...MEMBERS].filter((who) => who !== left)
    return mapOf(
      people.flatMap((who) => shown(who).map((strength) => shared(who, strength))),
      new Set(people),
    )
  }
  const before = mapWithout(0)
  assert.ok(before)
  for (const who of MEMBERS) {
    const after = mapWithout(who)
    assert.ok(after)
    const moved: readonly (typeof deck)[number][] = deck.filter(
      (strength) =>
        before.many.includes(strength) !== after.many.includes(strength) ||
        before.some.includes(strength) !== after.some.includes(strength),
    )
    assert.deepEqual(
      moved.filter((strength) => !shown(who).includes(strength)),
      [],
    )
  }
})

test('B13 with the fifth who shares goes the whole map', () => {
  const five = [1, 2, 3, 4, 5].map((by) => shared(by, 'asker'))
  assert.ok(mapOf(five, MEMBERS))
  assert.equal(mapOf(five.slice(1), MEMBERS), null)
  assert.equal(mapOf(five, new Set([1, 2, 3, 4])), null)
})
