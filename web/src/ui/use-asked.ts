import { useEffect, useState } from 'preact/hooks'
import type { Result } from '../link.ts'
import { whyNot } from './account.ts'

/** What the server answers when a screen opens, and how to ask again; `fault` says in words why there is nothing. */
export interface Asked<T> {
  value: T | null
  fault: string
  again: () => Promise<void>
}

export function useAsked<T>(ask: () => Promise<Result<T>>): Asked<T> {
  const [value, setValue] = useState<T | null>(null)
  const [fault, setFault] = useState('')
  const again = async () => {
    const got = await ask()
    if (got.ok) setValue(got.value)
    setFault(got.ok ? '' : whyNot(got))
  }
  useEffect(() => {
    again()
  }, [])
  return { value, fault, again }
}
