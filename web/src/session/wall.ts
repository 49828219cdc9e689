/**
 * The boards that this tablet shows while it is locked (D-45): titles by stage, kept in a database of its own under a key
 * that lies beside them. Anybody at the tablet may read them, so nobody's PIN guards them and nothing personal is there.
 */

import { type ReadonlySignal, signal } from '@preact/signals-core'
import { decode, encode } from '../codec.ts'
import { diskNames } from '../disk/names.ts'
import type { Disk } from '../disk.ts'
import { deleteDisk, openDisk } from '../disk.ts'
import { type Call, makeCall } from '../link/call.ts'
import { isRecord } from '../link/me.ts'
import type { Vault } from '../vault.ts'
import { openVault } from '../vault.ts'
import { parts } from './here.ts'

/** A stage of a board: how many ideas there are, and the newest of them. */
export interface WallStage {
  readonly stage: string
  readonly total: number
  readonly ideas: readonly { readonly title: string; readonly lang: string }[]
}

/** A team's board as anybody may read it. */
export interface Wall {
  readonly space: number
  readonly name: string
  readonly stages: readonly WallStage[]
  /** How many tasks are on their way from shift to shift, and how many of them wait for whoever goes on. */
  readonly relays: number
  readonly waiting: number
}

const NAME = 'v-wall'
const ROW = 'walls'
const FRESH_MS = 5 * 60_000
/** A network that is just back often fails the first question. */
const AGAIN_MS = 5_000
/** Titles that the server hasn't confirmed for so long are shown no more, as a copy that nobody opens (D-58). */
const KEPT_MS = 14 * 86_400_000
/** After these words of the server's the tablet shows no board. */
const ENDED: readonly string[] = ['gone', 'not_enrolled', 'not_found']

const shown = signal<readonly Wall[]>([])
let heardAt = 0
let asked = 0
let last: Promise<unknown> = Promise.resolve()

/** One after the other on the disk: who reads while a board is being dropped would show it again. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const run = last.then(work)
  last = run.catch(() => {})
  return run
}

/** The boards to show; none where nobody allowed it. */
export const walls = (): ReadonlySignal<readonly Wall[]> => shown

/** Show what is kept, ask the server for newer ones every five minutes and when the network is back; the answer ends it. */
export function keepWalls(): () => void {
  let isOver = false
  let cancel = () => {}
  let wait = FRESH_MS
  const turn = async (anew = false) => {
    cancel()
    if (anew) wait = AGAIN_MS
    const isHeard = await refreshWalls(anew).catch(() => false)
    if (isOver) return
    cancel()
    wait = isHeard ? FRESH_MS : Math.min(wait * 2, FRESH_MS)
    cancel = parts.peek()?.clock.after(wait, turn) ?? cancel
  }
  const back = () => turn(true)
  addEventListener('online', back)
  showKept()
    .catch(() => {})
    .then(() => turn())
  return () => {
    isOver = true
    cancel()
    removeEventListener('online', back)
  }
}

/** Show the boards as the server last told of them. */
export const showKept = (): Promise<void> => inTurn(readKept)

async function readKept(): Promise<void> {
  const clock = parts.peek()?.clock
  if (!clock || !(await diskNames()).includes(NAME)) return
  const kept = await onWall(async (disk, vault) => {
    const box = await disk.get('meta', ROW)
    if (!(box instanceof Uint8Array)) return null
    return await vault.open('meta', ROW, box.slice()).then(decode, () => null)
  })
  const { at, walls }: { at?: unknown; walls?: unknown } = Object(kept)
  const age = typeof at === 'number' ? clock.wall() - at : KEPT_MS + 1
  const found = age > KEPT_MS ? [] : readWalls(walls)
  if (found.length === 0) return await drop()
  heardAt = Number(at)
  shown.value = found
}

/**
 * Ask the server for the boards; unless `anew`, not when it has just told of them. Without a network nothing changes.
 * Gives whether what is shown is now what the server says.
 */
export async function refreshWalls(anew = false): Promise<boolean> {
  const given = parts.peek()
  if (!given) return false
  const { clock, wire } = given
  const age = clock.wall() - heardAt
  if (!anew && shown.peek().length > 0 && age >= 0 && age < FRESH_MS) return true
  const mine = ++asked
  const found = await askFor(makeCall(wire, () => document.documentElement.lang))
  if (found === null || mine !== asked) return false
  if (found.length === 0) await dropWalls()
  else await inTurn(() => keep(found, clock.wall()))
  return true
}

/** What the server says; null where it said nothing of boards. */
async function askFor(call: Call): Promise<Wall[] | null> {
  const listed = await call('GET', '/api/me', null, asSpaces)
  if (!listed.ok) return ENDED.includes(listed.error) ? [] : null
  if (listed.value === null) return null
  const found: Wall[] = []
  for (const space of listed.value) {
    const got = await call('GET', `/api/wall/${space}`, null, readWall)
    if (got.ok) found.push(got.value)
    else if (!ENDED.includes(got.error)) return null
  }
  return found
}

async function keep(found: readonly Wall[], at: number): Promise<void> {
  await onWall(async (disk, vault) => {
    const box = await vault.seal('meta', ROW, encode({ at, walls: found }))
    await disk.write([{ store: 'meta', key: ROW, value: box }])
  })
  heardAt = at
  shown.value = found
}

/** This tablet shows no board any more, and keeps nothing of one. */
export function dropWalls(): Promise<void> {
  shown.value = []
  return inTurn(drop)
}

async function drop(): Promise<void> {
  shown.value = []
  heardAt = 0
  if ((await diskNames()).includes(NAME)) await deleteDisk(await openDisk(NAME))
}

async function onWall<T>(work: (disk: Disk, vault: Vault) => Promise<T>): Promise<T> {
  const random = parts.peek()?.clock.random
  const disk = await openDisk(NAME)
  try {
    if (!random) throw new Error('no clock')
    return await work(disk, await openVault(disk, random))
  } finally {
    disk.close()
  }
}

/** The spaces whose boards a locked tablet shows; null where a person answers, who has unlocked it in another window. */
function asSpaces(value: unknown): number[] | null {
  if (!isRecord(value)) throw new TypeError('not a tablet')
  if ('person' in value) return null
  return asList(value.walls).filter((space) => typeof space === 'number')
}

function readWalls(kept: unknown): Wall[] {
  try {
    return asList(kept).map(readWall)
  } catch {
    return []
  }
}

/** Throws on what is no board. */
function readWall(value: unknown): Wall {
  if (!isRecord(value) || typeof value.space !== 'number' || typeof value.name !== 'string')
    throw new TypeError('not a wall')
  const { space, name, relays, waiting } = value
  return {
    space,
    name,
    stages: asList(value.stages).map(readStage),
    relays: asCount(relays),
    waiting: asCount(waiting),
  }
}

function readStage(value: unknown): WallStage {
  if (!isRecord(value) || typeof value.stage !== 'string' || typeof value.total !== 'number')
    throw new TypeError('not a stage')
  const ideas = asList(value.ideas).map((idea) => {
    if (!isRecord(idea) || typeof idea.title !== 'string') throw new TypeError('not an idea')
    return { title: idea.title, lang: typeof idea.lang === 'string' ? idea.lang : '' }
  })
  return { stage: value.stage, total: value.total, ideas }
}

/** A board that was kept by an older version has no relays. */
const asCount = (value: unknown): number => (typeof value === 'number' ? value : 0)

function asList(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError('not a list')
  return value
}
