import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TITLE_MAX, titleOf } from '../src/ui/title.ts'

test('the first sentence becomes the title and the rest the text', () => {
  assert.deepEqual(titleOf('Ylin hylly on liian korkealla. Siirretään dosetit.'), {
    title: 'Ylin hylly on liian korkealla',
    rest: 'Siirretään dosetit.',
  })
  assert.deepEqual(titleOf('Eväskaappi\nYövuorolle oma.'), { title: 'Eväskaappi', rest: 'Yövuorolle oma.' })
  assert.deepEqual(titleOf('Klo 6.40 on hiljaista'), { title: 'Klo 6.40 on hiljaista', rest: '' })
})

test('a long first sentence is cut at a word and stays whole in the text', () => {
  const long =
    'Jos dosetit siirretään keskihyllylle, kukaan ei joudu kurkottelemaan aamujaossa eikä iltajaossa'
  const { title, rest } = titleOf(long)
  assert.equal(rest, long)
  assert.ok([...title].length <= TITLE_MAX && title.endsWith('…'))
  assert.ok(long.startsWith(title.slice(0, -1)))
})

test('no letter of a text without spaces is lost', () => {
  const long = 'ä'.repeat(200)
  assert.equal(titleOf(long).rest, long)
  assert.equal([...titleOf(long).title].length, TITLE_MAX)
})
