import { useEffect, useState } from 'preact/hooks'
import { watchIdle } from './idle.ts'
import { useShell } from './shell.ts'

/** Whoever walks away leaves nothing for the next one to read. */
const OPEN_S = 120

/** On a locked tablet: after a while without a touch a whole new page takes the place of this one (D-56). */
export function useLeftAlone(): ReturnType<typeof watchIdle> | null {
  const { clock } = useShell()
  const [watch, setWatch] = useState<ReturnType<typeof watchIdle> | null>(null)
  useEffect(() => {
    const lock = () => location.replace('/')
    const made = watchIdle({ clock, ran: () => performance.now(), seconds: () => OPEN_S, lock })
    setWatch(made)
    return made.stop
  }, [])
  return watch
}
