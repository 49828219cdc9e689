/**
 * The sync loop of one tab. It follows its spaces over a live socket and falls back to single requests; it sends what
 * the outbox holds; whatever fails is tried again later, and nothing local is touched by a failure.
 *
 *   connecting ──opened──► live ──closed──► resting (1 s … 5 min) ──► connecting
 *        └──no socket──► one POST (pull and push) ──► resting          401 ► signed out, until `wake`
 */

import { effect, signal } from '@preact/signals-core'
import type { Clock } from '../clock.ts'
import type { Synced } from '../codec.ts'
import { decodeSynced, encodeSync } from '../codec.ts'
import { MAX_CHANGES, MAX_MESSAGE_BYTES, PROTOCOL } from '../gen/protocol.ts'
import type { Outbox } from '../outbox/queue.ts'
import type { Entry } from '../outbox/record.ts'
import type { Replica } from '../replica/copy.ts'
import type { Flight } from './flights.ts'
import { Flights } from './flights.ts'
import { Following } from './following.ts'
import type { Tabs } from './tabs.ts'
import type { Net, Reply, Socket, Wire } from './wire.ts'
import { MSGPACK } from './wire.ts'

const FIRST_REST_MS = 1_000
const LONGEST_REST_MS = 300_000
const OPEN_WITHIN_MS = 4_000
const REPLY_WITHIN_MS = 30_000
const ALIVE_WITHIN_MS = 5_000
const QUIET_MS = 120_000
const UNDER_WAY = 2
const SOCKET_BYTES = 64_000
const PUSH_BYTES = MAX_MESSAGE_BYTES - 10_000
const SIGNED_OUT = 4401
const REVOKED = 4410

export interface LoopParts {
  wire: Wire
  replica: Replica
  outbox: Outbox
  clock: Clock
  tabs: Tabs
  /** Something is wrong that nobody has to act on: a checksum, a message that can't be read. */
  report(what: string): void
}

export class Loop {
  readonly net = signal<Net>('connecting')
  readonly lastSync = signal<number | null>(null)
  /** The server wants a newer app: it is still told everything, but not asked (D-25). */
  readonly outdated = signal(false)

  readonly #parts: LoopParts
  readonly #flights = new Flights()
  /** How many changes are on their way. */
  readonly sending = this.#flights.carried
  readonly #following: Following
  #socket: Socket | null = null
  #live = false
  #running = false
  #rest = FIRST_REST_MS
  #most = MAX_CHANGES
  /** The server has told its epoch since the line was last lost: what we send now has the right base. */
  #met = false
  #pushRest = 0
  #pullAgain = false
  #heardAt = 0
  readonly #failed = (fault: unknown) => this.#parts.report(String(fault))
  #untell: () => void = () => {}
  #cancelRest: () => void = () => {}
  #cancelQuiet: () => void = () => {}

  constructor(parts: LoopParts) {
    this.#parts = parts
    this.#following = new Following(parts, () => this.pull())
  }

  /** This tab leads from now on. */
  start(): void {
    if (this.#running) return
    this.#running = true
    this.#following.running = true
    const { tabs } = this.#parts
    this.#untell = effect(() =>
      tabs.tell({ sort: 'net', net: this.net.value, lastSync: this.lastSync.value }),
    )
    this.#rest = FIRST_REST_MS
    this.#following.complete()
    this.#connect()
  }

