import { ClaimPage } from './claim-page.tsx'
import { IdleSigns } from './idle-signs.tsx'
import { useShell } from './shell.ts'
import { TabletDrop } from './tablet-drop.tsx'
import { TabletLock } from './tablet-lock.tsx'
import { useLeftAlone } from './use-left-alone.ts'

/** A tablet at which nobody is: its lock screen, the drop box, or the answer to what was dropped. Neither takes a PIN. */
export function TabletDoor() {
  const shell = useShell()
  const { at } = shell.route.value
  if (at === 'drop') return <TabletDrop done={() => shell.go({ at: 'today' }, true)} />
  return at === 'claim' ? <TabletClaim /> : <TabletLock />
}

/** An answer that was read is left to nobody. */
function TabletClaim() {
  const watch = useLeftAlone()
  return (
    <>
      <ClaimPage />
      {watch && <IdleSigns watch={watch} text="" />}
    </>
  )
}
