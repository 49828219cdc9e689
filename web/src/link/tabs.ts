/** The tabs of one person in one browser: one leads (and syncs), the others hear of everything it stores. */

import type { Clock } from '../clock.ts'
import type { Note } from '../disk.ts'
import type { Saved } from '../outbox/keep.ts'
import type { Net } from './wire.ts'

/** What tabs tell each other. Frames travel decoded by nobody, but open: only between tabs of one person. */
export type News =
  | { sort: 'beat' }
  | { sort: 'frame'; bytes: Uint8Array; epoch: string }
  | { sort: 'saved'; saved: Saved }
  | { sort: 'settled'; ids: readonly string[]; notes: readonly (readonly [string, Note])[] }
  | { sort: 'grants' }
  | { sort: 'photo'; sha: string }
  | { sort: 'send' }
  | { sort: 'net'; net: Net; lastSync: number | null }

export interface Tabs {
  /** Ask to lead; `on` when it is this tab's turn, `off` when another took it over. */
  lead(on: () => void, off: () => void): void
  tell(news: News): void
  hear(fn: (news: News) => void): void
  close(): void
}

/** A tab that is alone: Node, tests, and browsers without locks. */
export function loneTab(): Tabs {
  return { lead: (on) => on(), tell: () => {}, hear: () => {}, close: () => {} }
}

const BEAT_MS = 10_000
const SILENT_MS = 30_000

/** Tabs of a browser, for the database `name`. */
export function browserTabs(name: string, clock: Clock): Tabs {
  if (typeof BroadcastChannel === 'undefined' || navigator.locks === undefined) return loneTab()
  const channel = new BroadcastChannel(`sync/${name}`)
  let heardAt = clock.wall()
  let leads = false
  let release: () => void = () => {}
  let stopped = false
  let cancel: () => void = () => {}
  const tell = (news: News) => {
    if (!stopped) channel.postMessage(news)
  }
  let waiting = new AbortController()
  const hold = (on: () => void) => () => {
    leads = true
    on()
    return new Promise<void>((resolve) => {
      release = resolve
    })
  }
  const compete = (on: () => void, off: () => void, steal: boolean) => {
    waiting.abort()
    waiting = new AbortController()
    const how = steal ? { steal } : { signal: waiting.signal }
    navigator.locks.request(`sync/${name}`, how, hold(on)).catch(() => {
      // AbortError: another tab stole the lock, thinking that this one sleeps; or we gave up waiting to steal it.
      if (!leads || stopped) return
      leads = false
      off()
      compete(on, off, false)
    })
  }
  return {
    lead(on, off) {
      const beat = () => {
        cancel = clock.after(BEAT_MS, beat)
        if (leads) tell({ sort: 'beat' })
        else if (document.visibilityState === 'visible' && clock.wall() - heardAt > SILENT_MS) {
          heardAt = clock.wall()
          compete(on, off, true)
        }
      }
      cancel = clock.after(BEAT_MS, beat)
      compete(on, off, false)
    },
    tell,
    hear(fn) {
      channel.onmessage = (event: MessageEvent<News>) => {
        heardAt = clock.wall()
        fn(event.data)
      }
    },
    close() {
      stopped = true
      cancel()
      waiting.abort()
      release()
      channel.close()
    },
  }
}
