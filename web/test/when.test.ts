import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shortDate } from '../src/ui/when.ts'

const noon = (date: string) => new Date(`${date}T12:00:00`).getTime()

test('a day has its year only where one could take it for a nearer one', () => {
  const now = noon('2026-11-23')
  const said = (date: string) => ['fi', 'sv', 'en'].map((lang) => shortDate(noon(date), lang, now))
  assert.deepEqual(said('2026-11-21'), ['21.11.', '21.11', '21 Nov'])
  assert.deepEqual(said('2027-01-03'), ['3.1.', '3.1', '3 Jan'])
  assert.deepEqual(said('2026-02-03'), ['3.2.', '3.2', '3 Feb'])
  assert.deepEqual(said('2030-11-21'), ['21.11.2030', '21.11.2030', '21 Nov 2030'])
  assert.deepEqual(said('2025-11-21'), ['21.11.2025', '21.11.2025', '21 Nov 2025'])
})
