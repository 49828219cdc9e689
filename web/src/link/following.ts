/** What this device follows: frames as they come, spaces whole where they are missing or have come apart. */

import type { Frame, Synced } from '../codec.ts'
import { decodeWhole } from '../codec.ts'
import type { LoopParts } from './loop.ts'
import { MSGPACK } from './wire.ts'

const AGAIN_AFTER_MS = 20_000

export class Following {
  running = false
  readonly #parts: LoopParts
  /** No snapshot is on its way any more. */
  readonly #whole: () => void
  readonly #onTheirWay = new Set<number>()
  readonly #without = new Set<number>()
  readonly #early: Frame[] = []

  constructor(parts: LoopParts, whole: () => void) {
    this.#parts = parts
    this.#whole = whole
  }

  /** Try again also where there was no snapshot. */
  again(): void {
    this.#without.clear()
  }

  regrant(grants: NonNullable<Synced['grants']>): void {
    const { replica, tabs, report } = this.#parts
    replica.regrant(grants).then(() => tabs.tell({ sort: 'grants' }), report)
    this.complete()
  }

  /** Take what came, after what came before there was an epoch. False when there was a gap: we have to pull. */
  take(frames: readonly Frame[]): boolean {
    return [...this.#early.splice(0), ...frames].map((frame) => this.#take(frame)).every(Boolean)
  }

  /** Where we stand; spaces whose snapshot is on its way are left out. */
  cursors(): Map<number, number> {
    const { replica } = this.#parts
    const spaces = replica.followed().filter((space) => !this.#onTheirWay.has(space))
    return new Map(spaces.map((space) => [space, replica.cursor(space)]))
  }

  /** Fetch every space that is missing. */
  complete(): void {
    const { replica } = this.#parts
    for (const space of replica.followed()) if (!replica.has(space)) this.mend(space)
    this.#arrived()
  }

  /** Get a space whole, unless that is under way or was of no use a moment ago: a Sync with cursor 0 then brings it. */
  async mend(space: number): Promise<void> {
    if (!this.running || this.#onTheirWay.has(space) || this.#without.has(space)) return
    this.#onTheirWay.add(space)
    const frame = await this.#get(space).catch(() => null)
    this.#onTheirWay.delete(space)
    if (frame === null || !this.#takeWhole(frame)) {
      this.#without.add(space)
      this.#parts.clock.after(AGAIN_AFTER_MS, () => this.#without.delete(space))
    }
    this.#arrived()
    if (this.#onTheirWay.size === 0) this.#whole()
  }

  async #get(space: number): Promise<Frame | null> {
    const path = `/api/spaces/${space}/snapshot`
    const headers = { Accept: MSGPACK }
    const { status, type, body } = await this.#parts.wire.ask({ method: 'GET', path, headers })
    if (status !== 200 || type !== MSGPACK) return null
    const frame = await decodeWhole(body, this.#parts.clock)
    return frame.space === space && frame.since === 0 ? frame : null
  }

  #take(frame: Frame): boolean {
    const { replica, tabs, report } = this.#parts
    if (replica.epoch === null || !replica.followed().includes(frame.space)) return true
    const taken = replica.take(frame, replica.epoch)
    if (taken === 'taken') tabs.tell({ sort: 'frame', bytes: frame.bytes, epoch: replica.epoch })
    else if (taken === 'broken') {
      report(`checksum of ${frame.space}`)
      this.mend(frame.space)
    }
    return taken !== 'gap' || this.#onTheirWay.has(frame.space)
  }

  /** False when a snapshot is older than what we hold. */
  #takeWhole(frame: Frame): boolean {
    const { replica } = this.#parts
    if (replica.has(frame.space) && frame.upto < replica.cursor(frame.space)) return false
    if (replica.epoch === null) this.#early.push(frame)
    else if (this.running) this.#take(frame)
    return true
  }

  /** Say how far the first load has come. */
  #arrived(): void {
    const { replica } = this.#parts
    const spaces = replica.followed()
    const have = spaces.filter((space) => replica.has(space)).length
    const isLoading = have < spaces.length && this.#onTheirWay.size > 0
    replica.progress.value = isLoading ? { have, of: spaces.length } : null
  }
}
