import { type ReadonlySignal, signal } from '@preact/signals'
import type { Clock } from '../clock.ts'

/** `ending`: the last seconds; `covered`: nothing is shown, and a tap still brings it back. */
export interface Wakefulness {
  state: 'awake' | 'ending' | 'covered'
  /** Seconds until it locks, or until the way back ends. */
  left: number
}

interface Ways {
  clock: Pick<Clock, 'wall' | 'after'>
  /** The clock that runs, in ms: it doesn't move when somebody sets the time. */
  ran: () => number
  /** After so many seconds without a touch. */
  seconds: () => number
  lock: () => void
}

const WARNING_S = 10
const WAY_BACK_S = 5
const HIDDEN_S = 15
const BEAT_MS = 1_000
const TOUCHES = ['pointerdown', 'keydown', 'wheel', 'input'] as const

/** Time that has passed by the clock on the wall or the one that runs, whichever says more (D-55). */
function since(ways: Ways): () => number {
  const wall = ways.clock.wall()
  const ran = ways.ran()
  return () => Math.max(ways.clock.wall() - wall, ways.ran() - ran) / 1_000
}

/**
 * Watches whether anybody is still at a shared tablet: warns, covers, and locks. A window that is hidden is covered at
 * once and locked after a quarter of a minute. Both are asked before anything is painted again (D-55).
 */
export function watchIdle(ways: Ways): {
  now: ReadonlySignal<Wakefulness>
  back: () => void
  stop: () => void
} {
  const now = signal<Wakefulness>({ state: 'awake', left: ways.seconds() })
  let idle = since(ways)
  let hidden: (() => number) | null = null
  let cancel = () => {}
  const look = () => {
    const left = ways.seconds() - idle()
    if (left <= -WAY_BACK_S || (hidden !== null && hidden() >= HIDDEN_S)) return end()
    if (left <= 0) now.value = { state: 'covered', left: Math.ceil(left + WAY_BACK_S) }
    else now.value = { state: left <= WARNING_S ? 'ending' : 'awake', left: Math.ceil(left) }
  }
  const end = () => {
    stop()
    cover(true)
    ways.lock()
  }
  const beat = () => {
    cancel = ways.clock.after(BEAT_MS, beat)
    look()
  }
  const touched = () => {
    if (now.peek().state === 'covered') return
    idle = since(ways)
    if (now.peek().state === 'ending') look()
  }
  const turn = () => {
    const isHidden = document.visibilityState === 'hidden'
    if (isHidden) hidden ??= since(ways)
    cover(true)
    look()
    if (isHidden || isOver) return
    hidden = null
    cover(false)
  }
  let isOver = false
  const freeze = () => cover(true)
  function stop(): void {
    isOver = true
    cancel()
    for (const kind of TOUCHES) removeEventListener(kind, touched, true)
    for (const kind of ['visibilitychange', 'resume']) document.removeEventListener(kind, turn)
    document.removeEventListener('freeze', freeze)
    removeEventListener('pageshow', turn)
  }
  for (const kind of TOUCHES) addEventListener(kind, touched, { capture: true, passive: true })
  for (const kind of ['visibilitychange', 'resume']) document.addEventListener(kind, turn)
  document.addEventListener('freeze', freeze)
  addEventListener('pageshow', turn)
  cancel = ways.clock.after(BEAT_MS, beat)
  // The screen may have gone dark while the PIN was being looked at.
  if (document.visibilityState === 'hidden') turn()
  const back = () => {
    idle = since(ways)
    look()
  }
  return { now, back, stop }
}

/** Take everything from the screen, or give it back, in this very frame. */
function cover(on: boolean): void {
  document.body.hidden = on
}
