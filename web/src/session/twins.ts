/**
 * On a tablet every pending change lies twice in its author's database: readable for the author, and sealed for the
 * server, so that the tablet delivers it while its author is locked out. Both are written in one strict transaction,
 * and both go in one (D-02, D-59).
 */

import { fromBase64url } from '../bytes.ts'
import type { Change } from '../codec.ts'
import { decode, decodeChanges, encode, fromHex, hex } from '../codec.ts'
import type { Clear, Disk, Key, OutboxRow, Step, Store } from '../disk.ts'
import type { ServerKey } from '../link/me.ts'
import type { Home } from '../vault/author.ts'
import type { Content, Sender } from '../vault/envelope.ts'
import { sealContent } from '../vault/envelope.ts'
import { activeOf, CLOSED, COUNT, LEG, SENT } from './handing.ts'
import type { TeamKeys } from './legs.ts'
import type { Counted } from './pending.ts'
import { counted } from './pending.ts'

/** Who writes, and with which keys of the server; where relays go on, in which turn at this tablet. */
export interface Writer {
  sender: Sender
  keys: () => readonly ServerKey[]
  legs?: { keys: TeamKeys; turn: number }
}

interface Waiting {
  content: Omit<Content, 'n'>
  /** Nothing where it is a photo. */
  change?: Change
}

const UP = 'up/'
const PHOTO = '.jpg'

/** A disk that takes the twin along with every step that touches what waits. What waits without one gets it now. */
export async function twinned(home: Home, writer: Writer): Promise<Disk> {
  const twins = new Twins(home, writer, await counted(home.disk, hex(writer.sender.device)))
  await twins.load()
  const { disk } = home
  return {
    name: disk.name,
    all: (store) => disk.all(store),
    keys: (store) => disk.keys(store),
    get: <S extends Store>(store: S, key: Key) => disk.get(store, key),
    write: (steps) => twins.write(steps),
    append: (rows, builtOn) => disk.append(rows, builtOn),
    close: () => disk.close(),
  }
}

