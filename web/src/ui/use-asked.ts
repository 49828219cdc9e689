import { useEffect, useRef, useState } from 'preact/hooks'
import type { Result } from '../link.ts'
import { whyNot } from './account.ts'

/** What the server answers when a screen opens, and how to ask again; `fault` says in words why there is nothing. */
export interface Asked<T> {
  value: T | null
  fault: string
  again: () => Promise<void>
  /** What is known of it before the server is asked again: a change that it has just taken. */
  put: (value: T) => void
}

export function useAsked<T>(ask: () => Promise<Result<T>>): Asked<T> {
  const [value, setValue] = useState<T | null>(null)
  const [fault, setFault] = useState('')
  const asked = useRef(0)
  const again = async () => {
    const mine = ++asked.current
    const got = await ask()
    if (mine !== asked.current) return
    if (got.ok) setValue(got.value)
    setFault(got.ok ? '' : whyNot(got))
  }
  useEffect(() => {
    again()
  }, [])
  const put = (known: T) => {
    asked.current++
    setValue(known)
  }
  return { value, fault, again, put }
}
