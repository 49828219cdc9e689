/** A server for tests: one merge rule (what comes later stands), the protocol's bookkeeping, and faults on demand. */

import type { Change, Row, Verdict } from '../src/codec.ts'
import { decodeSync, fromHex } from '../src/codec.ts'
import type { Value } from '../src/gen/cards.ts'
import { gunzip } from '../src/gzip.ts'
import type { Ask, Reply, Socket, SocketEvents, Wire } from '../src/link/wire.ts'
import { Packer } from '../src/msgpack.ts'

const PATIENCE_MS = 20_000

interface Cell {
  value: Value
  seq: number
}

interface Card {
  id: string
  kind: string
  by: number | null
  made: number
  seq: number
  cells: Map<string, Cell>
}

interface Live {
  on: SocketEvents
  following: Set<number>
}

/** What may go wrong with one message. */
export type Fault = 'none' | 'lose request' | 'lose reply' | 'twice' | 'hang up'

export class FakeServer {
  epoch = 'e0e0e0e0e0e0e0e0'
  grants: { version: number; spaces: [number, string, string, string][] } = {
    version: 1,
    spaces: [[7, 'staff', 'team', 'Koivu']],
  }
  now = 1_800_000_000_000
  stable = new Map<number, number>()
  /** Asked before each message; the tests script it. */
  fault: () => Fault = () => 'none'
  judge: (change: Change) => Partial<Verdict> | null = () => null
  socketsWork = true
  postsWork = true
  snapshotsWork = true
  status = 200
  readonly accepted: Change[] = []
  readonly files = new Map<string, Uint8Array>()
  requests = 0
  readonly #spaces = new Map<number, { head: number; cards: Map<string, Card> }>()
  readonly #verdicts = new Map<string, Verdict>()
  readonly #live = new Set<Live>()

