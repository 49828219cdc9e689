import type { ReadonlySignal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'

/** A signal's value of a moment ago: the keystroke is drawn first, what follows from it right after that. */
export function useCalm<T>(source: ReadonlySignal<T>): T {
  const [calm, setCalm] = useState(source.peek())
  useEffect(() => {
    let frame = 0
    const stop = source.subscribe((value) => {
      cancelAnimationFrame(frame)
      // Two frames: the first is the one that draws the keystroke.
      frame = requestAnimationFrame(() => {
        frame = requestAnimationFrame(() => setCalm(() => value))
      })
    })
    return () => {
      stop()
      cancelAnimationFrame(frame)
    }
  }, [source])
  return calm
}
