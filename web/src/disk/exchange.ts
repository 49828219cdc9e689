/** Everything in a database exchanged for the same sealed anew, in one transaction that shuts out every other tab. */

import type { Disk, Keyed, Stores } from '../disk.ts'

export type Contents = { [S in keyof Stores]: Keyed<Stores[S]>[] }

/** All that lies in a database now. */
export async function contents(disk: Disk): Promise<Contents> {
  const [frames, outbox, echo, files, drafts, meta] = await Promise.all([
    disk.all('frames'),
    disk.all('outbox'),
    disk.all('echo'),
    disk.all('files'),
    disk.all('drafts'),
    disk.all('meta'),
  ])
  return { frames, outbox, echo, files, drafts, meta }
}

const STORES = ['frames', 'outbox', 'echo', 'files', 'drafts', 'meta'] as const

/**
 * Put `next` in the place of `was`; false, and nothing has changed, when something else lies there by now. The database
 * gets its next version for it: whoever has it open is shut out first, so that no write with the old key can follow.
 * All or nothing (a version change is one transaction), and strictly on the disk when it resolves.
 */
export function exchange(
  name: string,
  was: Contents,
  next: Contents,
  factory: IDBFactory = indexedDB,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    openNext(name, factory, (request) => {
      let stale = false
      request.onupgradeneeded = () => {
        const tx = request.transaction
        if (tx === null) return
        readAll(tx, (now) => {
          stale = !same(now, was)
          if (stale) tx.abort()
          else writeAll(tx, next)
        })
      }
      request.onsuccess = () => settleOn(request.result).then(() => resolve(true), reject)
      request.onerror = () => (stale ? resolve(false) : reject(request.error))
    })
  })
}

function openNext(name: string, factory: IDBFactory, then: (request: IDBOpenDBRequest) => void): void {
  const now = factory.open(name)
  now.onsuccess = () => {
    const version = now.result.version
    now.result.close()
    then(factory.open(name, version + 1))
  }
}

function readAll(tx: IDBTransaction, then: (now: Contents) => void): void {
  const found = STORES.map((name) => {
    const store = tx.objectStore(name)
    return { name, keys: store.getAllKeys(), values: store.getAll() }
  })
  const last = found.at(-1)?.values
  if (last === undefined) return
  // Requests of a transaction are answered in their order: with the last all are.
  last.onsuccess = () => {
    const now: Contents = { frames: [], outbox: [], echo: [], files: [], drafts: [], meta: [] }
    for (const { name, keys, values } of found)
      now[name] = keys.result.map((key, i) => [typeof key === 'number' ? key : String(key), values.result[i]])
    then(now)
  }
}

function writeAll(tx: IDBTransaction, next: Contents): void {
  for (const name of STORES) {
    const store = tx.objectStore(name)
    store.clear()
    for (const [key, value] of next[name]) store.put(value, key)
  }
}

/** A version change makes no promise about the disk itself; one strict write after it does for both. */
function settleOn(db: IDBDatabase): Promise<void> {
  return new Promise((resolve, reject) => {
    const tx = db.transaction('meta', 'readwrite', { durability: 'strict' })
    tx.objectStore('meta').put(db.version, 'version')
    tx.oncomplete = () => {
      db.close()
      resolve()
    }
    tx.onabort = () => reject(tx.error)
  })
}

/** Whether two values of the disk are alike; keys of WebCrypto count as alike. */
export function same(a: unknown, b: unknown): boolean {
  if (a instanceof CryptoKey || b instanceof CryptoKey)
    return a instanceof CryptoKey && b instanceof CryptoKey
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  if (a instanceof Map || a instanceof Set)
    return (b instanceof Map || b instanceof Set) && same([...a], [...b])
  if (a instanceof Uint8Array && b instanceof Uint8Array)
    return a.length === b.length && a.every((byte, i) => byte === b[i])
  const [one, two] = [Object.entries(a), Object.entries(b)]
  return one.length === two.length && one.every(([key, value]) => same(value, Reflect.get(b, key)))
}
