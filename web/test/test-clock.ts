import type { Clock } from '../src/clock.ts'
import { makeClock } from '../src/clock.ts'

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
