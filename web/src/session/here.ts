/** Who is here on this device: what the rest of session/ changes, and `session.ts` shows to the screens. */

import { signal } from '@preact/signals-core'
import type { Clock } from '../clock.ts'
import type { Disk } from '../disk.ts'
import { openDisk } from '../disk.ts'
import type { Engine } from '../engine.ts'
import type { Me } from '../link/me.ts'
import type { Wire } from '../link/wire.ts'
import type { Home } from '../vault/author.ts'

/** What main.tsx hands over. */
export interface SessionParts {
  clock: Clock
  wire: Wire
  report?: (what: string) => void
}

export interface Person {
  engine: Engine
  me: Me
  /** To the other windows on the same database: its key has changed, so they start anew. */
  windows: BroadcastChannel
}

export const parts = signal<SessionParts | null>(null)
export const current = signal<Person | null>(null)
/** The database that waits behind a lock. */
export const closed = signal<Disk | null>(null)
/** Somebody was removed from this device; how many sealed words of theirs still wait here. */
export const left = signal<number | null>(null)
/** This browser is a tablet that a team shares. */
export const shared = signal(false)

/** The tablet is being locked: nothing of anybody is on the screen any more. */
export const leaving = signal(false)

/** A connection of its own, which goes on when the engine ends its. */
export const homeAgain = async ({ engine }: Person): Promise<Home> => ({
  disk: await openDisk(engine.disk.name),
  vault: engine.vault,
})
