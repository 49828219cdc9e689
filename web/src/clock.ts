/** Time, waiting and random numbers: the one door to them, so that a test holds all three. */

import { hex } from './msgpack.ts'

const AHEAD_MS = 60_000
const SLOW_REPLY_MS = 10_000

export interface Clock {
  /** Milliseconds since 1970 by the server's clock as far as we know it; every answer is larger than the one before. */
  now(): number
  /** What this device's own clock says. */
  wall(): number
  /** Learn from a reply: the server's time in it, and how long the round trip took. */
  correct(serverNow: number, roundTripMs: number): void
  /** A new card id (UUIDv7) in 32 hexadecimal characters. */
  cardId(): string
  random(size: number): Uint8Array<ArrayBuffer>
  /** Call `fn` once after `ms`; the answer cancels it. */
  after(ms: number, fn: () => void): () => void
}

/** The clock of this device. */
export function realClock(): Clock {
  const after = (ms: number, fn: () => void) => {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  }
  return makeClock(Date.now, after, (size) => crypto.getRandomValues(new Uint8Array(size)))
}

/** A clock over these sources of time, waiting and chance. */
export function makeClock(wall: () => number, after: Clock['after'], random: Clock['random']): Clock {
  let offset = 0
  let last = 0
  const now = () => {
    const corrected = Math.floor(wall() + offset)
    // Growing, unless an earlier time was so far ahead that following it would carry a wrong clock on.
    last = last + 1 > corrected && last + 1 <= corrected + AHEAD_MS ? last + 1 : corrected
    return last
  }
  const correct = (serverNow: number, roundTripMs: number) => {
    if (roundTripMs >= 0 && roundTripMs < SLOW_REPLY_MS)
      offset = Math.round(serverNow + roundTripMs / 2 - wall())
  }
  const cardId = () => {
    const at = Math.floor(wall() + offset)
      .toString(16)
      .padStart(12, '0')
    const [first = 0, ...others] = random(10)
    // Version 7, then twelve random bits, the variant, and the rest.
    const rest = hex(Uint8Array.from(others))
    return `${at}7${rest.slice(0, 3)}${'89ab'[first & 3]}${rest.slice(3)}`
  }
  return { now, wall, correct, cardId, random, after }
}
