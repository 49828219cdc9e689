import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differences } from '../src/ui/differences.ts'

const marked = (all: readonly { text: string; differs: boolean }[]) =>
  all.map((one) => (one.differs ? `[${one.text.trim()}]` : one.text.trim())).join(' ')

test('only the words that the other lacks are marked', () => {
  const [one, other] = differences(
    'Siirretään dosetit keskihyllylle heti.',
    'Siirretään dosetit alahyllylle lukkoon heti.',
  )
  assert.equal(marked(one), 'Siirretään dosetit [keskihyllylle] heti.')
  assert.equal(marked(other), 'Siirretään dosetit [alahyllylle lukkoon] heti.')
})

test('every letter is still there, spaces and line breaks too', () => {
  const [a, b] = ['Yksi  kaksi\n\nkolme neljä', '  kaksi kolme viisi ']
  const [one, other] = differences(a, b)
  assert.equal(one.map((s) => s.text).join(''), a)
  assert.equal(other.map((s) => s.text).join(''), b)
})
