import assert from 'node:assert/strict'
import test from 'node:test'
import { hex } from '../src/codec.ts'
import { newCode, proofOf, readCode } from '../src/drop/code.ts'
import { WORDS } from '../src/drop/words.ts'
import { testClock } from './test-clock.ts'

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzäö']

/** Every text that one letter more, less or other makes of a word. */
function near(word: string): string[] {
  const at = Array.from({ length: word.length + 1 }, (_, i) => [word.slice(0, i), word.slice(i)] as const)
  return at.flatMap(([head, tail]) => [
    head + tail.slice(1),
    ...LETTERS.flatMap((letter) => [head + letter + tail, head + letter + tail.slice(1)]),
  ])
}

test('D-71 the list has 2,048 different words of 3 to 8 letters', () => {
  assert.equal(new Set(WORDS).size, 2048)
  assert.equal(WORDS.length, 2048)
  assert.deepEqual(
    WORDS.filter((word) => !/^[a-zäö]{3,8}$/.test(word)),
    [],
  )
})

test('D-71 no two words differ by a single letter', () => {
  const all = new Set(WORDS)
  const twins = WORDS.filter((word) => near(word).some((other) => other !== word && all.has(other)))
  assert.deepEqual(twins, [])
})

test('D-71 a code is four words of the list, drawn from chance alone, and is read as people type it', () => {
  const { random } = testClock()
  const codes = Array.from({ length: 200 }, () => newCode(random))
  for (const code of codes) assert.equal(readCode(code), code)
  assert.equal(new Set(codes).size, codes.length)
  assert.equal(readCode(' Aalto,HÖYHEN  pa\u0308hkina\u0308-öljy. '), 'aalto höyhen pähkinä öljy')
  assert.equal(readCode('#aalto-höyhen-pähkinä-öljy'), 'aalto höyhen pähkinä öljy')
  for (const wrong of [
    '',
    'aalto höyhen pähkinä',
    'aalto höyhen pähkinä öljj',
    'aalto aalto aalto aalto aalto',
  ])
    assert.equal(readCode(wrong), null)
})

test('D-71 the proof is PBKDF2-SHA-256 over the words, 600,000 rounds', async () => {
  // hashlib.pbkdf2_hmac('sha256', 'aalto höyhen pähkinä öljy'.encode(), b'virtaamo/claim/1', 600000)
  const known = 'd32b6a82cf0b72a511fa59fb7b03ca94d563369690f9ae5cb5bf0dfa237ba848'
  assert.equal(hex(await proofOf('aalto höyhen pähkinä öljy')), known)
})
