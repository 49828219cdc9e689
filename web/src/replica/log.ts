/** The frames of a replica on its disk: sealed, appended in order, and folded into one when there are too many. */

import type { Clock } from '../clock.ts'
import type { Frame } from '../codec.ts'
import { decodeWhole, encodeFrame } from '../codec.ts'
import type { Disk, FrameRow } from '../disk.ts'
import type { Vault } from '../vault.ts'
import type { Space } from './space.ts'

const LEAST_DELTA_BYTES = 64_000
const MOST_RECORDS = 500
const FOLD_AFTER_MS = 2_000

/** What the log tells the replica. */
export interface LogEvents {
  stored(space: number, upto: number): void
  /** The disk holds something else than we thought (another tab wrote): read it again. */
  parted(): void
  failed(fault: unknown): void
}

interface Waiting {
  frame: Frame
  epoch: string
}

interface Extent {
  key: number
  whole: number
  deltas: number
  records: number
}

export class FrameLog {
  readonly #disk: Disk
  readonly #vault: Vault
  readonly #clock: Clock
  readonly #on: LogEvents
  readonly #extents = new Map<number, Extent>()
  #queue: Waiting[] = []
  #writing: Promise<void> | null = null
  #folding: (() => void) | null = null

  constructor(disk: Disk, vault: Vault, clock: Clock, on: LogEvents) {
    this.#disk = disk
    this.#vault = vault
    this.#clock = clock
    this.#on = on
  }

  /** Every frame on the disk, in the order of their arrival; null where one doesn't open. */
  async read(): Promise<{ key: number; epoch: string; frame: Frame | null }[]> {
    const rows = await this.#disk.all('frames')
    this.#extents.clear()
    return await Promise.all(
      rows.map(async ([key, row]) => {
        this.#grow(row.space, Number(key), row)
        return { key: Number(key), epoch: row.epoch, frame: await this.#open(row).catch(() => null) }
      }),
    )
  }

  /** Take records out that can't be read or don't follow on; the server has their cards. */
  async forget(keys: readonly number[]): Promise<void> {
    await this.#disk.write(keys.map((key) => ({ store: 'frames', key })))
  }

  /** Store a frame that the replica has taken in; those that wait share a transaction. */
  put(frame: Frame, epoch: string): void {
    this.#queue.push({ frame, epoch })
    this.#writing ??= this.#write()
  }

  /** Frames of these spaces that wait need not be stored any more. */
  drop(spaces: ReadonlySet<number>): void {
    this.#queue = this.#queue.filter(({ frame }) => !spaces.has(frame.space))
    for (const space of spaces) this.#extents.delete(space)
  }

  /** Resolves when all that was put is on the disk (or was found not to fit). */
  async written(): Promise<void> {
    await this.#writing
  }

  /** Fold the log of a space into one frame, after a while, when its deltas have outgrown it. */
  tidy(space: Space): void {
    const extent = this.#extents.get(space.number)
    if (extent === undefined || this.#folding !== null) return
    const most = Math.max(LEAST_DELTA_BYTES, extent.whole / 4)
    if (extent.deltas <= most && extent.records <= MOST_RECORDS) return
    this.#folding = this.#clock.after(FOLD_AFTER_MS, () => {
      this.#folding = null
      if (space.stored === space.cursor && !space.broken) void this.fold(space).catch(this.#on.failed)
    })
  }

  /** One frame in the place of all, if nothing was added meanwhile. */
  async fold(space: Space): Promise<void> {
    const builtOn = this.#extents.get(space.number)?.key
    if (builtOn === undefined) return
    const { number, epoch } = space
    const whole = space.whole()
    const row = await this.#seal(whole, epoch, encodeFrame(whole))
    const [key] = await this.#disk.append([row], builtOn)
    if (typeof key === 'number') this.#grow(number, key, row)
  }

  stop(): void {
    this.#folding?.()
  }

  async #write(): Promise<void> {
    try {
      await null // what is new is shown first
      while (this.#queue.length > 0) {
        const queue = this.#queue
        this.#queue = []
        const rows = await Promise.all(queue.map(({ frame, epoch }) => this.#seal(frame, epoch, frame.bytes)))
        const keys = await this.#disk.append(rows)
        rows.forEach((row, i) => {
          const key = keys[i]
          if (typeof key !== 'number') return
          this.#grow(row.space, key, row)
          this.#on.stored(row.space, row.upto)
        })
        if (keys.includes(null)) this.#on.parted()
      }
    } catch (fault) {
      this.#queue = []
      this.#on.failed(fault)
    } finally {
      this.#writing = null
    }
  }

  #grow(space: number, key: number, row: FrameRow): void {
    const size = row.box.length
    const before = row.since === 0 ? undefined : this.#extents.get(space)
    const { whole, deltas, records } = before ?? { whole: size, deltas: -size, records: 0 }
    this.#extents.set(space, { key, whole, deltas: deltas + size, records: records + 1 })
  }

  async #open(row: FrameRow): Promise<Frame> {
    return await decodeWhole(await this.#vault.open('frames', place(row), row.box), this.#clock)
  }

  async #seal(
    { space, since, upto }: Reach,
    epoch: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<FrameRow> {
    const head = { space, since, upto, epoch }
    return { ...head, box: await this.#vault.seal('frames', place(head), bytes) }
  }
}

type Reach = Pick<Frame, 'space' | 'since' | 'upto'>

/** Where a frame is sealed to. */
export const place = (row: Omit<FrameRow, 'box'>) => `${row.epoch}/${row.space}/${row.since}/${row.upto}`
