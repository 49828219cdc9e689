/**
 * Devices in Node: the very engine that the browser runs, each over a disk in memory and a wire of its own. One JSON
 * command a line on standard input, one JSON answer a line on standard output; tests/faults/devices.py writes them.
 * Time runs ten times as fast as outside, so that waiting for a lost reply takes seconds.
 */

import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import type { Clock } from '../../web/src/clock.ts'
import { makeClock } from '../../web/src/clock.ts'
import type { Row } from '../../web/src/codec.ts'
import { decode, decodeFrame, decodeSynced } from '../../web/src/codec.ts'
import type { Disk } from '../../web/src/disk.ts'
import { memoryDisk, newPlatter } from '../../web/src/disk-memory.ts'
import type { Engine } from '../../web/src/engine.ts'
import { startEngine } from '../../web/src/engine.ts'
import { makeWire } from '../../web/src/link/wire.ts'
import { keepGrants } from '../../web/src/replica/grants.ts'
import { TABLE } from '../../web/src/replica/view.ts'
import { openVault } from '../../web/src/vault.ts'

const HASTE = 10

interface Device {
  engine: Engine
  clock: Clock
  /** What this device's clock is off by, in milliseconds. */
  off: { ms: number }
  reports: string[]
}

interface Command {
  do: string
  device: number
  space?: number
  url?: string
  origin?: string
  cookie?: string
  person?: number
  grants?: [space: number, role: string, kind: string, name: string][]
  text?: string
  title?: string
  card?: string
  ms?: number
  /** A disk that was recorded by tests/faults/record.ts. */
  disk?: string
}

const devices: Device[] = []

/** A clock that can be set, and timers that don't notice, as on a real device. */
function hastyClock(off: { ms: number }): Clock {
  const start = Date.now()
  const wall = () => start + (Date.now() - start) * HASTE + off.ms
  const after = (ms: number, fn: () => void) => {
    const timer = setTimeout(fn, ms / HASTE)
    return () => clearTimeout(timer)
  }
  return makeClock(wall, after, (size) => crypto.getRandomValues(new Uint8Array(size)))
}

/** A disk in memory with what was recorded; its key is sealed in again. */
async function recorded(file: string): Promise<Disk> {
  const { name, key, stores } = Object(decode(new Uint8Array(readFileSync(file))))
  const platter = newPlatter()
  for (const [store, rows] of Object.entries(stores)) {
    const shelf: Map<unknown, unknown> = Object(platter.shelves)[store]
    for (const [at, value] of Object(rows)) {
      shelf.set(at, value)
      if (typeof at === 'number') platter.count = Math.max(platter.count, at)
    }
  }
  const sealing = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt'])
  platter.shelves.meta.set('data-key', sealing)
  return memoryDisk(name, platter)
}

async function open({ url = '', origin = '', cookie = '', person = 0, grants = [], disk: file }: Command) {
  const off = { ms: 0 }
  const clock = hastyClock(off)
  const disk = file === undefined ? memoryDisk() : await recorded(file)
  const vault = await openVault(disk, clock.random)
  const spaces = grants.map(([space, role, kind, name]) => ({ space, role, kind, name }))
  if (file === undefined) await keepGrants(disk, vault, { version: 0, spaces }, [])
  const headers = { Cookie: cookie, Origin: origin }
  const wire = makeWire(
    url,
    (to, init) => fetch(to, { ...init, headers: { ...Object(init.headers), ...headers } }),
    (to) => new WebSocket(to, { headers, perMessageDeflate: false }),
  )
  const reports: string[] = []
  const report = (what: string) => void reports.push(what)
  const engine = await startEngine({ disk, vault, clock, wire, report, person, table: TABLE })
  devices.push({ engine, clock, off, reports })
  return { device: devices.length - 1 }
}

/** A new idea, or other words at the end of one that is there. */
async function write({ engine, clock }: Device, { space = 0, title = '', text = '', card }: Command) {
  const seen = card === undefined ? undefined : engine.replica.peek(card)
  const id = card ?? clock.cardId()
  const was = String(seen?.raw.text ?? '')
  const made = { team: [null, space], title: [null, title], text: [null, text], shared_edit: [null, true] } as const
  const set = seen === undefined ? made : { text: [was, `${was} ${text}`] as const }
  await engine.outbox.commit([{ space, card: id, kind: 'idea', set }])
  return { card: id }
}

/** What people wrote on cards, and what is kept beside it. */
const textsOf = (rows: readonly Row[]) =>
  rows.flatMap(({ raw }) =>
    Object.entries(raw).flatMap(([name, value]) => {
      if (name === 'text') return [String(value)]
      return name.startsWith('fork/text/') && Array.isArray(value) ? [String(value[0])] : []
    }),
  )

function state({ engine, reports }: Device, { space = 0 }: Command) {
  const { replica, loop } = engine
  const rows = [...(replica.spaces.get(space)?.cards.values() ?? [])]
  const texts = textsOf(rows)
  const attention = replica.attention.value.map(({ reason }) => reason)
  const at = replica.spaces.get(space)?.cursor ?? -1
  return { waiting: replica.waiting.value, attention, texts, at, net: loop.net.value, reports, ids: rows.map((row) => row.id) }
}

/** Read a recorded reply as today's client does: how much is in it, and the texts of its cards. */
function read({ disk = '' }: Command) {
  const bytes = new Uint8Array(readFileSync(disk))
  const isWhole = disk.includes('snapshot')
  const { verdicts, frames } = isWhole ? { verdicts: [], frames: [decodeFrame(bytes)] } : decodeSynced(bytes)
  const rows = frames.flatMap((frame) => frame.rows)
  return { verdicts: verdicts.length, rows: rows.length, texts: textsOf(rows) }
}

async function perform(command: Command): Promise<unknown> {
  if (command.do === 'read') return read(command)
  if (command.do === 'open') return await open(command)
  const device = devices[command.device]
  if (device === undefined) throw new Error('no such device')
  if (command.do === 'write') return await write(device, command)
  if (command.do === 'wake') device.engine.wake()
  if (command.do === 'clock') device.off.ms = command.ms ?? 0
  return state(device, command)
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await perform(JSON.parse(line)).catch((fault) => ({ fault: String(fault) }))
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
process.exit(0)
