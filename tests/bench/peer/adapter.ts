/**
 * The project's client for the peer benchmark: the very engine that the browser runs, with its storage in memory.
 * `node web/build.mjs --peer` bundles it to adapter.mjs; tests/bench/peers/README.md says what `open` returns.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:http'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { effect } from '@preact/signals-core'
import { WebSocket } from 'ws'
import { realClock } from '../../../web/src/clock.ts'
import { decodeFrame, encodeChange, encodeSync } from '../../../web/src/codec.ts'
import type { Fields, Row } from '../../../web/src/codec.ts'
import { memoryDisk } from '../../../web/src/disk-memory.ts'
import { startEngine } from '../../../web/src/engine.ts'
import { PROTOCOL } from '../../../web/src/gen/protocol.ts'
import { Unpacker } from '../../../web/src/msgpack.ts'
import type { Ask, Reply, Wire } from '../../../web/src/link/wire.ts'
import { makeWire } from '../../../web/src/link/wire.ts'
import { PLAIN } from '../../../web/src/replica/cards.ts'
import { keepGrants } from '../../../web/src/replica/grants.ts'
import { openVault } from '../../../web/src/vault.ts'

interface Card {
  id: string
  title: string
  body: string
  stage: string
  author: string
  createdAt: number
  votes: Record<string, number>
}

interface Options {
  port: number
  ids: readonly string[]
  cards: readonly Card[]
  /** This client makes the board. */
  create?: boolean
  live?: boolean
}

/** What `serve` left for a device: its session, its person, and what the person may read. */
interface Client {
  cookie: string
  person: number
  grants: [space: number, role: string, kind: string, name: string][]
}

const KIND = 'board_card'
const gzip = promisify(zlib.gzip)
const unbrotli = promisify(zlib.brotliDecompress)
let taken = process.pid

/** The next device, and the space of the board. */
function nextClient(): { space: number; client: Client } {
  const left = JSON.parse(readFileSync(`${process.env.PEER_DATA}/clients.json`, 'utf8'))
  return { space: left.space, client: left.clients[taken++ % left.clients.length] }
}

const hexes = new Map<string, string>()

/** A card's id: the first 16 bytes of SHA-256 of the harness's. */
function hexOf(id: string): string {
  let hex = hexes.get(id)
  if (hex === undefined) {
    hex = createHash('sha256').update(id).digest('hex').slice(0, 32)
    hexes.set(id, hex)
  }
  return hex
}

const noDeflate = (headers: Record<string, string>) => ({ headers, perMessageDeflate: false })

/** The wire of a browser that is signed in, which can be cut. Node's own HTTP stands for the browser's. */
function cuttableWire(port: number, cookie: string): Wire & { cut(): void; mend(): void } {
  const origin = `http://127.0.0.1:${port}`
  const signed = { Cookie: cookie, Origin: origin }
  const sockets = new Set<WebSocket>()
  const agent = new Agent({ keepAlive: true })
  let isCut = false
  const { live } = makeWire(origin, undefined, (url) => {
    const socket = new WebSocket(isCut ? 'ws://127.0.0.1:1' : url, noDeflate(signed))
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    return socket
  })
  const ask = async ({ method, path, headers, body, shrink }: Ask): Promise<Reply> => {
    if (isCut) throw new Error('cut')
    const sent: Record<string, string> = { ...signed, 'X-Virtaamo': '1', 'Accept-Encoding': 'br', ...headers }
    const packs = shrink && body !== undefined && body.length > 4_096
    if (packs) sent['Content-Encoding'] = 'gzip'
    const bytes = packs ? await gzip(body, { level: 2 }) : body
    const reply = await new Promise<IncomingMessage>((resolve, reject) => {
      const asking = request({ host: '127.0.0.1', port, method, path, agent, headers: sent }, resolve)
      asking.on('error', reject).end(bytes)
    })
    const parts: Buffer[] = []
    for await (const part of reply) parts.push(part)
    const whole = Buffer.concat(parts)
    const read = reply.headers['content-encoding'] === 'br' ? await unbrotli(whole) : whole
    const type = reply.headers['content-type']?.split(';', 1)[0] ?? ''
    return { status: reply.statusCode ?? 0, type, body: new Uint8Array(read) }
  }
  const cut = () => {
    isCut = true
    agent.destroy()
    for (const socket of sockets) socket.terminate()
  }
  const mend = () => {
    isCut = false
  }
  return { ask, live, cut, mend }
}