  /** This tab leads no more, or everything ends. */
  stop(): void {
    this.#running = false
    this.#following.running = false
    this.#untell()
    this.#cancelRest()
    this.#cancelQuiet()
    this.#live = false
    this.#socket?.close()
    this.#socket = null
    for (const flight of this.#flights.all()) this.#land(flight)
  }

  /** There may be a network again, or somebody wants to see that it works: try at once. */
  wake(): void {
    if (!this.#running) return
    this.#rest = FIRST_REST_MS
    this.#pushRest = 0
    if (this.#live) {
      this.#pull(ALIVE_WITHIN_MS)
      this.#push()
    } else if (this.#socket === null) {
      this.#cancelRest()
      this.#connect()
    }
  }

  /** How the leading tab fares. */
  hearOf({ net, lastSync }: { net: Net; lastSync: number | null }): void {
    if (this.#running) return
    this.net.value = net
    this.lastSync.value = lastSync
  }

  /** The outbox has something to send. */
  push(): void {
    if (!this.#running) return
    this.#push()
    if (this.net.value !== 'offline' || this.#rest <= FIRST_REST_MS * 2) return
    // Somebody is writing: don't let them wait for the end of a long rest.
    this.#rest = FIRST_REST_MS
    this.#later()
  }

  /** Ask for everything after our cursors. */
  pull(): void {
    if (this.#live) this.#pull(REPLY_WITHIN_MS)
  }

  #connect(): void {
    if (this.net.value !== 'online') this.net.value = 'connecting'
    this.#following.again()
    const cancel = this.#parts.clock.after(OPEN_WITHIN_MS, () => socket.close())
    const socket = this.#parts.wire.live({
      opened: () => {
        cancel()
        if (this.#socket !== socket) return socket.close()
        this.#live = true
        this.#rest = FIRST_REST_MS
        this.net.value = 'online'
        this.pull()
        this.#watch()
      },
      message: (bytes) => this.#hear(bytes, null),
      closed: (code) => {
        cancel()
        if (this.#socket === socket) this.#closed(code)
      },
    })
    this.#socket = socket
  }

  #closed(code: number): void {
    const wasLive = this.#live
    this.#live = false
    if (wasLive) this.#met = false
    this.#socket = null
    this.#cancelQuiet()
    for (const flight of this.#flights.all()) if (flight.socket) this.#land(flight)
    if (code === SIGNED_OUT || code === REVOKED) this.#signedOut()
    else if (this.#running) this.#reconnect(wasLive)
  }

  #reconnect(wasLive: boolean): void {
    if (wasLive) this.net.value = 'connecting'
    else this.#post({ pull: true })
    this.#later()
  }

  /** Try again after a while, longer each time. */
  #later(): void {
    this.#cancelRest()
    const rest = this.#rest * (0.5 + (this.#parts.clock.random(1)[0] ?? 0) / 256)
    this.#longer()
    this.#cancelRest = this.#parts.clock.after(rest, () => this.#connect())
  }

  #signedOut(): void {
    this.net.value = 'signed_out'
    this.#cancelRest()
    this.#socket?.close()
  }

  /** Ask now and then whether the line still is there: a sleeping phone's socket dies without a word. */
  #watch(): void {
    this.#cancelQuiet = this.#parts.clock.after(QUIET_MS, () => {
      if (this.#parts.clock.wall() - this.#heardAt >= QUIET_MS) this.#pull(ALIVE_WITHIN_MS)
      this.#watch()
    })
  }

  // ---- sending

  #pull(within: number): void {
    if (this.#flights.all().some((flight) => flight.pull)) {
      this.#pullAgain = true
      return
    }
    this.#pullAgain = false
    const cursors = this.#following.cursors()
    const flight = this.#fly([], [...cursors.keys()], { pull: true, socket: true })
    this.#send(flight, cursors, within)
  }

