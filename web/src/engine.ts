/** Starts the engine over what it is given: the app, the tests and the benchmark run the same one. */

import type { Clock } from './clock.ts'
import { decodeFrame } from './codec.ts'
import type { Disk } from './disk.ts'
import { Loop } from './link/loop.ts'
import { Photos } from './link/photos.ts'
import type { News, Tabs } from './link/tabs.ts'
import { loneTab } from './link/tabs.ts'
import type { Wire } from './link/wire.ts'
import { Outbox } from './outbox.ts'
import { Replica } from './replica.ts'
import type { Vault } from './vault.ts'

export interface EngineParts {
  disk: Disk
  vault: Vault
  clock: Clock
  wire: Wire
  /** Number of the person whose replica this is. */
  person: number
  tabs?: Tabs
  /** Spaces to follow: all that are granted, unless this says otherwise. A change elsewhere ends with its verdict. */
  follows?: (space: number) => boolean
  report?: (what: string) => void
}

export interface Engine {
  readonly disk: Disk
  readonly vault: Vault
  readonly clock: Clock
  readonly wire: Wire
  readonly replica: Replica
  readonly outbox: Outbox
  readonly loop: Loop
  readonly photos: Photos
  /** Try the network at once: `online`, a tab that is shown again, "send now". */
  wake(): void
  stop(): void
}

const RELOAD_AFTER_MS = 500

/** Reads what the disk has, shows it, and begins to sync. Resolves when the local cards can be read. */
export async function startEngine(parts: EngineParts): Promise<Engine> {
  const { disk, vault, clock, wire, person, tabs = loneTab(), follows, report = () => {} } = parts
  const replica = new Replica({ disk, vault, clock, person, follows })
  const outbox = new Outbox({ disk, vault, clock, replica })
  const loop = new Loop({ wire, replica, outbox, clock, tabs, report })
  const photos = new Photos({ wire, disk, vault, clock, replica })
  const engine = { disk, vault, clock, wire, replica, outbox, loop, photos }
  let leads = false
  const wake = () => {
    if (!leads) return tabs.tell({ sort: 'send' })
    loop.wake()
    photos.send()
  }
  const reload = reloader(engine, () => leads)
  replica.on = {
    stored: () => outbox.stored(),
    parted: reload,
    failed: (fault) => {
      report(`frames could not be stored: ${String(fault)}`)
      reload()
    },
  }
  outbox.on = {
    due: () => {
      if (!leads) return
      loop.push()
      if (replica.uploads.size > 0) photos.send()
    },
    saved: (saved) => tabs.tell({ sort: 'saved', saved }),
    settled: (ids, notes) => tabs.tell({ sort: 'settled', ids, notes }),
  }
  photos.onUp = (sha) => tabs.tell({ sort: 'photo', sha })
  tabs.hear((news) => hear(engine, news, reload, () => leads && wake()))
  await replica.loadGrants()
  await Promise.all([replica.load(), outbox.load(), photos.load()])
  tabs.lead(
    () => {
      leads = true
      loop.start()
      photos.send()
    },
    () => {
      leads = false
      loop.stop()
    },
  )
  const stop = () => {
    tabs.close()
    loop.stop()
    outbox.close()
    replica.stop()
    disk.close()
  }
  return { ...engine, wake, stop }
}

type Inner = Omit<Engine, 'wake' | 'stop'>

/** Take up what another tab did. */
function hear(
  { replica, outbox, photos, loop }: Inner,
  news: News,
  reload: () => void,
  wake: () => void,
): void {
  if (news.sort === 'frame') {
    if (replica.follow(decodeFrame(news.bytes), news.epoch) === 'gap') reload()
  } else if (news.sort === 'saved') outbox.adopt(news.saved)
  else if (news.sort === 'settled') outbox.heed(news.ids, news.notes)
  else if (news.sort === 'grants') replica.loadGrants().then(reload)
  else if (news.sort === 'photo') photos.done(news.sha)
  else if (news.sort === 'send') wake()
  else if (news.sort === 'net') loop.hearOf(news)
}

/** The disk holds what we don't: read it again, soon and once, and ask the server for what comes after. */
function reloader({ replica, loop, clock }: Inner, leads: () => boolean): () => void {
  let due = false
  return () => {
    if (due) return
    due = true
    clock.after(RELOAD_AFTER_MS, () => {
      due = false
      replica.load().then(() => leads() && loop.pull())
    })
  }
}
