/** Whole spaces, fetched as stored bytes: for a new device, and to mend what has come apart. */

import type { Clock } from '../clock.ts'
import type { Frame } from '../codec.ts'
import { decodeFrame } from '../codec.ts'
import type { Wire } from './wire.ts'
import { MSGPACK } from './wire.ts'

const AGAIN_AFTER_MS = 20_000

export class Snapshots {
  readonly #wire: Wire
  readonly #clock: Clock
  /** Takes what came in; false when it was of no use. */
  readonly #take: (frame: Frame) => boolean
  readonly #onTheirWay = new Set<number>()
  readonly #without = new Set<number>()

  constructor(wire: Wire, clock: Clock, take: (frame: Frame) => boolean) {
    this.#wire = wire
    this.#clock = clock
    this.#take = take
  }

  get count(): number {
    return this.#onTheirWay.size
  }

  has(space: number): boolean {
    return this.#onTheirWay.has(space)
  }

  /** Try again also where there was none. */
  reset(): void {
    this.#without.clear()
  }

  /** Fetch a space, unless that is under way or was of no use a moment ago: a Sync with cursor 0 then brings it. */
  async fetch(space: number): Promise<void> {
    if (this.#onTheirWay.has(space) || this.#without.has(space)) return
    this.#onTheirWay.add(space)
    const frame = await this.#get(space).catch(() => null)
    this.#onTheirWay.delete(space)
    if (frame !== null && this.#take(frame)) return
    this.#without.add(space)
    this.#clock.after(AGAIN_AFTER_MS, () => this.#without.delete(space))
  }

  async #get(space: number): Promise<Frame | null> {
    const path = `/api/spaces/${space}/snapshot`
    const { status, type, body } = await this.#wire.ask({ method: 'GET', path, headers: { Accept: MSGPACK } })
    if (status !== 200 || type !== MSGPACK) return null
    const frame = decodeFrame(body)
    return frame.space === space && frame.since === 0 ? frame : null
  }
}
