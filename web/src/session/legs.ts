/**
 * What waits of a relay on a tablet without a network: sealed for its team beside the twin, so that whoever comes next
 * goes on from there (docs/decisions/0034). Only the author's own record is ever delivered.
 */

import { effect } from '@preact/signals-core'
import { fromBase64url } from '../bytes.ts'
import type { Clock } from '../clock.ts'
import type { Change, Fields } from '../codec.ts'
import { decode, decodeChanges, encode, hex } from '../codec.ts'
import type { Disk, Step } from '../disk.ts'
import type { Value } from '../gen/cards.ts'
import { isRecord } from '../link/me.ts'
import type { Table } from '../replica/cards.ts'
import type { Pending, Replica } from '../replica/copy.ts'
import { TABLE } from '../replica/view.ts'
import type { Home } from '../vault/author.ts'
import { teamKey } from '../vault/team-key.ts'
import { NONCE_BYTES, openUnder, sealUnder } from '../vault.ts'
import { eachCopy, LEG, SENT } from './handing.ts'

const KEYS = 'leg-keys'
const KINDS: ReadonlySet<string> = new Set(['task', 'relay_leg'])

/** One sealed change; turns count who was at this tablet, one after another. */
interface Leg {
  id: string
  turn: number
  space: number
  box: Uint8Array<ArrayBuffer>
  /** The server has had it. */
  isSent: boolean
}

/** A change of somebody at this tablet that others there go on from. */
interface Waiting extends Pending {
  readonly by: number
  readonly isSent: boolean
}

/** The keys of the teams of this tablet that this person belongs to; they lie under the person's own data key. */
export class TeamKeys {
  readonly #home: Home
  readonly #random: Clock['random']
  #keys = new Map<number, CryptoKey>()

  constructor(home: Home, { random }: Pick<Clock, 'random'>) {
    this.#home = home
    this.#random = random
  }

  async load(): Promise<void> {
    const box = await this.#home.disk.get('meta', KEYS)
    if (!(box instanceof Uint8Array)) return
    const kept = await this.#home.vault.open('meta', KEYS, box.slice()).then(decode, () => null)
    await this.#take(kept)
  }

  /** The server says which keys this person has now. */
  async keep(told: unknown): Promise<void> {
    await this.#take(told)
    if (!isRecord(told)) return
    const value = await this.#home.vault.seal('meta', KEYS, encode(told))
    await this.#home.disk.write([{ store: 'meta', key: KEYS, value }])
  }

  async #take(told: unknown): Promise<void> {
    if (!isRecord(told)) return
    const made = Object.entries(told).map(async ([space, key]) => {
      return [Number(space), await teamKey(fromBase64url(String(key)))] as const
    })
    this.#keys = new Map(await Promise.all(made))
  }

  /** The step that lets the team go on from a change; none where it is not about a relay, or has no key. */
  async seal(change: Change, what: { bytes: Uint8Array; by: number; turn: number }): Promise<Step[]> {
    const key = isForOthers(change) ? this.#keys.get(change.space) : undefined
    if (key === undefined) return []
    const plain = encode([what.by, what.bytes])
    const box = await sealUnder(key, LEG + change.id, plain, this.#random(NONCE_BYTES))
    return [{ store: 'meta', key: LEG + change.id, value: { turn: what.turn, space: change.space, box } }]
  }

  /** What a leg says; null without its key. */
  async open({ id, space, box, isSent }: Leg): Promise<Waiting | null> {
    const key = this.#keys.get(space)
    if (key === undefined) return null
    try {
      const plain = await openUnder(key, LEG + id, box)
      const [by, bytes]: unknown[] = Object(decode(plain))
      const [one] = bytes instanceof Uint8Array ? decodeChanges(bytes.slice()) : []
      return one && isForOthers(one.change)
        ? { change: one.change, status: 'here', again: false, by: Number(by), isSent }
        : null
    } catch {
      return null
    }
  }
}

