/** Photos: those that wait here go up, those of others come down once and stay, sealed. */

import type { Clock } from '../clock.ts'
import type { Disk, Key, Step } from '../disk.ts'
import type { Replica } from '../replica/copy.ts'
import type { Vault } from '../vault.ts'
import type { Wire } from './wire.ts'

const JPEG = 'image/jpeg'
const MOST_KEPT = 200
const AGAIN_AFTER_MS = 30_000
const UP = 'up/'

interface Parts {
  wire: Wire
  disk: Disk
  vault: Vault
  clock: Clock
  replica: Replica
}

export class Photos {
  /** Told of each photo that has gone up. */
  onUp: (sha: string) => void = () => {}

  readonly #parts: Parts
  #sending: Promise<void> | null = null

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Find what waits on the disk. */
  async load(): Promise<void> {
    for (const key of await this.#parts.disk.keys('files')) {
      if (isWaiting(key)) this.#parts.replica.uploads.add(String(key).slice(UP.length))
    }
  }

  /** Send what waits, one at a time. */
  send(): void {
    if (this.#parts.replica.uploads.size === 0) return
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null
    })
  }

  /** A photo from this device, or else from the server; null when neither has it now. */
  async get(sha: string): Promise<Blob | null> {
    const { disk, vault, wire } = this.#parts
    const box = (await disk.get('files', sha)) ?? (await disk.get('files', UP + sha))
    if (box !== undefined) {
      const opened = await vault.open('files', sha, box).catch(() => null)
      if (opened !== null) return new Blob([opened], { type: JPEG })
    }
    const reply = await wire.ask({ method: 'GET', path: `/api/files/${sha}` }).catch(() => null)
    if (reply === null || reply.status !== 200 || reply.type !== JPEG) return null
    // Keeping it is a kindness: a full disk must not hide the picture.
    this.#keep(sha, reply.body).catch(() => {})
    return new Blob([reply.body], { type: JPEG })
  }

  async #sendAll(): Promise<void> {
    const { replica, clock } = this.#parts
    for (const sha of [...replica.uploads]) {
      if (await this.#sendOne(sha).catch(() => false)) continue
      clock.after(AGAIN_AFTER_MS, () => this.send())
      return
    }
  }

  /** True when nothing is left to do for this photo. */
  async #sendOne(sha: string): Promise<boolean> {
    const { disk, vault, wire } = this.#parts
    const box = await disk.get('files', UP + sha)
    if (box !== undefined) {
      const body = await vault.open('files', sha, box)
      const headers = { 'Content-Type': JPEG }
      const { status, type } = await wire.ask({ method: 'PUT', path: `/api/files/${sha}`, headers, body })
      const isRefused = type === 'application/json' && (status === 413 || status === 422)
      if (status >= 300 && !isRefused) return false
      await disk.write([
        { store: 'files', key: UP + sha },
        { store: 'files', key: sha, value: box },
      ])
    }
    this.done(sha)
    this.onUp(sha)
    return true
  }

  /** The server has this photo. */
  done(sha: string): void {
    const { replica } = this.#parts
    replica.uploads.delete(sha)
    replica.refresh()
  }

  async #keep(sha: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { disk, vault } = this.#parts
    const kept = (await disk.keys('files')).filter((key) => !isWaiting(key))
    const value = await vault.seal('files', sha, bytes)
    const surplus = kept.slice(0, Math.max(0, kept.length + 1 - MOST_KEPT))
    await disk.write([
      ...surplus.map((key): Step => ({ store: 'files', key })),
      { store: 'files', key: sha, value },
    ])
  }
}

const isWaiting = (key: Key) => String(key).startsWith(UP)
