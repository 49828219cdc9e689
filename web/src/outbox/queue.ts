/**
 * The person's pending changes: sealed and stored strictly before they show, sent in order, and kept until the
 * server's final verdict is in and the frame that holds it is stored.
 */

import type { Clock } from '../clock.ts'
import type { Change, Encoded, Id, Verdict } from '../codec.ts'
import { decodeChanges, encodeChange, encodeChanges, hex } from '../codec.ts'
import type { Disk, Note, Step } from '../disk.ts'
import { Code, MAX_CHANGES } from '../gen/protocol.ts'
import { Packer } from '../msgpack.ts'
import type { Replica } from '../replica/copy.ts'
import type { Vault } from '../vault.ts'
import type { Author, Draft, Photo } from './draft.ts'
import { Echo } from './echo.ts'
import type { OutboxEvents, Saved } from './keep.ts'
import { keep } from './keep.ts'
import type { Entry, OutboxRecord } from './record.ts'
import { attentionOf, letGo } from './record.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const TIDY_AFTER_MS = 250

interface Parts {
  disk: Disk
  vault: Vault
  clock: Clock
  replica: Replica
}

export class Outbox {
  on: OutboxEvents = { due: () => {}, saved: () => {}, settled: () => {} }
  readonly author: Author
  readonly echo: Echo
  readonly #disk: Disk
  readonly #vault: Vault
  readonly #clock: Clock
  readonly #replica: Replica
  readonly #opening: string
  readonly #entries = new Map<string, Entry>()
  #made = 0
  #order = 0
  #last: Promise<unknown> = Promise.resolve()
  readonly #noted = new Set<Entry>()
  readonly #packer = new Packer()
  #unsent: Entry[] = []
  #landed: Entry[] = []
  #leaving: Entry[] = []
  #tidying: (() => void) | null = null
  #offering: (() => void) | null = null
  #meeting = 0
  #closed = false

  constructor({ disk, vault, clock, replica }: Parts) {
    this.#disk = disk
    this.#vault = vault
    this.#clock = clock
    this.#replica = replica
    this.#opening = hex(clock.random(8))
    this.author = { person: replica.person, outbox: this }
    this.echo = new Echo(disk, vault, clock)
  }

