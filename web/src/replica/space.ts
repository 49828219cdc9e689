/** The confirmed cards of one space: frames in, rows out. No merging: what the server says is what it holds. */

import type { Frame, Id, Row } from '../codec.ts'
import { isHidden, withRaw } from '../codec.ts'

const SUM_MODULUS = 2 ** 53

/** Told of every row that a frame brought or took away. */
export type Touch = (row: Row) => void

export class Space {
  readonly number: number
  readonly cards = new Map<Id, Row>()
  /** The seq up to which these cards are; -1 before the first frame. */
  cursor = -1
  /** The seq up to which they lie on the disk. */
  stored = -1
  epoch = ''
  /** The checksum did not agree: only a new snapshot helps. */
  broken = false
  #sum = 0

  constructor(number: number) {
    this.number = number
  }

  /** Whether a frame continues what is here, is old news, or leaves a gap (or says that there is one) to be pulled. */
  fits(frame: Frame, epoch: string): 'next' | 'old' | 'gap' {
    const same = epoch === this.epoch && !this.broken && this.cursor >= 0
    if (frame.since === frame.upto && frame.rows.length === 0 && (same || frame.upto > 0)) return 'gap'
    if (frame.since === 0) return same && frame.upto <= this.cursor ? 'old' : 'next'
    if (!same) return 'gap'
    if (frame.since === this.cursor) return 'next'
    return frame.upto <= this.cursor ? 'old' : 'gap'
  }

  /** The server has nothing here. */
  open(epoch: string): void {
    this.cursor = 0
    this.stored = 0
    this.epoch = epoch
  }

  /** Take in a frame that fits. False when the cards then differ from the server's. */
  apply(frame: Frame, epoch: string, touch: Touch): boolean {
    if (frame.since === 0) this.#empty(touch)
    for (const row of frame.rows) this.#put(row, frame.since === 0, touch)
    this.cursor = frame.upto
    this.epoch = epoch
    this.broken = this.cards.size !== frame.count || this.#sum !== frame.sum
    return !this.broken
  }

  /** Everything here as one frame from 0. */
  whole(): Omit<Frame, 'bytes' | 'rows'> & { rows: Iterable<Row> } {
    const rows = this.cards.values()
    return { space: this.number, since: 0, upto: this.cursor, rows, count: this.cards.size, sum: this.#sum }
  }

  #empty(touch: Touch): void {
    const before = [...this.cards.values()]
    this.cards.clear()
    this.#sum = 0
    for (const row of before) touch(row)
  }

  #put(row: Row, first: boolean, touch: Touch): void {
    const before = this.cards.get(row.id)
    if (before !== undefined) this.#add(-before.seq)
    if (row.kind === '') this.cards.delete(row.id)
    else {
      // A hidden or moved card leaves a stub: it takes the place of all the fields.
      this.cards.set(row.id, first || before === undefined || isHidden(row) ? row : over(before, row))
      this.#add(row.seq)
    }
    // A frame's row holds only what is different; who is told gets the whole one.
    touch(this.cards.get(row.id) ?? before ?? row)
  }

  #add(seq: number): void {
    if (seq < 0) this.#sum = this.#sum >= -seq ? this.#sum + seq : this.#sum + (SUM_MODULUS + seq)
    else this.#sum = this.#sum >= SUM_MODULUS - seq ? this.#sum - (SUM_MODULUS - seq) : this.#sum + seq
  }
}

const over = (before: Row, row: Row): Row => withRaw(row, { ...before.raw, ...row.raw })
