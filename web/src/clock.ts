/** Time, waiting and random numbers: the one door to them, so that a test holds all three. */

const AHEAD_MS = 60_000
const SLOW_REPLY_MS = 10_000

export interface Clock {
  /** Milliseconds since 1970 by the server's clock as far as we know it; every answer is larger than the one before. */
  now(): number
  /** What this device's own clock says. */
  wall(): number
  /** Learn from a reply: the server's time in it, and how long the round trip took. */
  correct(serverNow: number, roundTripMs: number): void
  /** How far this device's clock is behind the server's (ms; negative when ahead). */
  offset(): number
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

export interface TestClock extends Clock {
  /** Let time pass; what was to happen meanwhile happens in its order. */
  pass(ms: number): void
  /** Set the device's clock as a person would; timers don't notice. */
  set(wall: number): void
}

/** A clock that stands still until it is told to move, with random numbers that repeat for equal seeds. */
export function testClock(start = 1_800_000_000_000, seed = 1): TestClock {
  let wall = start
  let elapsed = 0
  let state = seed
  const timers = new Map<number, { due: number; fn: () => void }>()
  let drawn = 0
  const after = (ms: number, fn: () => void) => {
    const key = drawn++
    timers.set(key, { due: elapsed + ms, fn })
    return () => void timers.delete(key)
  }
  const random = (size: number) =>
    new Uint8Array(size).map(() => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state >>> 24
    })
  const pass = (ms: number) => {
    const end = elapsed + ms
    for (;;) {
      const next = [...timers].filter(([, t]) => t.due <= end).sort((a, b) => a[1].due - b[1].due)[0]
      if (next === undefined) break
      timers.delete(next[0])
      wall += next[1].due - elapsed
      elapsed = next[1].due
      next[1].fn()
    }
    wall += end - elapsed
    elapsed = end
  }
  const set = (to: number) => {
    wall = to
  }
  return { ...makeClock(() => wall, after, random), pass, set }
}

function makeClock(wall: () => number, after: Clock['after'], random: Clock['random']): Clock {
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
    const bytes = random(16)
    const view = new DataView(bytes.buffer)
    const at = Math.floor(wall() + offset)
    view.setUint16(0, Math.floor(at / 2 ** 32))
    view.setUint32(2, at >>> 0)
    view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x70)
    view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80)
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  }
  return { now, wall, correct, offset: () => offset, cardId, random, after }
}