/** Of a relay, and nobody's mark: whether somebody has done their part goes to others as a sum alone (H9). */
const isForOthers = ({ kind, set }: Change) =>
  KINDS.has(kind) && !Object.keys(set).some((field) => TABLE.law(kind, field) === 'tally')

let looked: ReturnType<typeof readLegs> | null = null

/** Look for legs now, while a PIN is typed: to open thirty people's databases takes longer than to open one. */
export function lookForLegs(): void {
  looked = readLegs()
  looked.catch(() => {})
}

/** All that this tablet keeps of relays, in the order of the turns; and the number of the turn that begins now. */
export function legsHere(): ReturnType<typeof readLegs> {
  const found = looked ?? readLegs()
  looked = null
  return found
}

async function readLegs(): Promise<{ legs: readonly Leg[]; turn: number }> {
  const legs: Leg[] = []
  await eachCopy(async (disk) => {
    legs.push(...(await legsIn(disk)))
  })
  // Within a turn one person wrote, whose ids count on.
  legs.sort((a, b) => a.turn - b.turn || (a.id < b.id ? -1 : 1))
  return { legs, turn: (legs.at(-1)?.turn ?? 0) + 1 }
}

async function legsIn(disk: Disk): Promise<Leg[]> {
  const keys = (await disk.keys('meta')).map(String)
  const legs: Leg[] = []
  for (const key of keys.filter((one) => one.startsWith(LEG))) {
    const value = await disk.get('meta', key)
    if (!isRecord(value) || !(value.box instanceof Uint8Array)) continue
    const id = key.slice(LEG.length)
    const { turn, space, box } = value
    legs.push({
      id,
      turn: Number(turn),
      space: Number(space),
      box: box.slice(),
      isSent: keys.includes(SENT + id),
    })
  }
  return legs
}

/** What others at this tablet have written about relays, as this person sees it until the server has it. */
export class Beside {
  readonly #read: Waiting[] = []
  readonly #by = new Map<string, number>()

  /** Read what waits. */
  async load(keys: TeamKeys, legs: readonly Leg[]): Promise<void> {
    for (const leg of legs) {
      const one = await keys.open(leg)
      if (one === null) continue
      this.#read.push(one)
      if (!this.#by.has(one.change.card)) this.#by.set(one.change.card, one.by)
    }
  }

  /** The table by which cards are shown: what only waits here stands under the name of who wrote it. */
  table(table: Table): Table {
    return {
      ...table,
      view: (seen) => {
        const by = seen.row.seq === 0 ? this.#by.get(seen.row.id) : undefined
        return table.view(by === undefined ? seen : { ...seen, row: { ...seen.row, by } })
      },
    }
  }

  /**
   * Lay it over the cards. What the server has had already goes only where this copy hasn't heard of it yet. The first
   * news of a space tells all of it: others' words are handed in before anything is asked.
   */
  lay(replica: Replica): void {
    const bySpace = new Map<number, Waiting[]>()
    for (const one of this.#read) {
      if (one.isSent && !follows(one.change, replica.peek(one.change.card)?.raw ?? null)) continue
      replica.lay([one])
      bySpace.set(one.change.space, [...(bySpace.get(one.change.space) ?? []), one])
    }
    for (const [space, laid] of bySpace) liftWithNews(replica, space, laid)
  }
}

/** Whether a change goes on from what is there. */
function follows({ set }: Change, shown: Fields | null): boolean {
  return Object.entries(set).every(([field, [was]]) => isSame(shown?.[field] ?? null, was))
}

const isSame = (a: Value, b: Value) => hex(encode([a])) === hex(encode([b]))

function liftWithNews(replica: Replica, space: number, laid: readonly Waiting[]): void {
  const before = replica.cursor(space)
  const stop = effect(() => {
    for (const { change } of laid) void replica.card(change.card).value
    if (replica.cursor(space) <= before) return
    queueMicrotask(() => {
      stop()
      replica.lift(laid)
    })
  })
}
