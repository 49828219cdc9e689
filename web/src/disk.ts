/** The only IndexedDB code. It takes finished bytes; a transaction waits for nothing but its own requests (D-03). */

/** A sealed run of frames of one space. `since`, `upto` and `epoch` stand outside the box for the check of D-08. */
export interface FrameRow {
  space: number
  since: number
  upto: number
  epoch: string
  box: Uint8Array<ArrayBuffer>
}

/** What became of the change at `index` of an outbox row that its author still has to see. */
export interface Note {
  index: number
  code: number
  reason: string
  field: string
  at: number
}

/** The changes of one save, sealed together: one, save for bulk work. `left` are those that have landed. */
export interface OutboxRow {
  id: string
  epoch: string
  box: Uint8Array<ArrayBuffer>
  again: boolean
  left: readonly number[]
  notes: readonly Note[]
}

/** Changes that have landed but may not be in a backup yet; `spaces` are the seqs that a backup must hold. */
export interface EchoRow {
  id: string
  epoch: string
  spaces: readonly (readonly [space: number, seq: number])[]
  at: number
  box: Uint8Array<ArrayBuffer>
}

export interface Stores {
  frames: FrameRow
  outbox: OutboxRow
  echo: EchoRow
  /** Sealed photos by SHA-256; under `up/` and SHA-256 while the server doesn't have them. */
  files: Uint8Array<ArrayBuffer>
  drafts: Uint8Array<ArrayBuffer>
  meta: unknown
}

export type Store = keyof Stores
export type Key = number | string
export type Keyed<T> = readonly [key: Key, value: T]

/** One step of a write: with a value put it (under a number of the disk's own when there is no key), without delete. */
export type Step = { [S in Store]: { store: S; key?: Key; value?: Stores[S] } }[Store] | Delete | Clear

/** Delete one record, of whatever store. */
export interface Delete {
  store: Store
  key: Key
  value?: never
}

/** Delete every frame of a space. */
export interface Clear {
  store: 'frames'
  space: number
}

/** The contract is `test/disk.test.ts`, which every disk passes. */
export interface Disk {
  readonly name: string
  all<S extends Store>(store: S): Promise<Keyed<Stores[S]>[]>
  keys(store: Store): Promise<Key[]>
  get<S extends Store>(store: S, key: Key): Promise<Stores[S] | undefined>
  /** All steps or none, on the disk (strict) when it resolves; the keys that were put or deleted. */
  write(steps: readonly Step[]): Promise<Key[]>
  /**
   * Append frames in one transaction: each only if the last stored cursor of its space equals its `since`; a frame
   * from 0 replaces the space unless that holds more of the same epoch. With `builtOn`, a frame replaces the space's
   * log only if the log's last key still is that. Null for those that did not fit.
   */
  append(rows: readonly FrameRow[], builtOn?: number): Promise<(number | null)[]>
  close(): void
}

const STORES: readonly Store[] = ['frames', 'outbox', 'echo', 'files', 'drafts', 'meta']
const COUNTED: readonly Store[] = ['frames', 'outbox', 'echo']

/** Opens (and makes, if need be) the database of one person on this device. */
export async function openDisk(name: string, factory: IDBFactory = indexedDB): Promise<Disk> {
  // Whatever version it has: that grows when the database is sealed anew, which shuts every other tab's connection.
  const request = factory.open(name)
  request.onupgradeneeded = () => {
    for (const store of STORES)
      request.result.createObjectStore(store, { autoIncrement: COUNTED.includes(store) })
    const frames = request.transaction?.objectStore('frames')
    frames?.createIndex('cursor', ['space', 'upto', 'epoch'])
  }
  const db = await answer(request)
  db.onversionchange = () => db.close()
  return new IndexedDisk(name, db)
}

/** Throw away a database that nothing was saved in. */
export async function deleteDisk(disk: Disk, factory: IDBFactory = indexedDB): Promise<void> {
  disk.close()
  await answer(factory.deleteDatabase(disk.name))
}

class IndexedDisk implements Disk {
  readonly name: string
  readonly #db: IDBDatabase

  constructor(name: string, db: IDBDatabase) {
    this.name = name
    this.#db = db
  }

