/** Starts the engine over what it is given: the app, the tests and the benchmark run the same one. */

import type { Clock } from './clock.ts'
import { decodeFrame } from './codec.ts'
import type { Disk } from './disk.ts'
import { Loop } from './link/loop.ts'
import type { News, Tabs } from './link/tabs.ts'
import { loneTab } from './link/tabs.ts'
import type { Wire } from './link/wire.ts'
import { Outbox } from './outbox/queue.ts'
import type { Table } from './replica/cards.ts'
import { Replica } from './replica/copy.ts'
import type { Vault } from './vault.ts'

export interface EngineParts {
  disk: Disk
  vault: Vault
  clock: Clock
  wire: Wire
  /** Number of the person whose replica this is. */
  person: number
  tabs?: Tabs
  report?: (what: string) => void
  /** The kinds that are known here; with `PLAIN` cards have only their raw fields. */
  table: Table
}

const RELOAD_AFTER_MS = 500

/** One person's replica, kept in step with the server. `startEngine` makes it. */
export class Engine {
  readonly disk: Disk
  readonly vault: Vault
  readonly clock: Clock
  readonly wire: Wire
  readonly tabs: Tabs
  readonly replica: Replica
  readonly outbox: Outbox
  readonly loop: Loop
  /** For whoever sends photos: it is time to send, and another tab has sent one. */
  on = { due: () => {}, uploaded: (_sha: string) => {} }

  /** Try the network at once: `online`, a tab that is shown again, "send now". */
  readonly wake = (): void => {
    if (this.#leads) {
      this.loop.wake()
      this.on.due()
    } else this.tabs.tell({ sort: 'send' })
  }

  readonly stop = (): void => {
    this.tabs.close()
    this.loop.stop()
    this.outbox.close()
    this.replica.stop()
    this.disk.close()
  }

  #leads = false
  #reloading = false

  constructor({ disk, vault, clock, wire, person, tabs = loneTab(), table, report = () => {} }: EngineParts) {
    this.disk = disk
    this.vault = vault
    this.clock = clock
    this.wire = wire
    this.tabs = tabs
    this.replica = new Replica({ disk, vault, clock, person, table })
    this.outbox = new Outbox({ disk, vault, clock, replica: this.replica })
    this.loop = new Loop({ wire, replica: this.replica, outbox: this.outbox, clock, tabs, report })
    this.replica.on = {
      stored: () => this.outbox.stored(),
      parted: () => this.#reload(),
      failed: (fault) => {
        report(String(fault))
        this.#reload()
      },
    }
    this.outbox.on = {
      due: () => this.#send(),
      saved: (saved) => tabs.tell({ sort: 'saved', saved }),
      settled: (ids, notes) => tabs.tell({ sort: 'settled', ids, notes }),
    }
  }

  /** Read what the disk has, show it, and begin to sync once it is this tab's turn. */
  async start(): Promise<void> {
    this.tabs.hear((news) => this.#hear(news))
    await Promise.all([this.replica.loadGrants(), this.replica.load(), this.outbox.load()])
    // Whoever leads already says by its next word how the network does.
    this.wake()
    this.tabs.lead(
      () => this.#lead(),
      () => {
        this.#leads = false
        this.loop.stop()
      },
    )
  }

  #lead(): void {
    this.#leads = true
    this.loop.start()
    this.on.due()
  }

  #send(): void {
    if (!this.#leads) return
    this.loop.push()
    this.on.due()
  }

  /** Take up what another tab did. */
  #hear(news: News): void {
    const { replica, outbox, loop } = this
    if (news.sort === 'frame') {
      if (replica.follow(decodeFrame(news.bytes), news.epoch) === 'gap') this.#reload()
    } else if (news.sort === 'saved') outbox.adopt(news.saved)
    else if (news.sort === 'settled') outbox.heed(news.ids, news.notes)
    else if (news.sort === 'grants') replica.loadGrants().then(() => this.#reload())
    else if (news.sort === 'photo') this.on.uploaded(news.sha)
    else if (news.sort === 'net') loop.hearOf(news)
    else if (news.sort === 'send' && this.#leads) this.wake()
  }

  /** The disk holds what we don't: read it again, soon and once, and ask the server for what comes after. */
  #reload(): void {
    if (this.#reloading) return
    this.#reloading = true
    this.clock.after(RELOAD_AFTER_MS, async () => {
      this.#reloading = false
      await this.replica.load()
      if (this.#leads) this.loop.pull()
    })
  }
}

/** An engine over these parts; resolves when the local cards can be read. */
export async function startEngine(parts: EngineParts): Promise<Engine> {
  const engine = new Engine(parts)
  await engine.start()
  return engine
}