class Twins {
  readonly #home: Home
  readonly #writer: Writer
  readonly #count: Counted
  /** Which twins belong to a record of the outbox, by its key. */
  readonly #of = new Map<Key, readonly string[]>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(home: Home, writer: Writer, count: Counted) {
    this.#home = home
    this.#writer = writer
    this.#count = count
  }

  /** Learn what waits. A twin for a key that the server has given up (D-65), or of a former copy, is sealed anew. */
  async load(): Promise<void> {
    const { disk } = this.#home
    const rows = await disk.all('outbox')
    const kid = activeOf(this.#writer.keys())?.kid
    const steps: Step[] = []
    for (const [key, row] of rows) {
      const contents = await this.#contents(row)
      this.#of.set(
        key,
        contents.map(({ content }) => hex(content.id)),
      )
      for (const { content } of contents)
        if (await this.#isStale(content, kid)) steps.push(...(await this.#seal(content)))
    }
    for (const key of await disk.keys('files')) {
      const box = String(key).startsWith(UP) ? await disk.get('files', key) : undefined
      const content = box === undefined ? null : await this.#photo(String(key), box)
      if (content !== null && (await this.#isStale(content, kid))) steps.push(...(await this.#seal(content)))
    }
    if (steps.length > 0) await disk.write([...steps, this.#counted()])
  }

  /** The steps and those of the twins, one write after another: numbers are given in order. */
  write(steps: readonly Step[]): Promise<Key[]> {
    const written = this.#last.then(() => this.#write(steps))
    this.#last = written.catch(() => {})
    return written
  }

  async #write(steps: readonly Step[]): Promise<Key[]> {
    const more: Step[] = []
    const told: (readonly string[] | null)[] = []
    for (const step of steps) {
      if (step.store === 'outbox') told.push(await this.#besideRow(step, more))
      else {
        told.push(null)
        if (step.store === 'files' && !('space' in step)) await this.#besidePhoto(step, more)
      }
    }
    if (more.length > 0) more.push(this.#counted())
    const keys = await this.#home.disk.write([...steps, ...more])
    told.forEach((ids, i) => {
      const key = keys[i]
      if (ids !== null && key !== undefined) this.#of.set(key, ids)
    })
    return keys.slice(0, steps.length)
  }

  /** What a step on the outbox means for the twins; answers which ones the record then has. */
  async #besideRow(step: Step, more: Step[]): Promise<readonly string[]> {
    const before = ('key' in step && step.key !== undefined && this.#of.get(step.key)) || []
    const row = 'value' in step ? step.value : undefined
    const contents = isRow(row) ? await this.#contents(row) : []
    const now = contents.map(({ content }) => hex(content.id))
    for (const { content, change } of contents)
      if (!before.includes(hex(content.id)))
        more.push(...(await this.#seal(content)), ...(await this.#leg(content, change)))
    for (const id of before) if (!now.includes(id)) more.push(...this.#gone(id))
    return now
  }

  async #besidePhoto(step: Exclude<Step, Clear>, more: Step[]): Promise<void> {
    const key = String(step.key)
    if (!key.startsWith(UP)) return
    if (step.value === undefined) more.push(...this.#gone(nameOf(key.slice(UP.length, UP.length + 24), true)))
    else if (step.value instanceof Uint8Array) {
      const content = await this.#photo(key, step.value.slice())
      if (content !== null) more.push(...(await this.#seal(content)))
    }
  }

  async #leg({ bytes }: Omit<Content, 'n'>, change: Change | undefined): Promise<Step[]> {
    const { legs, sender } = this.#writer
    if (legs === undefined || change === undefined) return []
    return await legs.keys.seal(change, { bytes, by: sender.person, turn: legs.turn })
  }

  async #contents(row: OutboxRow): Promise<Waiting[]> {
    const bytes = await this.#home.vault.open('outbox', row.id, row.box).catch(() => null)
    if (bytes === null) return []
    return decodeChanges(bytes)
      .filter((_, index) => !row.left.includes(index))
      .map(({ change, bytes: own }) => ({
        content: { id: fromHex(change.id), bytes: own, isPhoto: false },
        change,
      }))
  }

  async #photo(key: string, box: Uint8Array<ArrayBuffer>): Promise<Omit<Content, 'n'> | null> {
    const sha = key.slice(UP.length)
    const bytes = await this.#home.vault.open('files', sha, box).catch(() => null)
    return bytes === null ? null : { id: fromHex(sha.slice(0, 24)), bytes, isPhoto: true }
  }

  async #seal(content: Omit<Content, 'n'>): Promise<Step[]> {
    const key = activeOf(this.#writer.keys())
    if (key === undefined) return []
    const name = nameOf(hex(content.id), content.isPhoto)
    const n = this.#count.of.get(name) ?? ++this.#count.n
    this.#count.of.set(name, n)
    const to = { kid: fromBase64url(key.kid), public: fromBase64url(key.public) }
    const value = await sealContent(this.#writer.sender, to, { ...content, n }, encode)
    return [{ store: 'meta', key: CLOSED + name, value }]
  }

  #gone(name: string): Step[] {
    this.#count.of.delete(name)
    return [
      { store: 'meta', key: CLOSED + name },
      { store: 'meta', key: SENT + name },
      { store: 'meta', key: LEG + name },
    ]
  }

  async #isStale({ id, isPhoto }: Omit<Content, 'n'>, kid: string | undefined): Promise<boolean> {
    if (kid === undefined) return false
    const bytes = await this.#home.disk.get('meta', CLOSED + nameOf(hex(id), isPhoto))
    if (!(bytes instanceof Uint8Array)) return true
    const record: unknown = decode(bytes.slice())
    const [, sealedFor, by]: readonly unknown[] = Array.isArray(record) ? record : []
    return !isSame(sealedFor, fromBase64url(kid)) || !isSame(by, this.#writer.sender.device)
  }

  #counted(): Step {
    return { store: 'meta', key: COUNT, value: { device: hex(this.#writer.sender.device), ...this.#count } }
  }
}

const nameOf = (id: string, isPhoto: boolean) => (isPhoto ? id + PHOTO : id)

const isSame = (found: unknown, wanted: Uint8Array) =>
  found instanceof Uint8Array && hex(found) === hex(wanted)

const isRow = (value: unknown): value is OutboxRow =>
  typeof value === 'object' && value !== null && 'box' in value && 'left' in value
