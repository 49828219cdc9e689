import { useEffect, useRef, useState } from 'preact/hooks'
import { draft, dropDraft, saveDraft } from '../intents.ts'
import { useShell } from './shell.ts'

type Words = Readonly<Record<string, string>>

const DRAFT_AFTER_MS = 1_000

/** Words of a form that survive a closed window: kept a second after the last key and when the window hides. */
export function useDraft<W extends Words>(key: string, empty: W) {
  const shell = useShell()
  const [words, setWords] = useState<W>(empty)
  const latest = useRef({ words, dirty: false })
  latest.current.words = words
  const keep = () => {
    if (!latest.current.dirty) return
    latest.current.dirty = false
    saveDraft(key, latest.current.words)
  }
  useEffect(() => {
    draft(key).then((kept) => {
      if (!latest.current.dirty) setWords(withKept(empty, kept))
    })
    const hide = () => document.visibilityState === 'hidden' && keep()
    document.addEventListener('visibilitychange', hide)
    return () => {
      document.removeEventListener('visibilitychange', hide)
      keep()
    }
  }, [key])
  useEffect(() => (latest.current.dirty ? shell.clock.after(DRAFT_AFTER_MS, keep) : undefined), [words])
  const set = (part: Partial<W>) => {
    latest.current.dirty = true
    setWords((before) => ({ ...before, ...part }))
  }
  const clear = () => {
    latest.current.dirty = false
    setWords(empty)
    return dropDraft(key)
  }
  return { words, set, clear }
}

/** What was kept, as far as it still has the form's fields. */
function withKept<W extends Words>(empty: W, kept: unknown): W {
  if (typeof kept !== 'object' || kept === null) return empty
  const found = Object.entries(kept).filter(([name, was]) => name in empty && typeof was === 'string')
  return { ...empty, ...Object.fromEntries(found) }
}
