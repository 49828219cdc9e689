import { useLayoutEffect, useRef, useState } from 'preact/hooks'

export const LEAST = 6
export const MOST = 12

interface PinParts {
  /** No PIN is taken just now. */
  off: boolean
  /** It has six digits: it is tried with the last of them, without another key. */
  six?: boolean
  enter: (pin: string) => void
}

export interface Pin {
  given: number
  /** Somebody was done before there were six digits. */
  short: boolean
  add: (digit: string) => void
  back: () => void
  done: () => void
}

/** The digits of a PIN as they come, by big keys or by a keyboard; Enter is done, Backspace takes the last one back. */
export function usePin({ off, six, enter }: PinParts): Pin {
  // Two digits may come before the first is drawn.
  const pin = useRef('')
  const [given, setGiven] = useState(0)
  const [short, setShort] = useState(false)
  const put = (next: string) => {
    pin.current = next
    setGiven(next.length)
  }
  const done = () => {
    if (off) return
    const whole = pin.current
    setShort(whole.length < LEAST)
    if (whole.length < LEAST) return
    put('')
    enter(whole)
  }
  const add = (digit: string) => {
    if (off) return
    put((pin.current + digit).slice(0, MOST))
    if (six && pin.current.length === LEAST) done()
  }
  const back = () => put(pin.current.slice(0, -1))
  // In step with what is shown: a digit typed right then must not reach keys that are still off.
  useLayoutEffect(() => {
    const typed = (event: KeyboardEvent) => {
      if (off || document.querySelector('dialog[open]')) return
      if (/^\d$/.test(event.key)) add(event.key)
      else if (event.key === 'Backspace') back()
      else if (event.key === 'Enter' && !(event.target instanceof HTMLButtonElement)) done()
    }
    addEventListener('keydown', typed)
    return () => removeEventListener('keydown', typed)
  })
  return { given, short, add, back, done }
}
