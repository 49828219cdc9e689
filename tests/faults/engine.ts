/**
 * Devices in Node: the very engine that the browser runs, each over a disk in memory and a wire of its own. One JSON
 * command a line on standard input, one JSON answer a line on standard output; tests/faults/devices.py writes them.
 * Time runs ten times as fast as outside, so that waiting for a lost reply takes seconds.
 */

import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import type { Clock } from '../../web/src/clock.ts'
import { makeClock } from '../../web/src/clock.ts'
import { memoryDisk } from '../../web/src/disk-memory.ts'
import type { Engine } from '../../web/src/engine.ts'
import { startEngine } from '../../web/src/engine.ts'
import { makeWire } from '../../web/src/link/wire.ts'
import { keepGrants } from '../../web/src/replica/grants.ts'
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

async function open({ url = '', origin = '', cookie = '', person = 0, grants = [] }: Command) {
  const off = { ms: 0 }
  const clock = hastyClock(off)
  const disk = memoryDisk()
  const vault = await openVault(disk, clock.random)
  const spaces = grants.map(([space, role, kind, name]) => ({ space, role, kind, name }))
  await keepGrants(disk, vault, { version: 0, spaces }, [])
  const headers = { Cookie: cookie, Origin: origin }
  const wire = makeWire(
    url,
    (to, init) => fetch(to, { ...init, headers: { ...Object(init.headers), ...headers } }),
    (to) => new WebSocket(to, { headers, perMessageDeflate: false }),
  )
  const reports: string[] = []
  const report = (what: string) => void reports.push(what)
  const engine = await startEngine({ disk, vault, clock, wire, report, person })
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

function state({ engine, reports }: Device, { space = 0 }: Command) {
  const { replica, loop } = engine
  const rows = [...(replica.spaces.get(space)?.cards.values() ?? [])]
  const texts = rows.flatMap(({ raw }) =>
    Object.entries(raw).flatMap(([name, value]) => {
      if (name === 'text') return [String(value)]
      return name.startsWith('fork/text/') && Array.isArray(value) ? [String(value[0])] : []
    }),
  )
  const attention = replica.attention.value.map(({ reason }) => reason)
  const at = replica.spaces.get(space)?.cursor ?? -1
  return { waiting: replica.waiting.value, attention, texts, at, net: loop.net.value, reports, ids: rows.map((row) => row.id) }
}

async function perform(command: Command): Promise<unknown> {
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
