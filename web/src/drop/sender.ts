/** When what waits in the drop box leaves: alone, after a wait that only chance knows, never beside a sync (D-69). */

import type { Clock } from '../clock.ts'
import { sendOne, waitingDrops } from '../drop.ts'
import type { Wire } from '../link/wire.ts'

const LONGEST_MS = 10 * 60_000

/** What the sender needs of the world. */
export interface Ways {
  clock: Clock
  /** Without cookies. */
  wire: Wire
  /** Whether nothing else is on its way to the server right now. */
  calm: () => boolean
  online: () => boolean
}

/** One sender: `wake` makes it look whether something waits. Only one wait runs at a time. */
export function makeSender({ clock, wire, calm, online }: Ways): { wake: () => Promise<void> } {
  let isArmed = false
  const arm = () => {
    if (isArmed) return
    isArmed = true
    clock.after(delay(clock.random), async () => {
      isArmed = false
      if (!online()) return
      const sent = calm() ? await sendOne(wire, clock.random).catch(() => 'waits') : 'waits'
      if (sent !== 'none') await wake()
    })
  }
  const wake = async () => {
    if (online() && (await waitingDrops()) > 0) arm()
  }
  return { wake }
}

/** From nothing to ten minutes. */
export function delay(random: Clock['random']): number {
  const [high = 0, low = 0] = random(2)
  return Math.floor((((high << 8) | low) / 65_536) * LONGEST_MS)
}
