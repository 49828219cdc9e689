import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientHint } from '../src/ui/client-data.ts'

// Invented numbers only: 900–999 are given to nobody.
const MARKS = '0123456789ABCDEFHJKLMNPRSTUVWXY'
const code = (date: string, sign: string, order: string) =>
  `${date}${sign}${order}${MARKS[Number(date + order) % 31]}`

test('a valid identity code is found with every sign, in lower case and with spaces', () => {
  for (const sign of '+-ABCDEFUVWXY') {
    const one = code('010190', sign, '901')
    assert.equal(clientHint(`Asukas ${one} kaatui`).code, one)
    assert.equal(clientHint(one.toLowerCase()).code, one.toLowerCase())
  }
  const spaced = code('131052', '-', '950').replace('-', ' - ')
  assert.equal(clientHint(`koodi ${spaced}.`).code, spaced)
})

test('a code with a wrong check mark only raises the gentle question', () => {
  const right = code('131052', '-', '950')
  const wrong = right.slice(0, -1) + MARKS[(MARKS.indexOf(right.at(-1) ?? '') + 1) % 31]
  assert.deepEqual(clientHint(wrong), { code: null, maybe: wrong })
})

test('a day that never was is no code', () => {
  assert.equal(clientHint(code('310290', '-', '901')).code, null)
  assert.equal(clientHint(code('290200', '-', '901')).code, null)
  assert.notEqual(clientHint(code('290200', 'A', '901')).code, null)
})

test('what may be about a client is asked about', () => {
  const said = [
    'Soita 040 123 4567',
    'numero +358 40 1234567',
    'mari.esimerkki@example.org',
    'Käy osoitteessa Koivukatu 12',
    'på Björkgatan 4',
    'huone 12 on kylmä',
    'Rum 12 är kallt',
    'rouva Virtanen pyysi',
    'herr Öhman bad',
    'syntynyt 3.4.1931',
    'hänellä on dementia',
  ]
  for (const text of said) assert.notEqual(clientHint(text).maybe, null, text)
})

test('everyday ideas pass without a question', () => {
  const said = [
    'Siirretään dosetit keskihyllylle.',
    'Kokous 3.12.2026 klo 13.30, huone on vapaa.',
    'Tilataan 12 uutta pyyhettä viikolla 48.',
    'Herra tiesi, että kärry vinkuu.',
    'Vi provar till slutet av januari.',
  ]
  for (const text of said) assert.deepEqual(clientHint(text), { code: null, maybe: null }, text)
})