/** A device with nothing on it that joins the board. */
export async function open({ port, ids, create = false, live = false }: Options) {
  if (create) ids.map(hexOf) // elsewhere ids are drawn, not computed
  const { space, client } = nextClient()
  const clock = realClock()
  const disk = memoryDisk()
  const vault = await openVault(disk, clock.random)
  const granted = client.grants.map(([number, role, kind, name]) => ({ space: number, role, kind, name }))
  await keepGrants(disk, vault, { version: 0, spaces: granted }, [])
  const wire = cuttableWire(port, client.cookie)
  const report = (what: string) => console.error('client:', what)
  const { replica, outbox, wake, stop } = await startEngine({ disk, vault, clock, wire, report, table: PLAIN, person: client.person })
  const flush = () =>
    new Promise<void>((resolve) => {
      const done = effect(() => {
        if (replica.waiting.value === 0) queueMicrotask(() => resolve(done()))
      })
    })
  const rows = (): Iterable<Row> => replica.spaces.get(space)?.cards.values() ?? []
  return {
    flush,
    count() {
      let count = 0
      for (const row of rows()) if (row.kind === KIND) count++
      return count
    },
    get(id: string): Card | undefined {
      const card = replica.peek(hexOf(id))
      if (card === undefined) return undefined
      const { raw } = card
      const { title, body, stage, author, created_at } = raw
      const texts = { title: String(title), body: String(body), stage: String(stage), author: String(author) }
      return { id, ...texts, createdAt: Number(created_at), get votes() { return votesOf(raw) } }
    },
    async push(cards: readonly Card[]) {
      const start = performance.now()
      await outbox.commit(cards.map((card) => ({ space, card: hexOf(card.id), kind: KIND, set: setOf(card) })))
      const localMs = performance.now() - start
      await flush()
      return { localMs }
    },
    async setStages(stages: readonly (readonly [string, string])[]) {
      const drafts = stages.map(([id, stage]) => {
        const card = hexOf(id)
        return { space, card, kind: KIND, set: { stage: [replica.peek(card)?.raw.stage ?? null, stage] as const } }
      })
      await outbox.commit(drafts)
    },
    onRemote(seen: (id: string, stage: string) => void) {
      if (!live) return
      const names = new Map(ids.map((id) => [hexOf(id), id]))
      watch(() => replica.cards(KIND).value, (card) => seen(names.get(card.id) ?? '', String(card.raw.stage)))
    },
    offline: () => wire.cut(),
    async online() {
      wire.mend()
      wake()
    },
    close: stop,
  }
}

let board: Promise<{ upto: number; stages: Map<string, string> }> | null = null

/** The board as it is at the start, fetched once for all thin clients. */
async function boardOf(port: number, { cookie }: Client, space: number) {
  const reply = await cuttableWire(port, cookie).ask({ method: 'GET', path: `/api/spaces/${space}/snapshot` })
  const frame = decodeFrame(reply.body)
  return { upto: frame.upto, stages: new Map(frame.rows.map((row) => [row.id, String(row.raw.stage)])) }
}

/**
 * W5: a socket that follows the board and sends changes in the engine's own encoding, but reads nothing of the frames
 * except their verdicts, so that the server is measured and not fifty replicas in one process.
 */
export async function openThin({ port }: Options) {
  const { space, client } = nextClient()
  board ??= boardOf(port, client, space)
  const { upto, stages: known } = await board
  const stages = new Map(known)
  const clock = realClock()
  const run = Buffer.from(clock.random(8)).toString('hex')
  const waiting = new Map<number, () => void>()
  let made = 0
  let sent = 0
  const headers = { Cookie: client.cookie, Origin: `http://127.0.0.1:${port}` }
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/live`, noDeflate(headers))
  const ask = (changes: readonly Uint8Array[], cursors: ReadonlyMap<number, number>) => {
    const number = ++sent
    const answered = new Promise<void>((resolve) => waiting.set(number, resolve))
    socket.send(encodeSync({ version: PROTOCOL, epoch, grants: 0, cursors, changes, sent: number }))
    return answered
  }
  let epoch: string | null = null
  socket.on('message', (bytes: Buffer) => {
    // Only replies are read; frames of others' edits are taken off the wire and left.
    const head = headOf(bytes)
    epoch = head.epoch
    waiting.get(head.sent)?.()
    waiting.delete(head.sent)
  })
  await new Promise((resolve) => socket.once('open', resolve))
  await ask([], new Map())
  await ask([], new Map([[space, upto]]))
  let answered: Promise<void>[] = []
  return {
    setStages(list: readonly (readonly [string, string])[]) {
      const changes = list.map(([id, stage]) => {
        const card = hexOf(id)
        const set = { stage: [stages.get(card) ?? null, stage] as const }
        stages.set(card, stage)
        const change = run + (made++).toString(16).padStart(8, '0')
        return encodeChange({ id: change, space, card, kind: KIND, at: clock.now(), base: upto, set })
      })
      answered.push(ask(changes, new Map()))
    },
    async flush() {
      const all = answered
      answered = []
      await Promise.all(all)
    },
  }
}

/** Which Sync a reply answers: 0 for what the server sends of its own accord. */
function headOf(bytes: Uint8Array): { epoch: string; sent: number } {
  const unpacker = new Unpacker(bytes)
  unpacker.array()
  const epoch = unpacker.hex()
  unpacker.int()
  return { epoch, sent: unpacker.int() }
}

interface Seen {
  readonly id: string
  readonly state: string
  readonly raw: Readonly<Record<string, unknown>>
}

/** As of the other peers: what was edited elsewhere and came by itself is told, what came in bulk is not. */
const BULK = 50

/** Tell of the cards whose stage somebody else has changed in the list that a board would show. */
function watch(list: () => readonly Seen[], tell: (card: Seen) => void): void {
  let before: readonly Seen[] = []
  effect(() => {
    const now = list()
    const news = before.length === now.length ? now.filter((card, i) => isNews(card, before[i])) : []
    if (news.length <= BULK) news.forEach(tell)
    before = now
  })
}

const isNews = (card: Seen, old: Seen | undefined) =>
  card !== old && card.state !== 'here' && card.raw.stage !== old?.raw.stage

/** As a view of the app has them: put together when somebody looks. */
function votesOf(raw: Fields): Record<string, number> {
  const votes = Object.entries(raw).filter(([name, value]) => name.startsWith('votes/') && value !== null)
  return Object.fromEntries(votes.map(([name, value]) => [name.slice(6), Number(value)] as const))
}

function setOf({ title, body, stage, author, createdAt, votes }: Card) {
  const set: Record<string, readonly [null, string | number]> = {
    title: [null, title],
    body: [null, body],
    stage: [null, stage],
    author: [null, author],
    created_at: [null, createdAt],
  }
  for (const [name, count] of Object.entries(votes)) set[`votes/${name}`] = [null, count]
  return set
}
