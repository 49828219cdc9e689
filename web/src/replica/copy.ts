/** One person's copy of the board on one device: confirmed cards with the person's own pending changes over them. */

import type { ReadonlySignal } from '@preact/signals-core'
import { signal } from '@preact/signals-core'
import type { Clock } from '../clock.ts'
import type { Change, Fields, Frame, Grants, Id, Row } from '../codec.ts'
import { hex, withRaw } from '../codec.ts'
import type { Disk } from '../disk.ts'
import type { Card, Value } from '../gen/cards.ts'
import type { Vault } from '../vault.ts'
import type { Seen, Table } from './cards.ts'
import { Cards } from './cards.ts'
import { keepGrants, keptGrants } from './grants.ts'
import type { LogEvents } from './log.ts'
import { FrameLog } from './log.ts'
import { Space } from './space.ts'

export type * from '../gen/cards.ts'
export type { Id }

/** A change of this person that the server has not settled, as the replica lays it over a card. */
export interface Pending {
  readonly change: Change
  readonly status: 'here' | 'sending' | 'landed' | 'refused' | 'held'
  /** It had landed before the server was restored: sent again, not shown again. */
  readonly again: boolean
}

/** A change that was refused or is held: it waits for its author. */
export interface Attention {
  key: string
  card: Id
  kind: string
  space: number
  at: number
  code: number
  reason: string
  field: string
  set: Change['set']
}

/** What became of a frame: taken in, old news, a gap to pull, or a wrong checksum to mend by a snapshot. */
export type Taken = 'taken' | 'old' | 'gap' | 'broken'

interface Parts {
  disk: Disk
  vault: Vault
  clock: Clock
  person: number
  table: Table
}

export class Replica {
  readonly person: number
  readonly spaces = new Map<number, Space>()
  readonly waiting = signal(0)
  readonly attention = signal<readonly Attention[]>([])
  readonly ready = signal(false)
  readonly progress = signal<{ have: number; of: number } | null>(null)
  /** Photos of this device that the server does not have yet. */
  readonly uploads = new Set<string>()
  /** Called when frames have reached the disk, when another tab got ahead, and when storing failed. */
  on: LogEvents = { stored: () => {}, parted: () => {}, failed: () => {} }
  epoch: string | null = null

  readonly grants = signal<Grants>({ version: 0, spaces: [] })

  readonly #table: Table
  readonly #disk: Disk
  readonly #vault: Vault
  readonly #clock: Clock
  readonly #log: FrameLog
  readonly #cards: Cards
  readonly #pending = new Map<Id, Pending[]>()
  readonly #marks = new Map<Id, Row>()
  readonly #changed = new Map<Id, number>()

