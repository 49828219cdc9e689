/**
 * What the service worker sends when the browser tells of a network while no page may be open (D-26). It only hurries:
 * nothing readable on the disk changes, and a page offers the same once more, which counts once. Behind an app lock it
 * does nothing; on a shared tablet it hands in what lies sealed.
 */
import { realClock } from './clock.ts'
import type { Synced } from './codec.ts'
import { decodeChanges, decodeSynced, encodeSync } from './codec.ts'
import { openDisk } from './disk.ts'
import { PROTOCOL } from './gen/protocol.ts'
import type { Wire } from './link/wire.ts'
import { MSGPACK, makeWire, wireOf } from './link/wire.ts'
import { handInAll } from './session/handing.ts'
import { keptPerson, lockOf, startOf } from './session/homes.ts'
import type { Home } from './vault/author.ts'
import { openVault } from './vault.ts'

const MOST_CHANGES = 200
const MOST_BYTES = 500_000

/** Send the oldest words that wait; rejects where there was no network, and the browser tries again later. */
export async function sendWaiting(): Promise<void> {
  const { name, isTablet } = await startOf()
  if (isTablet && (await handInAll(makeWire(self.location.origin), realClock().wall())) === null)
    throw new Error('no network')
  if (isTablet || name === null) return
  const disk = await openDisk(name)
  try {
    if ((await lockOf(disk)) !== null) return
    const home = { disk, vault: await openVault(disk, realClock().random) }
    const person = await keptPerson(home)
    if (person === null) return
    const wire = wireOf(person, makeWire(self.location.origin))
    // What was seen in another life of the server has to be told anew, which a page can do.
    const epoch = (await ask(wire, []))?.epoch
    const changes = epoch === undefined ? [] : await oldest(home, epoch)
    if (changes.length > 0) await ask(wire, changes)
  } finally {
    disk.close()
  }
}

async function oldest({ disk, vault }: Home, epoch: string): Promise<Uint8Array[]> {
  const found: Uint8Array[] = []
  let size = 0
  for (const [, row] of await disk.all('outbox')) {
    if (row.again || row.notes.length > 0 || (row.epoch !== '' && row.epoch !== epoch)) continue
    const bytes = await vault.open('outbox', row.id, row.box).catch(() => null)
    const waits = bytes === null ? [] : decodeChanges(bytes).filter((_, index) => !row.left.includes(index))
    size += bytes?.length ?? 0
    if (found.length + waits.length > MOST_CHANGES || size > MOST_BYTES) break
    found.push(...waits.map((one) => one.bytes))
  }
  return found
}

/** One round trip that asks for no frames; null where the answer is not the server's own. */
async function ask(wire: Wire, changes: readonly Uint8Array[]): Promise<Synced | null> {
  const body = encodeSync({ version: PROTOCOL, epoch: null, grants: 0, cursors: new Map(), changes, sent: 0 })
  const headers = { 'Content-Type': MSGPACK, Accept: MSGPACK }
  const reply = await wire.ask({ method: 'POST', path: '/api/sync', headers, body, shrink: true })
  return reply.status === 200 && reply.type === MSGPACK ? decodeSynced(reply.body) : null
}
