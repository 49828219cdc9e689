import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bare } from '../src/ui/photo.ts'

const text = (s: string) => [...s].map((c) => c.charCodeAt(0))
const segment = (marker: number, body: number[]) => [
  0xff,
  marker,
  (body.length + 2) >> 8,
  (body.length + 2) & 255,
  ...body,
]
const JFIF = segment(0xe0, [...text('JFIF\0'), 1, 1])
const ICC = segment(0xe2, [...text('ICC_PROFILE\0'), 1, 1, 9])
const TABLE = segment(0xdb, [1, 2, 0xff, 0xd9, 3])
const SCAN = [...segment(0xda, [1, 2]), 7, 0xff, 0, 8, 0xff, 0xd0, 9]
const clean = [0xff, 0xd8, ...JFIF, ...ICC, ...TABLE, ...SCAN, 0xff, 0xd9]

test('place, camera and comments are taken out of a photo, its picture stays byte for byte', () => {
  const exif = segment(0xe1, text('Exif\0\0GPS'))
  const mpf = segment(0xe2, text('MPF\0hidden'))
  const said = segment(0xfe, text('a comment'))
  const dirty = [
    0xff,
    0xd8,
    ...JFIF,
    ...exif,
    ...ICC,
    ...mpf,
    ...said,
    ...TABLE,
    ...SCAN,
    0xff,
    0xd9,
    1,
    2,
    3,
  ]
  assert.deepEqual([...bare(new Uint8Array(dirty))], clean)
})

test('a clean photo stays as it is', () => {
  assert.deepEqual([...bare(new Uint8Array(clean))], clean)
})

test('a comment between the scans of a progressive photo goes too', () => {
  const two = [0xff, 0xd8, ...SCAN, ...segment(0xfe, [1]), ...SCAN, 0xff, 0xd9]
  assert.deepEqual([...bare(new Uint8Array(two))], [0xff, 0xd8, ...SCAN, ...SCAN, 0xff, 0xd9])
})
