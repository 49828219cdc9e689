/** Changes that have landed but that a restored server may have lost: kept, compressed, until a backup has them. */

import type { Clock } from '../clock.ts'
import type { Change } from '../codec.ts'
import { decodeChanges } from '../codec.ts'
import type { Disk, EchoRow, Keyed, Step } from '../disk.ts'
import { gunzip, gzip } from '../gzip.ts'
import { Packer } from '../msgpack.ts'
import type { Replica } from '../replica/copy.ts'
import type { Vault } from '../vault.ts'
import type { Saved } from './keep.ts'
import { keep } from './keep.ts'
import type { Entry } from './record.ts'
import { byRecord, letGo } from './record.ts'

const KEPT_MS = 7 * 24 * 3_600_000
const PHOTO = 'photos/'

export class Echo {
  readonly #disk: Disk
  readonly #vault: Vault
  readonly #clock: Clock
  #rows: Keyed<EchoRow>[] = []
  /** Rows that don't open: they are left where they are. */
  readonly #shut = new Set<unknown>()

  constructor(disk: Disk, vault: Vault, clock: Clock) {
    this.#disk = disk
    this.#vault = vault
    this.#clock = clock
  }

  async load(): Promise<void> {
    this.#rows = await this.#disk.all('echo')
  }

  /** Move changes that landed in this epoch here from the outbox: one transaction for all of them. */
  async take(landed: readonly Entry[], epoch: string): Promise<void> {
    if (landed.length === 0) return
    const value = await this.#make(landed, epoch)
    const steps = [...byRecord(landed)].map(([record, entries]) => letGo(record, entries))
    const keys = await this.#disk.write([...steps, { store: 'echo', value }])
    this.#rows.push([Number(keys[steps.length]), value])
  }

  /**
   * Let go what backups hold, of what is older than a week: the backup that a server is restored from may not be the
   * last one. Of spaces that the person reads no more nothing is told: for what landed there a new week begins.
   */
  async prune(
    stable: ReadonlyMap<number, number>,
    epoch: string,
    followed: readonly number[],
  ): Promise<void> {
    const now = this.#clock.now()
    const steps: Step[] = []
    this.#rows = this.#rows.flatMap(([key, row]): Keyed<EchoRow>[] => {
      const spaces = row.spaces.filter(([space]) => followed.includes(space))
      if (row.epoch !== epoch) return [[key, row]]
      if (spaces.length < row.spaces.length) {
        const value = { ...row, spaces, at: now }
        steps.push({ store: 'echo', key, value })
        return [[key, value]]
      }
      const isLacking = spaces.some(([space, seq]) => stable.size > 0 && (stable.get(space) ?? -1) < seq)
      if (row.at >= now - KEPT_MS || isLacking) return [[key, row]]
      steps.push({ store: 'echo', key })
      return []
    })
    await this.#disk.write(steps)
  }

  /** Whether something landed in another epoch than this. */
  isFromBefore(epoch: string): boolean {
    return this.#rows.some(([key, row]) => row.epoch !== epoch && !this.#shut.has(key))
  }

  /**
   * Move what landed before the replica's epoch back to the outbox, each row in one transaction. Photos of these changes
   * and of those that wait there go up again.
   */
  async giveBack(replica: Replica, waiting: readonly Change[], adopt: (saved: Saved) => void): Promise<void> {
    await this.#disk.write(await photosAgain(this.#disk, replica, waiting))
    await this.load()
    for (const [key, { id, box, epoch }] of [...this.#rows]) {
      if (epoch === replica.epoch) continue
      const bytes = await this.#vault.open('echo', id, box).then(gunzip, () => null)
      if (bytes === null) {
        this.#shut.add(key)
        continue
      }
      const changes = decodeChanges(bytes).map(({ change }) => change)
      const photos = await photosAgain(this.#disk, replica, changes)
      const row = { id, epoch: '', again: true, left: [], notes: [], bytes }
      const saved = await keep(this.#disk, this.#vault, row, [...photos, { store: 'echo', key }])
      this.#rows = this.#rows.filter(([other]) => other !== key)
      adopt(saved)
    }
  }

  async #make(landed: readonly Entry[], epoch: string): Promise<EchoRow> {
    const id = landed[0]?.change.id ?? ''
    const heads = new Map<number, number>()
    for (const { change, seq } of landed) heads.set(change.space, Math.max(seq, heads.get(change.space) ?? 0))
    const packer = new Packer()
    for (const { bytes } of landed) packer.raw(bytes)
    const box = await this.#vault.seal('echo', id, await gzip(packer.take()))
    return { id, epoch, spaces: [...heads], at: this.#clock.now(), box }
  }
}

/** The steps that let the photos of these changes go up again, as far as they still lie here. */
async function photosAgain(disk: Disk, replica: Replica, changes: readonly Change[]): Promise<Step[]> {
  const steps: Step[] = []
  for (const { set } of changes) {
    for (const [field, [, now]] of Object.entries(set)) {
      if (!field.startsWith(PHOTO) || now === null) continue
      const sha = field.slice(PHOTO.length)
      const box = await disk.get('files', sha)
      if (box === undefined) continue
      replica.uploads.add(sha)
      steps.push({ store: 'files', key: `up/${sha}`, value: box })
    }
  }
  return steps
}