  /** The network of a device. Every answer comes in a later turn, never at once. */
  wire(): Wire {
    return { ask: (ask) => this.#ask(ask), live: (on) => this.#open(on) }
  }

  space(number: number) {
    let space = this.#spaces.get(number)
    if (space === undefined) {
      space = { head: 0, cards: new Map() }
      this.#spaces.set(number, space)
    }
    return space
  }

  /** Write a card from elsewhere, and tell who follows. */
  write(space: number, id: string, kind: string, fields: Readonly<Record<string, Value>>, by = 9): void {
    const since = this.space(space).head
    this.#apply({ id: '', space, card: id, kind, at: this.now, base: 0, set: pairs(fields) }, by)
    this.#tell(space, since)
  }

  poke(space: number): void {
    const { head } = this.space(space)
    for (const live of this.#live) {
      live.on.message(this.#synced(0, [], [frame(space, head, head, [], 0, 0)], []))
    }
  }

  /** A restore from a backup taken when the spaces had these heads: later changes are gone, a new epoch begins. */
  restore(epoch: string): void {
    this.epoch = epoch
    this.#spaces.clear()
    this.#verdicts.clear()
    this.hangUp()
  }

  hangUp(code = 1012): void {
    for (const live of [...this.#live]) {
      this.#live.delete(live)
      live.on.closed(code)
    }
  }

  regrant(spaces: [number, string, string, string][]): void {
    this.grants = { version: this.grants.version + 1, spaces }
    for (const live of this.#live) live.on.message(this.#synced(0, [], [], [], true))
  }

  /** What a device should hold of a space. */
  cards(space: number): Record<string, Record<string, Value>> {
    const all: Record<string, Record<string, Value>> = {}
    for (const card of this.space(space).cards.values()) all[card.id] = fieldsOf(card, 0)
    return all
  }

  async #ask({ method, path, body, headers }: Ask): Promise<Reply> {
    await turn()
    this.requests++
    const fault = this.fault()
    if (!this.postsWork || fault === 'lose request' || fault === 'hang up') throw new Error('no network')
    if (this.status !== 200) return reply(this.status, 'application/json', new TextEncoder().encode('{}'))
    if (method === 'PUT' && body instanceof Uint8Array) {
      this.files.set(path.slice(path.lastIndexOf('/') + 1), body)
      return reply(204, '', new Uint8Array())
    }
    if (path.endsWith('/snapshot')) {
      if (!this.snapshotsWork) return reply(404, 'application/json', new Uint8Array())
      const bytes = this.#frame(Number(path.split('/')[3]), 0)
      return reply(200, 'application/x-msgpack', bytes)
    }
    if (!(body instanceof Uint8Array)) return reply(404, 'application/json', new Uint8Array())
    const plain = headers?.['Content-Encoding'] === 'gzip' ? await gunzip(body) : body
    const answer = this.#sync(plain, null)
    if (fault === 'twice') this.#sync(plain, null)
    if (fault === 'lose reply') throw new Error('no network')
    return reply(200, 'application/x-msgpack', answer)
  }

  #open(on: SocketEvents): Socket {
    const live: Live = { on, following: new Set() }
    let closed = false
    const close = (code: number) => {
      this.#live.delete(live)
      if (!closed) on.closed(code)
      closed = true
    }
    queueMicrotask(() => {
      if (!this.socketsWork) return close(1006)
      this.#live.add(live)
      on.opened()
    })
    const send = async (bytes: Uint8Array<ArrayBuffer>) => {
      await turn()
      if (closed || !this.#live.has(live)) return
      const fault = this.fault()
      if (fault === 'hang up') return close(1006)
      if (fault === 'lose request') return close(1006)
      const answer = this.#sync(bytes, live)
      if (fault === 'lose reply') return close(1006)
      on.message(answer)
      if (fault === 'twice') on.message(answer)
    }
    return { send: (bytes) => void send(bytes), close: () => close(1000) }
  }

  #sync(bytes: Uint8Array, live: Live | null): Uint8Array<ArrayBuffer> {
    const sync = decodeSync(bytes)
    const before = new Map([...this.#spaces].map(([space, { head }]) => [space, head]))
    const verdicts = sync.changes.map((change) => this.#accept(change))
    const known = sync.epoch === this.epoch
    const granted = this.grants.spaces.map(([space]) => space)
    const asked = [...sync.cursors].filter(([space]) => granted.includes(space))
    if (live !== null && (asked.length > 0 || sync.changes.length === 0)) {
      live.following = new Set(asked.map(([space]) => space))
    }
    for (const change of new Set(sync.changes.map(({ space }) => space)))
      this.#tell(change, before.get(change) ?? 0, live)
    const frames = asked.flatMap(([space, cursor]) => {
      const since = known ? cursor : 0
      return since === this.space(space).head ? [] : [this.#frame(space, since)]
    })
    const own = live === null || asked.length > 0 ? [] : this.#ownFrames(sync.changes, before, live)
    return this.#synced(sync.sent, verdicts, [...frames, ...own], [], sync.grants !== this.grants.version)
  }

  /** On a live line the sender gets the frames of its own changes, too. */
  #ownFrames(changes: readonly Change[], before: ReadonlyMap<number, number>, live: Live): Uint8Array[] {
    const spaces = new Set(changes.map(({ space }) => space))
    return [...spaces].flatMap((space) => {
      const since = before.get(space) ?? 0
      return live.following.has(space) && this.space(space).head > since ? [this.#frame(space, since)] : []
    })
  }

  #accept(change: Change): Verdict {
    const known = this.#verdicts.get(change.id)
    if (known !== undefined) return known
    const own = this.judge(change)
    const verdict = { id: change.id, code: 0, seq: 0, reason: '', field: '', ...own }
    if (verdict.code < 5) {
      this.accepted.push(change)
      this.#apply(change, 1)
      verdict.seq = this.space(change.space).head
      this.#verdicts.set(change.id, verdict)
    }
    return verdict
  }

  #apply(change: Change, by: number): void {
    const space = this.space(change.space)
    const seq = ++space.head
    const card = space.cards.get(change.card) ?? {
      id: change.card,
      kind: change.kind,
      by,
      made: change.at,
      seq,
      cells: new Map(),
    }
    card.seq = seq
    for (const [field, [, now]] of Object.entries(change.set)) card.cells.set(field, { value: now, seq })
    space.cards.set(card.id, card)
  }

  #tell(space: number, since: number, except: Live | null = null): void {
    if (this.space(space).head === since) return
    const bytes = this.#frame(space, since)
    for (const live of this.#live) {
      if (live !== except && live.following.has(space)) live.on.message(this.#synced(0, [], [bytes], []))
    }
  }

  #frame(number: number, since: number): Uint8Array<ArrayBuffer> {
    const { head, cards } = this.space(number)
    const rows = [...cards.values()]
      .filter((card) => card.seq > since)
      .sort((a, b) => a.seq - b.seq)
      .map((card): Row => ({ ...card, space: number, raw: fieldsOf(card, since) }))
    const sum = [...cards.values()].reduce((total, card) => total + card.seq, 0)
    return frame(number, since, head, rows, cards.size, sum)
  }

  #synced(
    sent: number,
    verdicts: readonly Verdict[],
    frames: readonly Uint8Array[],
    behind: readonly number[],
    grants = false,
  ): Uint8Array<ArrayBuffer> {
    const packer = new Packer()
    packer.array(8)
    packer.bin(fromHex(this.epoch))
    packer.int(this.now)
    packer.int(sent)
    packer.value(grants ? [this.grants.version, this.grants.spaces] : null)
    packer.array(verdicts.length)
    for (const { id, code, seq, reason, field } of verdicts) {
      packer.value([fromHex(id), code, seq, code < 5 ? null : { reason, field }])
    }
    packer.array(frames.length)
    for (const bytes of frames) packer.raw(bytes)
    packer.value(behind)
    packer.value(this.stable)
    return packer.take()
  }
}

export function frame(
  space: number,
  since: number,
  upto: number,
  rows: readonly Row[],
  count: number,
  sum: number,
): Uint8Array<ArrayBuffer> {
  const packer = new Packer()
  packer.value([
    space,
    since,
    upto,
    rows.map(({ id, kind, seq, by, made, raw }) => [fromHex(id), kind, seq, by, made, raw]),
    count,
    sum,
  ])
  return packer.take()
}

/** Let everything that is ready happen, network and crypto included. */
export const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Wait until something holds; real time passes only where the platform works (compression, keys). */
export async function until(holds: () => boolean, what = 'it'): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while (!holds()) {
    if (performance.now() > end) throw new Error(`${what} never came true`)
    await turn()
  }
}

const fieldsOf = (card: Card, since: number): Record<string, Value> =>
  Object.fromEntries(
    [...card.cells].filter(([, cell]) => cell.seq > since).map(([field, { value }]) => [field, value]),
  )

const pairs = (fields: Readonly<Record<string, Value>>) =>
  Object.fromEntries(Object.entries(fields).map(([field, now]) => [field, [null, now] as const]))

const reply = (status: number, type: string, body: Uint8Array<ArrayBuffer>): Reply => ({ status, type, body })
