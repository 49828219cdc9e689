import { useShell } from './shell.ts'
import { TabletDrop } from './tablet-drop.tsx'
import { TabletLock } from './tablet-lock.tsx'

/** A tablet at which nobody is: its lock screen, or the drop box, which takes no PIN. */
export function TabletDoor() {
  const shell = useShell()
  if (shell.route.value.at !== 'drop') return <TabletLock />
  return <TabletDrop done={() => shell.go({ at: 'today' }, true)} />
}
