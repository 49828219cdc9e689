import { useEffect } from 'preact/hooks'
import { saveDraft } from '../intents.ts'
import { sawNow } from './seen.ts'
import { useShell } from './shell.ts'

/** Remember on this device that these words have been opened. */
export function useSeeing(id: string, words: string | undefined) {
  const shell = useShell()
  useEffect(() => {
    if (words === undefined) return
    shell.seen.value = sawNow(shell.seen.peek(), id, words)
    saveDraft('seen', { ...shell.seen.peek() })
  }, [id, words])
}