  #push(): void {
    while (this.#mayPush()) {
      const bySocket = this.#live && !this.#parts.outbox.exceeds(SOCKET_BYTES)
      const entries = this.#parts.outbox.take(this.#most, PUSH_BYTES, this.#flights.busy(bySocket))
      if (entries.length === 0) return
      if (bySocket)
        this.#send(this.#fly(entries, [], { pull: false, socket: true }), new Map(), REPLY_WITHIN_MS)
      else this.#post({ pull: !this.#live, entries })
    }
  }

  #mayPush(): boolean {
    if (!this.#running || !this.#met || this.#parts.outbox.isEmpty) return false
    if (!this.#live && this.net.value !== 'online') return false
    if (this.#parts.clock.wall() < this.#pushRest) return false
    return this.#flights.all().filter((flight) => flight.entries.length > 0).length < UNDER_WAY
  }

  #fly(entries: readonly Entry[], asked: readonly number[], how: { pull: boolean; socket: boolean }): Flight {
    return this.#flights.start({ entries, asked, at: this.#parts.clock.wall(), ...how })
  }

  #send(flight: Flight, cursors: ReadonlyMap<number, number>, within: number): void {
    const socket = this.#socket
    flight.cancel = this.#parts.clock.after(within, () => socket?.close())
    socket?.send(this.#message(flight, cursors))
  }

  #message({ entries, sent }: Flight, cursors: ReadonlyMap<number, number>): Uint8Array<ArrayBuffer> {
    const { replica, outbox } = this.#parts
    const changes = entries.map((entry) => outbox.wire(entry))
    const { epoch, grants } = replica
    return encodeSync({ version: PROTOCOL, epoch, grants: grants.peek().version, cursors, changes, sent })
  }

  /** One request for both directions. */
  async #post({ pull, entries = [] }: { pull: boolean; entries?: readonly Entry[] }): Promise<void> {
    const more = pull && this.#met && entries.length === 0
    const batch = more ? this.#parts.outbox.take(this.#most, PUSH_BYTES, this.#flights.busy(false)) : entries
    const cursors = pull && !this.outdated.value ? this.#following.cursors() : new Map<number, number>()
    const flight = this.#fly(batch, [...cursors.keys()], { pull: false, socket: false })
    const headers = { 'Content-Type': MSGPACK, Accept: MSGPACK }
    const body = this.#message(flight, cursors)
    try {
      const reply = await this.#parts.wire.ask({
        method: 'POST',
        path: '/api/sync',
        headers,
        body,
        shrink: true,
      })
      if (reply.status === 200 && reply.type === MSGPACK && this.#hear(reply.body, flight)) {
        if (this.#running) this.net.value = 'online'
        if (flight.entries.length > 0) {
          this.#most = Math.min(MAX_CHANGES, this.#most * 2)
          // Something got through: the next try is soon again, also where no socket gets through.
          this.#rest = FIRST_REST_MS
          if (this.#running && this.#socket === null) this.#later()
        }
        return this.#push()
      }
      this.#refused(reply, flight)
    } catch {
      this.#lost(flight)
    }
  }

  #refused({ status, type }: Reply, flight: Flight): void {
    // A page that isn't ours (a portal's, a proxy's) means no more than silence (D-23).
    const ours = type === MSGPACK || type === 'application/json'
    if (ours && status === 426) this.outdated.value = true
    if (ours && (status === 400 || status === 413) && flight.entries.length > 0) {
      this.#most = Math.ceil(flight.entries.length / 2)
      this.#land(flight, flight.entries.length === 1)
      this.#holdPush()
    } else this.#lost(flight)
    if (ours && (status === 401 || status === 410)) this.#signedOut()
  }

  #lost(flight: Flight): void {
    this.#land(flight)
    if (this.#live) this.#holdPush()
    else {
      this.#met = false
      if (this.#running) this.net.value = 'offline'
    }
  }

  /** The line is good but a push was not: try it again after a while. Reading goes on. */
  #holdPush(): void {
    const { clock } = this.#parts
    this.#pushRest = clock.wall() + this.#rest
    clock.after(this.#rest, () => this.push())
    this.#longer()
  }

  #longer(): void {
    this.#rest = Math.min(this.#rest * 2, LONGEST_REST_MS)
  }

  /** A flight has ended: what it carried and got no verdict for waits again. */
  #land(flight: Flight, last = false): void {
    if (!this.#flights.end(flight)) return
    if (last) this.#parts.outbox.defer(flight.entries)
    else this.#parts.outbox.release(flight.entries)
  }

  // ---- receiving

  /** Read a message; false when it can't be read, which counts as not received. */
  #hear(bytes: Uint8Array, posted: Flight | null): boolean {
    let synced: Synced
    try {
      synced = decodeSynced(bytes)
    } catch (fault) {
      this.#failed(fault)
      if (posted === null) this.#socket?.close()
      return false
    }
    const { clock } = this.#parts
    this.#heardAt = clock.wall()
    const flight = posted ?? this.#flights.of(synced.sent)
    if (flight !== undefined) clock.correct(synced.now, this.#heardAt - flight.at)
    this.lastSync.value = clock.now()
    this.#meet(synced.epoch)
    if (synced.grants !== null) this.#following.regrant(synced.grants)
    if (!this.#following.take(synced.frames)) this.#pullAgain = true
    this.#parts.outbox.settle(synced.verdicts)
    this.#conclude(synced, flight)
    return true
  }

  #conclude(synced: Synced, flight: Flight | undefined): void {
    const { replica, outbox } = this.#parts
    for (const space of synced.behind) this.#following.mend(space)
    if (flight !== undefined) {
      const told = [...synced.behind, ...synced.frames.map((frame) => frame.space)]
      const followed = replica.followed()
      for (const space of flight.asked) {
        const isEmpty = !told.includes(space) && !replica.has(space) && followed.includes(space)
        if (isEmpty) replica.opened(space, synced.epoch)
      }
      if (flight.asked.length > 0)
        outbox.echo.prune(synced.stable, synced.epoch, followed).catch(this.#failed)
      this.#land(flight)
    }
    this.#following.complete()
    if (this.#pullAgain) this.pull()
    this.#push()
  }

  /** The first word of an epoch: what we hold of another one is asked for anew, what had landed there is offered. */
  #meet(epoch: string): void {
    this.#met = true
    this.#parts.outbox.meet(epoch).catch(this.#failed)
  }
}
