import { effect, type Signal, signal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Clock } from '../clock.ts'
import { lastSync } from '../session.ts'
import { type BoardView, FIRST_VIEW } from './board-view.ts'
import { pathOf, type Route, routeOf } from './route.ts'
import type { Seen } from './seen.ts'

/** A short word about what just happened, with a way back where there is one. */
export interface Toast {
  text: string
  icon?: 'arrow-right' | 'check' | 'trash-2' | 'circle-alert'
  undo?: () => Promise<void>
}

/** What one open window shows: where we are, what is said, which sheet is open. Made once by main.tsx. */
export interface Shell {
  clock: Clock
  /** Milliseconds by the corrected clock, moved once a minute; for "eilen" and "odottanut 9 pv". */
  now: Signal<number>
  /** What the browser says of the network. A hint for the words shown, never a reason not to try. */
  online: Signal<boolean>
  route: Signal<Route>
  toast: Signal<Toast | null>
  board: Signal<BoardView>
  /** What has been opened on this device; see seen.ts. */
  seen: Signal<Seen>
  /** When the server was heard before this window opened. */
  heard: Signal<number | null>
  capture: Signal<'idea' | 'observation' | null>
  /** Words stand on the screen that no draft keeps. */
  unkept: Signal<boolean>
  /** A newer version of the app waits for the person. */
  update: Signal<(() => void) | null>
  /** Chromium's offer to install, kept until the person takes it. */
  install: Signal<(() => Promise<void>) | null>
  go: (to: Route, replace?: boolean) => void
  say: (toast: Toast | null) => void
}

const MINUTE_MS = 60_000

export function makeShell(clock: Clock): Shell {
  const shell: Shell = {
    clock,
    now: signal(clock.now()),
    online: signal(navigator.onLine),
    route: signal(routeOf(location)),
    toast: signal(null),
    board: signal(FIRST_VIEW),
    seen: signal({}),
    heard: signal(null),
    capture: signal(null),
    unkept: signal(false),
    update: signal(null),
    install: signal(null),
    go(to, replace = false) {
      history[replace ? 'replaceState' : 'pushState']({ inside: true }, '', pathOf(to))
      shell.route.value = to
      scrollTo(0, 0)
    },
    say(toast) {
      shell.toast.value = toast
    },
  }
  addEventListener('popstate', () => {
    shell.route.value = routeOf(location)
  })
  for (const change of ['online', 'offline'])
    addEventListener(change, () => {
      shell.online.value = navigator.onLine
    })
  const tick = () => {
    shell.now.value = clock.now()
    clock.after(MINUTE_MS, tick)
  }
  clock.after(MINUTE_MS, tick)
  // A word from the server may have set the clock right.
  effect(() => {
    if (lastSync.value && Math.abs(clock.now() - shell.now.peek()) > MINUTE_MS) shell.now.value = clock.now()
  })
  return shell
}

export const ShellContext = createContext<Shell | null>(null)

/** The window's shell. Throws outside of it, which is a bug. */
export function useShell(): Shell {
  const shell = useContext(ShellContext)
  if (!shell) throw new Error('no shell')
  return shell
}