  /** Read what waits on the disk and lay it over the cards. */
  async load(): Promise<void> {
    const rows = await this.#disk.all('outbox')
    const opened = rows.map(([, row]) => this.#vault.open('outbox', row.id, row.box).catch(() => null))
    for (const [i, bytes] of (await Promise.all(opened)).entries()) {
      const [key, row] = rows[i] ?? []
      // What doesn't open stays where it is: nothing but its author may delete it.
      if (bytes !== null && row !== undefined) this.#adopt({ key: Number(key), row, bytes })
    }
    await this.echo.load()
    this.#offerHeld()
    this.#count()
  }

  /**
   * Store changes and show them; resolves when they survive a crash ("Tallessa"). Rejects, with nothing stored or
   * shown, when the disk is full or the author is no longer the one who writes here. A refused change that they stand
   * `instead` of goes in the transaction that stores them.
   */
  commit(
    drafts: readonly Draft[],
    photos: readonly Photo[] = [],
    instead: string | null = null,
  ): Promise<Change[]> {
    const saving = this.#last.then(() => this.#save(drafts, photos, instead))
    this.#last = saving.catch(() => {})
    return saving
  }

  /** Take up a save of another tab. */
  adopt(saved: Saved): void {
    if (this.#adopt(saved)) this.#tell()
  }

  /** The oldest changes that wait, at most so many and so many bytes, up to the first whose card is busy. */
  take(most: number, maxBytes: number, busy: ReadonlySet<Id>): Entry[] {
    const batch: Entry[] = []
    let size = 0
    for (const entry of this.#meeting > 0 ? [] : this.#unsent) {
      size += entry.bytes.length
      const full = batch.length >= most || (size > maxBytes && batch.length > 0)
      if (full || busy.has(entry.change.card)) break
      batch.push(entry)
    }
    this.#unsent.splice(0, batch.length)
    for (const entry of batch) entry.status = 'sending'
    this.#replica.restate(batch)
    return batch
  }

  get isEmpty(): boolean {
    return this.#unsent.length === 0 || this.#meeting > 0
  }

  /** Whether more than so many bytes wait. */
  exceeds(bytes: number): boolean {
    let size = 0
    for (const entry of this.#unsent) {
      size += entry.bytes.length
      if (size > bytes) return true
    }
    return false
  }

  /** Let the others go first: these were refused as a message, so they must not hold up the rest (P7). */
  defer(batch: readonly Entry[]): void {
    for (const entry of batch) entry.order = this.#order++
    this.release(batch)
  }

  /** How a change goes over the wire: as stored, but with base 0 when the server has started a new epoch since. */
  wire(entry: Entry): Uint8Array {
    const { row } = entry.record
    if (!row.again && (row.epoch === '' || row.epoch === (this.#replica.epoch ?? ''))) return entry.bytes
    return encodeChange({ ...entry.change, base: 0 })
  }

  /** They were not acknowledged: they wait again, in their old place. */
  release(batch: readonly Entry[]): void {
    const back = batch.filter((entry) => entry.status === 'sending' && this.#entries.has(entry.change.id))
    if (back.length === 0) return
    for (const entry of back) entry.status = 'here'
    this.#unsent = [...back, ...this.#unsent].sort((a, b) => a.order - b.order)
    this.#replica.restate(back)
  }

  /** File verdicts. Unknown ids (answered twice, or another tab's) are passed over. */
  settle(verdicts: readonly Verdict[]): void {
    const noted: Entry[] = []
    for (const verdict of verdicts) {
      const entry = this.#entries.get(verdict.id)
      if (entry === undefined || entry.status === 'landed') continue
      if (entry.status !== 'sending') this.#unsent = this.#unsent.filter((other) => other !== entry)
      if (verdict.code >= Code.REFUSED) {
        this.#note(entry, verdict)
        noted.push(entry)
      } else {
        entry.status = 'landed'
        entry.note = null
        this.#noted.delete(entry)
        entry.seq = verdict.seq
        this.#landed.push(entry)
      }
    }
    if (noted.length > 0) void this.#keepNotes(noted)
    this.#leave()
    this.#count()
  }

  /** Frames of a space have reached the disk: what they hold need not be laid over any more. */
  stored(): void {
    if (this.#landed.length > 0) this.#leave()
  }

  /** The server lives in this epoch: what landed in another one is offered again. Rejects when that can't be stored. */
  async meet(epoch: string): Promise<void> {
    const before = this.#replica.epoch ?? epoch
    this.#replica.epoch = epoch
    if (before === epoch && (this.#meeting > 0 || !this.echo.isFromBefore(epoch))) return
    const leaving = before === epoch ? [] : this.#leaving.splice(0)
    const back = before === epoch ? [] : this.#landed.splice(0)
    for (const entry of back) entry.status = 'sending'
    this.release(back)
    this.#meeting++
    const meeting = this.#last.then(() => this.#offerAgain(leaving, before))
    const over = () => {
      this.#meeting--
      this.#tell()
    }
    this.#last = meeting.then(over, over)
    await meeting
  }

  /** The author lets a refused or held change go. */
  async discard(key: string): Promise<void> {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.note === null) return
    await this.#disk.write([letGo(entry.record, [entry])])
    this.#remove([entry])
    this.on.settled([key], [])
    this.#count()
  }

  /** Another tab has settled these. */
  heed(ids: readonly string[], notes: readonly (readonly [string, Note])[]): void {
    const gone = ids.flatMap((id) => this.#entries.get(id) ?? [])
    this.#unsent = this.#unsent.filter((entry) => !gone.includes(entry))
    this.#remove(gone)
    for (const [id, note] of notes) {
      const entry = this.#entries.get(id)
      if (entry !== undefined) this.#note(entry, { ...note, seq: 0 }, note.at)
    }
    this.#count()
  }

  /** Nothing more is written by this author here. */
  close(): void {
    this.#closed = true
    this.#tidying?.()
    this.#offering?.()
  }

  async #save(drafts: readonly Draft[], photos: readonly Photo[], instead: string | null): Promise<Change[]> {
    const files: Step[] = []
    for (const { sha, bytes } of photos) {
      files.push({ store: 'files', key: `up/${sha}`, value: await this.#vault.seal('files', sha, bytes) })
    }
    const replaced = instead === null ? undefined : this.#entries.get(instead)
    const changes: Change[] = []
    for (let from = 0; from < drafts.length; from += MAX_CHANGES) {
      const steps = from > 0 ? [] : [...files, ...(replaced ? [letGo(replaced.record, [replaced])] : [])]
      changes.push(...(await this.#saveSome(drafts.slice(from, from + MAX_CHANGES), steps)))
      for (const { sha } of photos) this.#replica.uploads.add(sha)
      if (replaced !== undefined) this.#remove([replaced])
      this.#tell()
    }
    if (replaced !== undefined) this.on.settled([replaced.change.id], [])
    return changes
  }

  async #saveSome(drafts: readonly Draft[], steps: readonly Step[]): Promise<Change[]> {
    if (this.#closed) throw new Error('closed')
    const changes = drafts.map((draft) => {
      const { space, card, kind, set } = draft
      const base = this.#replica.cursor(space)
      return { id: this.#newId(), space, card, kind, at: this.#clock.now(), base, set }
    })
    const { whole, each } = encodeChanges(changes, this.#packer)
    const row = {
      id: changes[0]?.id ?? '',
      epoch: this.#replica.epoch ?? '',
      again: false,
      left: [],
      notes: [],
    }
    const saved = await keep(this.#disk, this.#vault, { ...row, bytes: whole }, steps)
    this.#enter(saved, each)
    this.on.saved(saved)
    return changes
  }

  /** Whether it brought anything that was not here. */
  #adopt(saved: Saved): boolean {
    return this.#enter(saved, decodeChanges(saved.bytes)) > 0
  }

  #enter({ key, row }: Saved, changes: readonly Encoded[]): number {
    const entries: Entry[] = []
    const record: OutboxRecord = { key, size: changes.length, row, entries }
    changes.forEach(({ change, bytes }, index) => {
      if (row.left.includes(index) || this.#entries.has(change.id)) return
      const note = row.notes.find((other) => other.index === index) ?? null
      const status = note === null ? 'here' : note.code === Code.HELD ? 'held' : 'refused'
      const order = this.#order++ - (row.again ? 2 ** 40 : 0) // what landed once goes before what was built on it
      const entry: Entry = { change, bytes, record, index, order, again: row.again, status, seq: 0, note }
      entries.push(entry)
      this.#entries.set(change.id, entry)
      if (note === null) this.#unsent.push(entry)
      else this.#noted.add(entry)
    })
    if (row.again) this.#unsent.sort((a, b) => a.order - b.order)
    this.#replica.lay(entries)
    return entries.length
  }

  /** Landed changes leave when their frame is stored, or at once where their author doesn't read. */
  #leave(): void {
    const followed = this.#replica.followed()
    const stays = ({ change, seq }: Entry) =>
      followed.includes(change.space) && this.#replica.stored(change.space) < seq
    const gone = this.#landed.filter((entry) => !stays(entry))
    if (gone.length === 0) return
    this.#landed = this.#landed.filter(stays)
    this.#remove(gone)
    this.#leaving.push(...gone)
    this.on.settled(
      gone.map(({ change }) => change.id),
      [],
    )
    // Once nothing more lands: fewer and larger records, and until then the line has the processor.
    this.#tidying?.()
    this.#tidying = this.#clock.after(TIDY_AFTER_MS, () => {
      this.#tidying = null
      // Should it fail, the changes are still in the outbox: after the next start they are sent again, and count once.
      this.#last = this.#last.then(() => this.#tidy()).catch(() => {})
    })
  }

  async #tidy(): Promise<void> {
    await this.echo.take(this.#leaving.splice(0), this.#replica.epoch ?? '')
  }

  /** What was leaving in the old epoch goes to the echo as landed there; then all that landed there comes back. */
  async #offerAgain(leaving: readonly Entry[], before: string): Promise<void> {
    await this.echo.take(leaving, before)
    const waiting = [...this.#entries.values()].map(({ change }) => change)
    await this.echo.giveBack(this.#replica, waiting, (saved) => {
      if (this.#adopt(saved)) this.on.saved(saved)
    })
  }

  #note(entry: Entry, verdict: Omit<Verdict, 'id'>, at = this.#clock.wall()): void {
    const { code, reason, field } = verdict
    entry.note = { index: entry.index, code, reason, field, at }
    this.#noted.add(entry)
    entry.status = code === Code.HELD ? 'held' : 'refused'
    this.#replica.restate([entry])
  }

  async #keepNotes(noted: readonly Entry[]): Promise<void> {
    const records = new Set(noted.map((entry) => entry.record))
    for (const record of records) {
      const notes = record.entries.flatMap((entry) => entry.note ?? [])
      record.row = { ...record.row, notes }
    }
    this.on.settled(
      [],
      noted.flatMap((entry) => (entry.note ? [[entry.change.id, entry.note] as const] : [])),
    )
    // A verdict that isn't kept is asked for again after the next start.
    await this.#disk
      .write([...records].map(({ key, row }) => ({ store: 'outbox', key, value: row })))
      .catch(() => {})
  }

  /** What is held is offered again once a day: the server may have learned to understand it, or have got its card. */
  #offerHeld(): void {
    const now = this.#clock.wall()
    for (const entry of this.#entries.values()) {
      const rest = entry.again ? HOUR_MS : DAY_MS
      if (entry.status !== 'held' || entry.note === null || now - entry.note.at < rest) continue
      entry.status = 'here'
      this.#unsent.push(entry)
    }
    this.#unsent.sort((a, b) => a.order - b.order)
    if (!this.isEmpty) this.on.due()
    this.#offering = this.#clock.after(HOUR_MS, () => this.#offerHeld())
  }

  #remove(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#entries.delete(entry.change.id)
      this.#noted.delete(entry)
    }
    this.#replica.lift(entries)
  }

  #tell(): void {
    this.#count()
    this.on.due()
  }

  #count(): void {
    this.#replica.waiting.value = this.#entries.size - this.#landed.length - this.#noted.size
    const { attention } = this.#replica
    if (this.#noted.size === 0 && attention.peek().length === 0) return
    const entries = [...this.#entries.values()]
    attention.value = entries.flatMap(({ change, note }) => (note === null ? [] : attentionOf(change, note)))
  }

  #newId(): string {
    return this.#opening + (this.#made++).toString(16).padStart(8, '0')
  }
}
