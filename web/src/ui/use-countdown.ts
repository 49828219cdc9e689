import { useEffect, useState } from 'preact/hooks'
import { useShell } from './shell.ts'

const SECOND_MS = 1_000

/** Whole seconds that are left of `ms`; counts anew whenever `of` changes. */
export function useCountdown(ms: number, of: unknown): number {
  const { clock } = useShell()
  const [left, setLeft] = useState(0)
  useEffect(() => {
    const end = clock.wall() + ms
    let cancel = () => {}
    const tick = () => {
      const now = Math.max(0, Math.ceil((end - clock.wall()) / SECOND_MS))
      setLeft(now)
      if (now > 0) cancel = clock.after(SECOND_MS, tick)
    }
    tick()
    return () => cancel()
  }, [ms, of])
  return left
}
