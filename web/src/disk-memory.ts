/** A disk in memory, for Node: the same contract as IndexedDB. Two disks over one `Platter` are two tabs. */

import type { Disk, FrameRow, Key, Keyed, Last, Step, Store, Stores } from './disk.ts'
import { fits } from './disk.ts'

type Shelves = { [S in Store]: Map<Key, Stores[S]> }

/** What outlives a tab. */
export interface Platter {
  shelves: Shelves
  lasts: Map<number, Last>
  count: number
}

export function newPlatter(): Platter {
  const shelves = {
    frames: new Map<Key, FrameRow>(),
    outbox: new Map<Key, Stores['outbox']>(),
    echo: new Map<Key, Stores['echo']>(),
    files: new Map<Key, Stores['files']>(),
    drafts: new Map<Key, Stores['drafts']>(),
    meta: new Map<Key, unknown>(),
  }
  return { shelves, lasts: new Map(), count: 0 }
}

export function memoryDisk(name = 'memory', platter: Platter = newPlatter()): Disk {
  return new MemoryDisk(name, platter)
}

class MemoryDisk implements Disk {
  readonly name: string
  readonly #platter: Platter

  constructor(name: string, platter: Platter) {
    this.name = name
    this.#platter = platter
  }

  async all<S extends Store>(store: S): Promise<Keyed<Stores[S]>[]> {
    const shelf: ReadonlyMap<Key, Stores[S]> = this.#platter.shelves[store]
    return [...shelf]
  }

  async keys(store: Store): Promise<Key[]> {
    return [...this.#platter.shelves[store].keys()]
  }

  async get<S extends Store>(store: S, key: Key): Promise<Stores[S] | undefined> {
    const shelf: ReadonlyMap<Key, Stores[S]> = this.#platter.shelves[store]
    return shelf.get(key)
  }

  async write(steps: readonly Step[]): Promise<Key[]> {
    return steps.map((step) => {
      if ('space' in step) {
        this.#clear(step.space)
        return 0
      }
      const shelf: Map<Key, unknown> = this.#platter.shelves[step.store]
      const key = step.key ?? ++this.#platter.count
      if (step.store === 'frames') this.#platter.lasts.clear()
      if (step.value === undefined) shelf.delete(key)
      else shelf.set(key, step.value)
      return key
    })
  }

  async append(rows: readonly FrameRow[], builtOn?: number): Promise<(number | null)[]> {
    return rows.map((row) => {
      if (!fits(row, this.#last(row.space), builtOn)) return null
      if (row.since === 0) this.#clear(row.space)
      return this.#add(row)
    })
  }

  close(): void {}

  #add(row: FrameRow): number {
    const key = ++this.#platter.count
    this.#platter.shelves.frames.set(key, row)
    this.#platter.lasts.set(row.space, { key, upto: row.upto, epoch: row.epoch })
    return key
  }

  #last(space: number): Last | null {
    const { lasts, shelves } = this.#platter
    if (!lasts.has(space)) {
      for (const [key, { space: of, upto, epoch }] of shelves.frames)
        lasts.set(of, { key: Number(key), upto, epoch })
    }
    return lasts.get(space) ?? null
  }

  #clear(space: number): void {
    const { lasts, shelves } = this.#platter
    for (const [key, row] of shelves.frames) if (row.space === space) shelves.frames.delete(key)
    lasts.delete(space)
  }
}