  async all<S extends Store>(name: S): Promise<Keyed<Stores[S]>[]> {
    const store = this.#db.transaction(name).objectStore(name)
    const [keys, values] = await Promise.all([answer(store.getAllKeys()), answer(store.getAll())])
    return keys.map((key, i) => [plainKey(key), values[i]])
  }

  async keys(name: Store): Promise<Key[]> {
    return (await answer(this.#db.transaction(name).objectStore(name).getAllKeys())).map(plainKey)
  }

  async get<S extends Store>(name: S, key: Key): Promise<Stores[S] | undefined> {
    return await answer(this.#db.transaction(name).objectStore(name).get(key))
  }

  async write(steps: readonly Step[]): Promise<Key[]> {
    if (steps.length === 0) return []
    const names = [...new Set(steps.map((step) => step.store))]
    const tx = this.#db.transaction(names, 'readwrite', { durability: 'strict' })
    const keys: Key[] = []
    try {
      steps.forEach((step, i) => {
        take(tx.objectStore(step.store), step, (key) => {
          keys[i] = key
        })
      })
    } catch (fault) {
      // What a store refuses outright doesn't stop the steps before it: we must.
      tx.abort()
      throw fault
    }
    await complete(tx)
    return keys
  }

  async append(rows: readonly FrameRow[], builtOn?: number): Promise<(number | null)[]> {
    const tx = this.#db.transaction('frames', 'readwrite')
    const store = tx.objectStore('frames')
    const keys: (number | null)[] = rows.map(() => null)
    const next = (i: number) => {
      const row = rows[i]
      if (row === undefined) return
      withLast(store, row.space, (last) => {
        if (!fits(row, last, builtOn)) return next(i + 1)
        const add = () => {
          const request = store.add(row)
          request.onsuccess = () => {
            keys[i] = Number(request.result)
            next(i + 1)
          }
        }
        if (row.since === 0) clearSpace(store, row.space, add)
        else add()
      })
    }
    next(0)
    await complete(tx)
    return keys
  }

  close(): void {
    this.#db.close()
  }
}

/** Where a space's log ends. */
export interface Last {
  key: number
  upto: number
  epoch: string
}

/** The rule of D-08, the same for every disk. */
export function fits(row: FrameRow, last: Last | null, builtOn?: number): boolean {
  if (builtOn !== undefined) return last?.key === builtOn
  if (row.since === 0) return last === null || last.epoch !== row.epoch || last.upto <= row.upto
  return last !== null && last.epoch === row.epoch && last.upto === row.since
}

function withLast(store: IDBObjectStore, space: number, then: (last: Last | null) => void): void {
  const request = store.index('cursor').openKeyCursor(ofSpace(space), 'prev')
  request.onsuccess = () => {
    const cursor = request.result
    if (cursor === null || !Array.isArray(cursor.key)) return then(null)
    then({ key: Number(cursor.primaryKey), upto: Number(cursor.key[1]), epoch: String(cursor.key[2]) })
  }
}

function clearSpace(store: IDBObjectStore, space: number, then: () => void = () => {}): void {
  const request = store.index('cursor').openKeyCursor(ofSpace(space))
  request.onsuccess = () => {
    const cursor = request.result
    if (cursor === null) return then()
    store.delete(cursor.primaryKey)
    cursor.continue()
  }
}

function take(store: IDBObjectStore, step: Step, then: (key: Key) => void): void {
  if ('space' in step) clearSpace(store, step.space)
  else if (step.value !== undefined) {
    const request = step.key === undefined ? store.add(step.value) : store.put(step.value, step.key)
    request.onsuccess = () => then(plainKey(request.result))
  } else if (step.key !== undefined) {
    store.delete(step.key)
    then(step.key)
  }
}

const ofSpace = (space: number) => IDBKeyRange.bound([space], [space, []])

const plainKey = (key: IDBValidKey): Key => (typeof key === 'number' ? key : String(key))

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** Resolves when the transaction is on the disk; a full disk shows only here, not at the request (D-05). */
function complete(tx: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve()
    tx.onabort = () => reject(tx.error ?? new Error('stopped'))
  })
}
