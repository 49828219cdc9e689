/**
 * Devices whose disks outlive them: they are started, stopped, copied, and come back days later. One JSON command a line
 * on standard input, one JSON answer a line on standard output; tests/faults/test_restore.py writes them.
 */

import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import type { Clock } from '../../web/src/clock.ts'
import { makeClock } from '../../web/src/clock.ts'
import type { Fields } from '../../web/src/codec.ts'
import { fromHex } from '../../web/src/codec.ts'
import type { Platter } from '../../web/src/disk-memory.ts'
import { memoryDisk, newPlatter } from '../../web/src/disk-memory.ts'
import type { Engine } from '../../web/src/engine.ts'
import { startEngine } from '../../web/src/engine.ts'
import type { Card, Value } from '../../web/src/gen/cards.ts'
import { makeWire } from '../../web/src/link/wire.ts'
import { keepGrants } from '../../web/src/replica/grants.ts'
import { TABLE } from '../../web/src/replica/view.ts'
import { openVault } from '../../web/src/vault.ts'

interface Owner {
  origin: string
  cookie: string
  person: number
  grants: [space: number, role: string, kind: string, name: string][]
}

interface Device {
  owner: Owner
  platter: Platter
  clock: Clock
  engine: Engine | null
}

interface Command extends Owner {
  do: string
  device: number
  /** What the device's clock is ahead of this machine's. */
  ahead: number
  space: number
  kind: string
  card: string | null
  set: Record<string, string | number | boolean>
}

const devices: Device[] = []

function clockAhead(ms: number): Clock {
  const after = (rest: number, fn: () => void) => {
    const timer = setTimeout(fn, rest)
    return () => clearTimeout(timer)
  }
  return makeClock(
    () => Date.now() + ms,
    after,
    (size) => crypto.getRandomValues(new Uint8Array(size)),
  )
}

/** Open the app on a disk. */
async function start(device: Device, ahead: number): Promise<void> {
  const { owner, platter } = device
  device.clock = clockAhead(ahead)
  const disk = memoryDisk('memory', platter)
  const vault = await openVault(disk, device.clock.random)
  const spaces = owner.grants.map(([space, role, kind, name]) => ({ space, role, kind, name }))
  if (platter.shelves.meta.get('grants') === undefined) await keepGrants(disk, vault, { version: 0, spaces }, [])
  const headers = { Cookie: owner.cookie, Origin: owner.origin }
  const wire = makeWire(
    owner.origin,
    (to, init) => fetch(to, { ...init, headers: { ...Object(init.headers), ...headers } }),
    (to) => new WebSocket(to, { headers, perMessageDeflate: false }),
  )
  const { clock } = device
  device.engine = await startEngine({ disk, vault, clock, wire, person: owner.person, table: TABLE })
}

/** The same disk a second time, as a copied profile has it. */
function copy({ shelves, lasts, count }: Platter): Platter {
  const { frames, outbox, echo, files, drafts, meta } = shelves
  const copied = {
    frames: new Map(frames),
    outbox: new Map(outbox),
    echo: new Map(echo),
    files: new Map(files),
    drafts: new Map(drafts),
    meta: new Map(meta),
  }
  return { shelves: copied, lasts: new Map(lasts), count }
}

function add(owner: Owner, platter: Platter): number {
  return devices.push({ owner, platter, clock: clockAhead(0), engine: null }) - 1
}

/** Fields of a card, as a person changes them who sees what this device shows. */
async function write(engine: Engine, { space, kind, card, set }: Command, clock: Clock) {
  const id = card ?? clock.cardId()
  const seen: Fields = engine.replica.peek(id)?.raw ?? {}
  const value = (name: string, given: Value) => (name === 'on' ? fromHex(String(given)) : given)
  const pairs = Object.entries(set).map(([name, now]) => [name, [seen[name] ?? null, value(name, now)]] as const)
  await engine.outbox.commit([{ space, card: id, kind, set: Object.fromEntries(pairs) }])
  return { card: id }
}

const words = (card: Card) =>
  Object.entries(card.raw).flatMap(([name, value]) => {
    if (name === 'text') return [String(value)]
    return name.startsWith('fork/') && Array.isArray(value) ? [String(value[0])] : []
  })

function state({ engine, platter }: Device, { space }: Command) {
  if (engine === null) throw new Error('it is off')
  const { replica, loop } = engine
  const here = replica.spaces.get(space)
  const cards = [...(here?.cards.keys() ?? [])].flatMap((id) => replica.peek(id) ?? [])
  return {
    waiting: replica.waiting.value,
    attention: replica.attention.value.map(({ reason }) => reason),
    net: loop.net.value,
    epoch: replica.epoch,
    cursor: replica.has(space) ? replica.cursor(space) : -1,
    echoes: [...platter.shelves.echo.values()].map(({ epoch }) => epoch),
    outbox: platter.shelves.outbox.size,
    cards: Object.fromEntries(cards.map((card) => [card.id, card.raw])),
    texts: cards.flatMap(words),
  }
}

async function perform(command: Command): Promise<unknown> {
  if (command.do === 'add') return { device: add(command, newPlatter()) }
  const device = devices[command.device]
  if (device === undefined) throw new Error('no such device')
  if (command.do === 'copy') return { device: add(device.owner, copy(device.platter)) }
  if (command.do === 'start') await start(device, command.ahead)
  if (command.do === 'write' && device.engine) return await write(device.engine, command, device.clock)
  if (command.do === 'stop') {
    device.engine?.stop()
    device.engine = null
    return {}
  }
  return state(device, command)
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await perform(JSON.parse(line)).catch((fault) => ({ fault: String(fault.stack) }))
  const plain = JSON.stringify(answer, (_, value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value))
  process.stdout.write(`${plain}\n`)
}
process.exit(0)
