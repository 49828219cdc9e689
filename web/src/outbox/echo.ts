/** Changes that have landed but that a restored server may have lost: kept, compressed, until a backup has them. */

import type { Clock } from '../clock.ts'
import { encodeChanges } from '../codec.ts'
import type { Disk, EchoRow, Keyed } from '../disk.ts'
import { gunzip, gzip } from '../gzip.ts'
import type { Vault } from '../vault.ts'
import type { Entry } from './record.ts'

const KEPT_WITHOUT_BACKUPS_MS = 7 * 24 * 3_600_000

/** An echo opened again, to be offered to a restored server. */
export interface Opened {
  key: number
  id: string
  bytes: Uint8Array<ArrayBuffer>
}

export class Echo {
  readonly #disk: Disk
  readonly #vault: Vault
  readonly #clock: Clock
  #rows: Keyed<EchoRow>[] = []

  constructor(disk: Disk, vault: Vault, clock: Clock) {
    this.#disk = disk
    this.#vault = vault
    this.#clock = clock
  }

  async load(): Promise<void> {
    this.#rows = await this.#disk.all('echo')
  }

  /** A row of landed changes, ready to be stored. */
  async make(landed: readonly Entry[], epoch: string): Promise<EchoRow> {
    const id = landed[0]?.change.id ?? ''
    const heads = new Map<number, number>()
    for (const { change, seq } of landed) heads.set(change.space, Math.max(seq, heads.get(change.space) ?? 0))
    const bytes = await gzip(encodeChanges(landed.map((entry) => entry.change)).whole)
    const box = await this.#vault.seal('echo', id, bytes)
    return { id, epoch, spaces: [...heads], at: this.#clock.wall(), box }
  }

  add(key: number, row: EchoRow): void {
    this.#rows.push([key, row])
  }

  /** Let go what backups hold; where the server makes none, what is a week old. */
  async prune(stable: ReadonlyMap<number, number>, epoch: string): Promise<void> {
    const oldest = this.#clock.wall() - KEPT_WITHOUT_BACKUPS_MS
    const gone = this.#rows.filter(([, row]) => {
      if (stable.size === 0) return row.at < oldest
      return row.epoch === epoch && row.spaces.every(([space, seq]) => (stable.get(space) ?? -1) >= seq)
    })
    if (gone.length === 0) return
    this.#rows = this.#rows.filter((row) => !gone.includes(row))
    await this.#disk.write(gone.map(([key]) => ({ store: 'echo', key })))
  }

  /** Whether something landed in another epoch than this. */
  isFromBefore(epoch: string): boolean {
    return this.#rows.some(([, row]) => row.epoch !== epoch)
  }

  /** What landed before this epoch, opened. A row that doesn't open is left where it is. */
  async open(epoch: string): Promise<Opened[]> {
    const opened: Opened[] = []
    for (const [key, { id, box, epoch: landedIn }] of this.#rows) {
      if (landedIn === epoch) continue
      const bytes = await this.#vault.open('echo', id, box).then(gunzip, () => null)
      if (bytes !== null) opened.push({ key: Number(key), id, bytes })
    }
    return opened
  }

  forget(key: number): void {
    this.#rows = this.#rows.filter(([other]) => other !== key)
  }
}
