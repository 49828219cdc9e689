/** Devices for tests: an engine over memory, with a clock that stands still. */

import type { Disk } from '../src/disk.ts'
import type { Platter } from '../src/disk-memory.ts'
import { memoryDisk, newPlatter } from '../src/disk-memory.ts'
import type { Engine } from '../src/engine.ts'
import { startEngine } from '../src/engine.ts'
import type { Tabs } from '../src/link/tabs.ts'
import { PLAIN } from '../src/replica/cards.ts'
import { openVault } from '../src/vault.ts'
import type { FakeServer } from './fake-server.ts'
import { turn } from './fake-server.ts'
import type { TestClock } from './test-clock.ts'
import { testClock } from './test-clock.ts'

export type Device = Engine & { time: TestClock; reports: string[] }

interface Choice {
  platter?: Platter
  disk?: Disk
  tabs?: Tabs
  seed?: number
  version?: number
}

/** An engine that begins to sync with the server. One platter twice is one device started again, or two tabs. */
export async function device(server: FakeServer, choice: Choice = {}): Promise<Device> {
  const { platter = newPlatter(), seed = 1, tabs, version = 0 } = choice
  const disk = choice.disk ?? memoryDisk('test', platter)
  const time = testClock(server.now, seed)
  const vault = await openVault(disk, time.random)
  const reports: string[] = []
  const report = (what: string) => void reports.push(what)
  const engine = await startEngine({
    disk,
    vault,
    clock: time,
    wire: server.wire(),
    person: 1,
    table: PLAIN,
    report,
    ...(tabs ? { tabs } : {}),
  })
  if (engine.replica.grants.value.spaces.length === 0) {
    const spaces = server.grants.spaces.map(([space, role, kind, name]) => ({ space, role, kind, name }))
    await engine.replica.regrant({ version, spaces })
    engine.wake()
  }
  return Object.assign(engine, { time, reports })
}

export const idea = (n: number) => n.toString(16).padStart(32, '0')

/** A change that makes a board card. */
export const makes = (n: number, title: string, space = 7) => ({
  space,
  card: idea(n),
  kind: 'board_card',
  set: { title: [null, title] as const },
})

/** What a device shows of a space, as plain fields. */
export function shown({ replica }: Engine, space = 7): Record<string, unknown> {
  const cards = replica.spaces.get(space)?.cards.values() ?? []
  return Object.fromEntries([...cards].map(({ id, raw }) => [id, { ...raw }]))
}

/** Wait until everything that landed has left the outbox on the disk. */
export async function tidied({ time, disk }: Device): Promise<void> {
  const end = performance.now() + 20_000
  while (performance.now() < end) {
    time.pass(1_000)
    const rows = await disk.all('outbox')
    if (rows.every(([, { left, notes }]) => left.length + notes.length > 0)) return
    await turn()
  }
  throw new Error('the outbox was not tidied')
}
