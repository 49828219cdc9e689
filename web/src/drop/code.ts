/** The code with which whoever dropped something reads the answer: four words, made on the device (D-71). */

import type { Clock } from '../clock.ts'
import { WORDS } from './words.ts'

const MANY = 4
const ROUNDS = 600_000
const utf8 = new TextEncoder()

/** A new code: 44 bits of chance as four words with one space between. */
export function newCode(random: Clock['random']): string {
  const bytes = random(2 * MANY)
  const word = (_: unknown, i: number) =>
    WORDS[(((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)) % WORDS.length]
  return Array.from({ length: MANY }, word).join(' ')
}

/** The code as somebody typed it, or as a link carries it; null when it can't be one. */
export function readCode(typed: string): string | null {
  const words =
    typed
      .normalize('NFC')
      .toLowerCase()
      .match(/\p{L}+/gu) ?? []
  return words.length === MANY && words.every((word) => WORDS.includes(word)) ? words.join(' ') : null
}

/** What the server is told in place of the code: 32 bytes of PBKDF2. */
export async function proofOf(code: string): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('raw', utf8.encode(code), 'PBKDF2', false, ['deriveBits'])
  const how = {
    name: 'PBKDF2',
    hash: 'SHA-256',
    salt: utf8.encode('virtaamo/claim/1'),
    iterations: ROUNDS,
  }
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256))
}
