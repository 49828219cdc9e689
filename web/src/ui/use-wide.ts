import { useEffect, useState } from 'preact/hooks'

const WIDE = '(min-width: 720px)'

/** Whether there is room for columns; follows the window. */
export function useWide(): boolean {
  const [wide, setWide] = useState(() => matchMedia(WIDE).matches)
  useEffect(() => {
    const query = matchMedia(WIDE)
    const on = () => setWide(query.matches)
    query.addEventListener('change', on)
    return () => query.removeEventListener('change', on)
  }, [])
  return wide
}
