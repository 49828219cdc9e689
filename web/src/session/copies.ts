/** The persons who have a copy on this tablet, as its lock screen knows them: a name, a colour, and where their words lie. */

import { type ReadonlySignal, signal } from '@preact/signals-core'
import { alone } from '../disk/alone.ts'
import { diskNames } from '../disk/names.ts'
import { deleteDisk, openDisk } from '../disk.ts'
import { waitingDrops } from '../drop.ts'
import { isRecord } from '../link/me.ts'
import { attemptsOf, MOST_TRIES } from '../vault/attempts.ts'
import { dayEnd, isUnused, timesNow } from './disuse.ts'
import { dropOpen, eachCopy, unsentIn } from './handing.ts'
import { closed, current, parts } from './here.ts'
import { onDevice } from './homes.ts'
import { lookForLegs } from './legs.ts'

export interface Tile {
  readonly person: number
  /** First name and initial: "Aino L." */
  readonly name: string
  readonly colour: number
  readonly lang: string
  /** The database in which this person's words lie. */
  readonly db: string
  /** The copy's own number, 32 hexadecimal digits. */
  readonly device: string
  /** `shut`: what could be read here is gone, and a phone has to approve the tablet anew. */
  readonly state: 'ready' | 'shut'
  /** The PIN has six digits: the lock screen then tries it at the sixth. */
  readonly six: boolean
  /** The end of the day on which it was last opened, in ms by the device's clock: no hours of anybody stand here (H5). */
  readonly openedAt: number
}

const TILES = 'tiles'
/** A PIN of so many digits is tried without a further tap. */
export const SIX = 6
/** The Web Lock of the window in which somebody is at this tablet. */
export const UNLOCKED = 'unlocked'

const waiting = signal(0)

/** How many sealed words of all persons wait here; no name goes with it. */
export const waitingHere = (): ReadonlySignal<number> => waiting

/** The persons in the order that they chose. A copy that nobody opened for 14 days loses what can be read (D-58). */
export async function tiles(): Promise<Tile[]> {
  const now = timesNow(parts.peek()?.clock.wall() ?? 0)
  for (const tile of await kept())
    if (tile.state === 'ready' && isUnused(tile.openedAt, now)) await dropTile(tile)
  await countWaiting()
  return await kept()
}

/** Put a person's tile one place forward or back. */
export async function moveTile(person: number, by: -1 | 1): Promise<void> {
  await change((all) => {
    const from = all.findIndex((tile) => tile.person === person)
    const [tile] = from < 0 ? [] : all.splice(from, 1)
    if (tile) all.splice(Math.max(0, from + by), 0, tile)
    return all
  })
}

/** A tile for whoever has come onto this tablet, in the place of an older one of theirs; answers that. */
export async function addTile(tile: Tile): Promise<Tile | null> {
  const old = (await kept()).find(({ person }) => person === tile.person) ?? null
  await change((all) =>
    old === null ? [...all, tile] : all.map((one) => (one.person === tile.person ? tile : one)),
  )
  return old
}

/** This person has opened their copy, or is called otherwise now. */
export const noteTile = (person: number, now: Partial<Tile>): Promise<void> =>
  change((all) => all.map((tile) => (tile.person === person ? { ...tile, ...now } : tile)))

/** This person is in. Never back: a clock that was wrong for a while must not make a copy old in a minute (D-58). */
export const noteOpened = (person: number, at: number): Promise<void> =>
  change((all) =>
    all.map((tile) =>
      tile.person === person ? { ...tile, openedAt: Math.max(tile.openedAt, dayEnd(at)) } : tile,
    ),
  )

/**
 * This copy waits to be opened from now on; answers how many of its PINs were wrong. Null when somebody is at this
 * tablet in another window: only one may be unlocked (D-10).
 */
