/** The Syncs that are under way. */

import { signal } from '@preact/signals-core'
import type { Id } from '../codec.ts'
import type { Entry } from '../outbox/record.ts'

/** A Sync that waits for its reply. */
export interface Flight {
  sent: number
  entries: readonly Entry[]
  /** The spaces that were asked for, with a cursor; empty for a mere push. */
  asked: readonly number[]
  pull: boolean
  socket: boolean
  at: number
  cancel: () => void
}

export class Flights {
  /** How many changes are on their way. */
  readonly carried = signal(0)
  readonly #flights = new Map<number, Flight>()
  #sent = 0

  all(): readonly Flight[] {
    return [...this.#flights.values()]
  }

  /** The one that this reply is for. */
  of(sent: number): Flight | undefined {
    return this.#flights.get(sent)
  }

  start(what: Omit<Flight, 'sent' | 'cancel'>): Flight {
    const flight = { ...what, sent: ++this.#sent, cancel: () => {} }
    this.#flights.set(flight.sent, flight)
    this.#count()
    return flight
  }

  /** False when it had ended already. */
  end(flight: Flight): boolean {
    flight.cancel()
    const flew = this.#flights.delete(flight.sent)
    this.#count()
    return flew
  }

  /** Two changes of one card must arrive in their order: only what goes down the same socket keeps it. */
  busy(bySocket: boolean): ReadonlySet<Id> {
    const busy = new Set<Id>()
    for (const flight of this.#flights.values()) {
      if (!flight.socket || !bySocket) for (const { change } of flight.entries) busy.add(change.card)
    }
    return busy
  }

  #count(): void {
    let carried = 0
    for (const flight of this.#flights.values()) carried += flight.entries.length
    this.carried.value = carried
  }
}