  constructor({ disk, vault, clock, person, table }: Parts) {
    this.#table = table
    this.person = person
    this.#disk = disk
    this.#vault = vault
    this.#clock = clock
    this.#cards = new Cards(
      (id, row) => this.#see(id, row),
      (kind, tell) => this.#each(kind, tell),
      table,
    )
    this.#log = new FrameLog(disk, vault, clock, {
      stored: (space, upto) => {
        const at = this.spaces.get(space)
        if (at === undefined) return
        at.stored = upto
        this.on.stored(space, upto)
        this.#log.tidy(at)
      },
      parted: () => this.on.parted(),
      failed: (fault) => this.on.failed(fault),
    })
  }

  /** Read everything from the disk anew; what doesn't follow on is left out and will be pulled. */
  async load(): Promise<void> {
    const kept = await this.#log.read()
    this.spaces.clear()
    this.#marks.clear()
    this.#cards.touchAll()
    const useless: number[] = []
    for (const { key, epoch, frame } of kept) {
      if (frame === null || !this.#replay(frame, epoch)) useless.push(key)
      else this.epoch = epoch
    }
    await this.#log.forget(useless)
    this.ready.value = true
  }

  /** Take in a frame from the server; it goes to the disk by itself (`on.stored` tells when). */
  take(frame: Frame, epoch: string): Taken {
    const taken = this.#apply(frame, epoch)
    if (taken === 'taken') this.#log.put(frame, epoch)
    return taken
  }

  /** Take in a frame that another tab has stored already. */
  follow(frame: Frame, epoch: string): Taken {
    const taken = this.#apply(frame, epoch)
    const space = this.spaces.get(frame.space)
    if (taken === 'taken' && space !== undefined) space.stored = space.cursor
    return taken
  }

  /** The server says that a space has no cards at all. */
  opened(space: number, epoch: string): void {
    const at = this.#space(space)
    if (at.cursor < 0 || at.epoch !== epoch) at.open(epoch)
  }

  /** What the person may read now: spaces that are gone leave the disk in the transaction that stores this. */
  async regrant(grants: Grants): Promise<void> {
    const kept = new Set(grants.spaces.map(({ space }) => space))
    // Version 0 is what joining told: it may not be all.
    const gone = new Set(
      grants.version === 0 ? [] : [...this.spaces.keys()].filter((number) => !kept.has(number)),
    )
    this.#log.drop(gone)
    for (const number of gone) {
      const rows = [...(this.spaces.get(number)?.cards.values() ?? [])]
      this.spaces.delete(number)
      for (const row of rows) this.#touch(row)
    }
    this.grants.value = grants
    await keepGrants(this.#disk, this.#vault, grants, gone)
  }

  /** The spaces that the person reads here. */
  followed(): readonly number[] {
    return this.grants.peek().spaces.map(({ space }) => space)
  }

  /** What the person may read, as the disk has it. */
  async loadGrants(): Promise<void> {
    this.grants.value = (await keptGrants(this.#disk, this.#vault)) ?? this.grants.value
  }

  /** The seq up to which a space is here, 0 if not at all or of another epoch. */
  cursor(space: number): number {
    const at = this.spaces.get(space)
    return at === undefined || at.cursor < 0 || at.broken || at.epoch !== this.epoch ? 0 : at.cursor
  }

  /** Whether a space is here in the epoch that the server lives in. */
  has(space: number): boolean {
    const at = this.spaces.get(space)
    return at !== undefined && at.cursor >= 0 && !at.broken && at.epoch === this.epoch
  }

  /** The seq up to which a space lies on the disk. */
  stored(space: number): number {
    const at = this.spaces.get(space)
    return at === undefined || at.epoch !== this.epoch ? -1 : at.stored
  }

  written(): Promise<void> {
    return this.#log.written()
  }

  /** Lay own changes over the cards, in the order in which they were made. */
  lay(changes: readonly Pending[]): void {
    for (const pending of changes) {
      const { card } = pending.change
      const over = this.#pending.get(card)
      if (over === undefined) this.#pending.set(card, [pending])
      else if (!over.includes(pending)) over.push(pending)
      this.#cards.touch(card, pending.change.kind)
    }
  }

  /** Take own changes away: the confirmed cards hold them now, or their author let them go. */
  lift(changes: readonly Pending[]): void {
    for (const pending of changes) {
      const { card } = pending.change
      const left = this.#pending.get(card)?.filter((other) => other !== pending) ?? []
      if (left.length > 0) this.#pending.set(card, left)
      else this.#pending.delete(card)
      this.#cards.touch(card, pending.change.kind)
    }
  }

  /** The status of these changes is another now. */
  restate(changes: readonly Pending[]): void {
    for (const { change } of changes) this.#cards.touch(change.card, change.kind)
  }

  /** Look at every card anew: something beside the cards has changed what they show. */
  refresh(): void {
    this.#cards.touchAll()
  }

  card(id: Id): ReadonlySignal<Card | undefined> {
    return this.#cards.one(id)
  }

  /** The card as it is now, for those who don't draw. */
  peek(id: Id): Card | undefined {
    return this.#cards.view(id)
  }

  cards(kind: string): ReadonlySignal<readonly Card[]> {
    return this.#cards.all(kind)
  }

  /** The person's own mark on a card, pending changes included. */
  mark(card: Id, field: string): boolean {
    for (const pending of [...(this.#pending.get(card) ?? [])].reverse()) {
      const touched = pending.change.set[field]
      if (touched !== undefined && counts(pending)) return touched[1] === true
    }
    return this.#confirmedMark(card, field)
  }

  stop(): void {
    this.#log.stop()
  }

  #replay(frame: Frame, epoch: string): boolean {
    const space = this.#space(frame.space)
    if (space.fits(frame, epoch) !== 'next') return false
    space.apply(frame, epoch, (row) => this.#touch(row))
    space.stored = space.cursor
    return true
  }

  #apply(frame: Frame, epoch: string): Taken {
    this.epoch = epoch
    const space = this.#space(frame.space)
    const fits = space.fits(frame, epoch)
    if (fits !== 'next') return fits
    const first = space.cursor < 0
    const sound = space.apply(frame, epoch, (row) => {
      this.#touch(row)
      if (!first) this.#changed.set(row.id, this.#clock.wall())
    })
    return sound ? 'taken' : 'broken'
  }

  #space(number: number): Space {
    let space = this.spaces.get(number)
    if (space === undefined) {
      space = new Space(number)
      this.spaces.set(number, space)
    }
    return space
  }

  #touch(row: Row): void {
    if (row.kind === 'mark' && row.raw.on instanceof Uint8Array) {
      const on = hex(row.raw.on)
      const kept = this.spaces.get(row.space)?.cards.get(row.id)
      if (kept === undefined) this.#marks.delete(on)
      else this.#marks.set(on, kept)
      this.#cards.touch(on, this.#find(on)?.kind ?? '')
    }
    this.#cards.touch(row.id, row.kind)
  }

  #find(id: Id): Row | undefined {
    for (const space of this.spaces.values()) {
      const row = space.cards.get(id)
      if (row !== undefined) return row
    }
    return undefined
  }

  /** Every card of a kind once, then those that exist only in own changes. */
  #each(kind: string, tell: (id: Id, row: Row | undefined) => void): void {
    const seen = this.spaces.size > 1 && SHARED_KINDS.has(kind) ? new Set<Id>() : null
    for (const space of this.spaces.values()) {
      for (const row of space.cards.values()) {
        if (row.kind !== kind || seen?.has(row.id)) continue
        seen?.add(row.id)
        tell(row.id, row)
      }
    }
    for (const [id, [first]] of this.#pending) {
      if (first?.change.kind === kind && this.#find(id) === undefined) tell(id, undefined)
    }
  }

  #see(id: Id, known: Row | undefined): Seen | undefined {
    const row = known ?? this.#find(id)
    const over = this.#pending.get(id)
    const changed = this.#changed.get(id)
    if (over === undefined) {
      if (row === undefined) return undefined
      return { row, changed: changed ?? row.made, state: this.#uploading(row) ? 'sending' : 'delivered' }
    }
    const first = over[0]?.change
    if (row === undefined && (first === undefined || !this.#makes(first))) return undefined
    const made = row ?? (first && rowOf(first, this.person))
    if (made === undefined) return undefined
    const shown = withRaw(made, this.#over(id, made.raw, row === undefined, over))
    return { row: shown, changed: changed ?? made.made, state: this.#state(over, shown) }
  }

  #over(id: Id, confirmed: Fields, alone: boolean, over: readonly Pending[]): Fields {
    const raw: Record<string, Value> = { ...confirmed }
    for (const pending of over) {
      if (!alone && !counts(pending)) continue
      for (const [field, [, now]] of Object.entries(pending.change.set)) {
        if (this.#table.law(pending.change.kind, field) === 'tally') {
          const sum = confirmed[field]
          const others = (typeof sum === 'number' ? sum : 0) - Number(this.#confirmedMark(id, field))
          raw[field] = Math.max(0, others) + Number(now === true)
        } else raw[field] = now
      }
    }
    return raw
  }

  #state(over: readonly Pending[], row: Row): Card['state'] {
    const own = over.filter((pending) => !pending.again)
    if (own.some(({ status }) => status === 'refused' || status === 'held')) return 'attention'
    if (own.some(({ status }) => status === 'here')) return 'here'
    return own.some(({ status }) => status === 'sending') || this.#uploading(row) ? 'sending' : 'delivered'
  }

  #uploading(row: Row): boolean {
    if (this.uploads.size === 0) return false
    return Object.keys(row.raw).some((key) => key.startsWith('photos/') && this.uploads.has(key.slice(7)))
  }

  /** Whether a change makes its card: it sets all that the kind requires, with nothing there before. */
  #makes({ kind, set }: Change): boolean {
    if (Object.values(set).some(([was]) => was !== null)) return false
    return this.#table.required(kind).every((field) => set[field] !== undefined)
  }

  #confirmedMark(card: Id, field: string): boolean {
    return this.#marks.get(card)?.raw[`marks/${field}`] === true
  }
}

/** Kinds whose cards stand under the same id in several spaces. */
const SHARED_KINDS = new Set(['person', 'member', 'team', 'goal'])

/** Whether a change shows on the card: a refused one stays with its author, a repeated one is there already. */
const counts = (pending: Pending) => pending.status !== 'refused' && !pending.again

const rowOf = ({ card, kind, space, at }: Change, by: number): Row =>
  withRaw({ id: card, kind, space, seq: 0, by, made: at }, {})
