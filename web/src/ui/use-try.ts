import { failureWords } from './failure.ts'
import { useShell } from './shell.ts'

/** Do it; true once it is safe on this device. When the device can't keep it, that is said, and nothing has changed. */
export function useTry(): (what: Promise<void>) => Promise<boolean> {
  const shell = useShell()
  return (what) =>
    what.then(
      () => true,
      (why: unknown) => {
        shell.say({ icon: 'circle-alert', text: failureWords(why) })
        return false
      },
    )
}
