/** What waits on a device to be sealed, and how its author key counts what it seals. */

import type { Encoded } from '../codec.ts'
import { decodeChanges, fromHex } from '../codec.ts'
import type { Disk } from '../disk.ts'
import type { Me } from '../link/me.ts'
import { isRecord } from '../link/me.ts'
import type { Home } from '../vault/author.ts'
import { authorKey } from '../vault/author.ts'
import type { Content, Sender } from '../vault/envelope.ts'
import { sha256 } from '../vault.ts'
import { COUNT } from './handing.ts'

const UP = 'up/'

/** One change or photo; `id` in hexadecimal. */
export interface Pending {
  id: string
  content: Omit<Content, 'n'>
}

/** What lies in the outbox, in its order, and the photos that have not gone up; `unopened`: how many don't open. */
export async function pending({ disk, vault }: Home): Promise<{ found: Pending[]; unopened: number }> {
  const found: Pending[] = []
  let unopened = 0
  for (const [, row] of await disk.all('outbox')) {
    const bytes = await vault.open('outbox', row.id, row.box).catch(() => null)
    if (bytes === null) unopened++
    const changes: readonly Encoded[] = bytes === null ? [] : decodeChanges(bytes)
    changes.forEach(({ change, bytes: own }, index) => {
      if (row.left.includes(index)) return
      found.push({ id: change.id, content: { id: fromHex(change.id), bytes: own, isPhoto: false } })
    })
  }
  for (const key of await disk.keys('files')) {
    const sha = String(key).startsWith(UP) ? String(key).slice(UP.length) : null
    const box = sha === null ? undefined : await disk.get('files', key)
    if (sha === null || box === undefined) continue
    const bytes = await vault.open('files', sha, box).catch(() => null)
    const id = sha.slice(0, 24)
    if (bytes === null || (await sha256(bytes)) !== sha) unopened++
    else found.push({ id, content: { id: fromHex(id), bytes, isPhoto: true } })
  }
  return { found, unopened }
}

export async function senderOf(home: Home, me: Me): Promise<Sender> {
  return {
    person: me.person,
    org: fromHex(me.org),
    device: fromHex(me.device.id),
    author: await authorKey(home),
  }
}

/** What this author key has counted: the number of each record, and those that the server has (D-64). */
export interface Counted {
  n: number
  of: Map<string, number>
  done: Set<string>
}

export async function counted(disk: Disk, device: string): Promise<Counted> {
  const kept = await disk.get('meta', COUNT)
  const none = { n: 0, of: new Map<string, number>(), done: new Set<string>() }
  if (!isRecord(kept) || kept.device !== device) return none
  const { n, of, done } = kept
  if (typeof n !== 'number' || !(of instanceof Map) || !(done instanceof Set)) return none
  const numbers = [...of].map(([id, number]) => [String(id), Number(number)] as const)
  return { n, of: new Map(numbers), done: new Set([...done].map(String)) }
}

/** The ids of what went sealed from here; no key is needed to ask. */
export async function handedIn(disk: Disk): Promise<ReadonlySet<unknown>> {
  const kept = await disk.get('meta', COUNT)
  return isRecord(kept) && kept.done instanceof Set ? kept.done : new Set()
}

export async function keepCount(disk: Disk, device: string, count: Counted): Promise<void> {
  await disk.write([{ store: 'meta', key: COUNT, value: { device, ...count } }])
}
