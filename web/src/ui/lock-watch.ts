import { signal } from '@preact/signals'
import { lockNow } from '../app-lock.ts'
import type { Clock } from '../clock.ts'

const MINUTE_MS = 60_000

const minutes = signal<number | undefined>(undefined)

/** Read the setting while the window is in front: who hides it may freeze it before a disk answers. */
export async function readMinutes(): Promise<void> {
  minutes.value = (await lockNow())?.minutes
}

/**
 * Lock after so many minutes in the background. Time is what the clock on the wall or the one that runs says, whichever
 * is more, and it is asked before anything is painted (D-55). Locking is a reload: it drops all that was readable (D-56).
 */
export function watchBackground(clock: Clock): void {
  const never = { wall: Number.POSITIVE_INFINITY, ran: Number.POSITIVE_INFINITY }
  let due = never
  let cancel = () => {}
  const hide = () => {
    const left = minutes.peek()
    if (left === undefined) return
    due = { wall: clock.wall() + left * MINUTE_MS, ran: performance.now() + left * MINUTE_MS }
    cancel()
    cancel = clock.after(left * MINUTE_MS, lock)
  }
  const show = () => {
    cancel()
    if (clock.wall() >= due.wall || performance.now() >= due.ran) lock()
    due = never
    readMinutes()
  }
  const look = () => {
    if (document.visibilityState === 'hidden') hide()
    else show()
  }
  for (const event of ['visibilitychange', 'resume']) document.addEventListener(event, look)
  addEventListener('pageshow', look)
  readMinutes()
}

function lock(): void {
  document.body.hidden = true
  location.reload()
}