export async function chooseTile(tile: Tile): Promise<{ wrong: number } | null> {
  leaveTile()
  if (!(await holdTablet())) return null
  const disk = await openDisk(tile.db)
  const wrong = await attemptsOf(disk)
  // The window died between the fifth and what it costs: that is made up for.
  if (wrong >= MOST_TRIES) {
    disk.close()
    await dropTile(tile)
  } else {
    closed.value = disk
    lookForLegs()
  }
  return { wrong }
}

/** Nobody is chosen; whoever is in already stays, and so does this window's hold on the tablet. */
export function leaveTile(): void {
  if (current.peek() !== null) return
  closed.peek()?.close()
  closed.value = null
  release()
}

let release = () => {}
let held: Promise<unknown> = Promise.resolve()

/** Hold the tablet for this window until it is left; false when another window does. */
export async function holdTablet(): Promise<boolean> {
  release()
  await held
  return await new Promise((resolve) => {
    const hold = (lock: Lock | null) => {
      resolve(lock !== null)
      if (lock === null) return null
      return new Promise<void>((done) => {
        release = done
      })
    }
    held = navigator.locks.request(UNLOCKED, { ifAvailable: true }, hold).catch(() => resolve(false))
  })
}

/** Keys and all that can be read of a copy go; what is sealed stays until it is delivered (D-11, D-57). */
export async function dropTile({ person, db }: Pick<Tile, 'person' | 'db'>): Promise<void> {
  if (closed.peek()?.name === db) leaveTile()
  // First what can be read, then what is said of it: a crash between them leaves nothing open.
  await dropCopy(db)
  await noteTile(person, { state: 'shut' })
  await countWaiting()
}

/** The readable part of a database goes; what is sealed there stays. */
export async function dropCopy(db: string): Promise<void> {
  if (!(await diskNames()).includes(db)) return
  const disk = await openDisk(db)
  await dropOpen(disk)
  disk.close()
}

/** While databases of copies are made and thrown away: one window, and one thing at a time. */
export const COPIES = 'copies'

/**
 * A database goes with the last of what was sealed in it, once nothing else is there (D-11). One that no tile leads to
 * any more loses what can be read.
 */
export const tidyCopies = (): Promise<void> =>
  alone(COPIES, async () => {
    const known = (await kept()).filter(({ state }) => state === 'ready').map(({ db }) => db)
    await eachCopy(async (disk) => {
      if (known.includes(disk.name) || disk.name === closed.peek()?.name) return
      await dropOpen(disk)
      if ((await disk.keys('meta')).length === 0) await deleteDisk(disk)
    })
  })

/** Count what waits sealed here, of persons and under no name. */
export async function countWaiting(): Promise<void> {
  let count = await waitingDrops()
  await eachCopy(async (disk) => {
    count += await unsentIn(disk)
  })
  waiting.value = count
}

/** "Aino Lehtinen" → "Aino L." */
export function tileName(name: string): string {
  const [first = '', ...rest] = name.trim().split(/\s+/)
  const initial = rest.at(-1)?.[0]
  return initial === undefined ? first : `${first} ${initial}.`
}

async function kept(): Promise<Tile[]> {
  const rows = await onDevice((device) => device.get('meta', TILES))
  return Array.isArray(rows) ? rows.flatMap(asTile) : []
}

/** One window at a time: what another has just noted must not be written over. */
const change = (make: (all: Tile[]) => Tile[]): Promise<void> =>
  alone(TILES, async () => {
    const value = make(await kept())
    await onDevice((device) => device.write([{ store: 'meta', key: TILES, value }]))
  })

function asTile(row: unknown): Tile[] {
  if (!isRecord(row) || typeof row.person !== 'number' || typeof row.db !== 'string') return []
  return [
    {
      person: row.person,
      name: String(row.name),
      colour: Number(row.colour),
      lang: String(row.lang),
      db: row.db,
      device: String(row.device),
      state: row.state === 'ready' ? 'ready' : 'shut',
      six: row.six === true,
      openedAt: Number(row.openedAt),
    },
  ]
}
