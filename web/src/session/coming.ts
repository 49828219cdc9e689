/**
 * Getting onto a tablet: an own phone approves it, or a leader's code does (D-41, D-42). Until a PIN is chosen nothing
 * lies on the disk: the author key is in memory, and goes with the page.
 */

import { base64url } from '../bytes.ts'
import type { Clock } from '../clock.ts'
import { hex } from '../codec.ts'
import { alone } from '../disk/alone.ts'
import { openDisk } from '../disk.ts'
import { isRecord, type Me, readMe } from '../link/me.ts'
import type { Result } from '../link.ts'
import { callAnew } from '../link.ts'
import { authorStep, type Halves, newAuthor } from '../vault/author.ts'
import { byPin, calibrate, newDataKey, newRow, unwrap, wrap } from '../vault/lock.ts'
import { LOCK } from '../vault/lock-row.ts'
import { openVault } from '../vault.ts'
import { addTile, COPIES, dropCopy, holdTablet, SIX, tileName } from './copies.ts'
import { dayEnd } from './disuse.ts'
import { enter } from './entering.ts'
import { meStep, onDevice, PERSONS } from './homes.ts'
import { shareOf } from './share.ts'
import { tabletHere } from './tablet.ts'

/** What stands on the tablet while it waits for a phone: a picture for its camera, and two digits. */
export interface Asked {
  id: string
  number: number
  until: number
  url: string
  qr: { size: number; path: string }
}

/** A request under way, with the key that it asks for; null: the one that an open copy has already. */
export interface Coming {
  readonly asked: Asked
  readonly author: Halves | null
}

/** Somebody who has been let in and has yet to choose a PIN. */
export interface Taken {
  readonly me: Me
  readonly author: Halves
}

/** Ask for a phone's approval; what was asked before is over. */
export async function askPhone(): Promise<Result<Coming>> {
  const author = await newAuthor()
  const got = await askPhoneFor(base64url(author.point))
  return got.ok ? { ok: true, value: { asked: got.value, author } } : got
}

/** The same for an author key whose public half this is, base64url. */
export const askPhoneFor = (signPub: string): Promise<Result<Asked>> =>
  callAnew('POST', '/api/devices/requests', { sign_pub: signPub }, readAsked)

export type State = 'waiting' | 'approved' | 'refused' | 'expired' | 'offline'

/** What has become of a request. */
export async function answerOf({ asked }: Coming): Promise<State> {
  const got = await callAnew('GET', `/api/devices/requests/${asked.id}`, null, (value) =>
    isRecord(value) ? String(value.state) : '',
  )
  if (!got.ok) return got.error === 'offline' ? 'offline' : 'expired'
  return got.value === 'waiting' || got.value === 'approved' || got.value === 'refused'
    ? got.value
    : 'expired'
}

/** Take the copy that a phone has approved. */
export const takeByRequest = ({ asked }: Coming): Promise<Result<Me>> =>
  callAnew('POST', '/api/devices/persons', { request: asked.id }, readMe)

/** Take the copy that a leader's code gives. */
export async function takeByCode(code: string): Promise<Result<Taken>> {
  const author = await newAuthor()
  const form = { code, sign_pub: base64url(author.point) }
  const got = await callAnew('POST', '/api/devices/persons', form, readMe)
  return got.ok ? { ok: true, value: { me: got.value, author } } : got
}

/**
 * The PIN is chosen: a database of this person's own, whose data key only the PIN gives out, and a tile. They are in
 * after that. An older copy of theirs here goes, but for what is sealed in it. False while another window is unlocked.
 */
export async function settle({ me, author }: Taken, pin: string, clock: Clock): Promise<boolean> {
  if (!(await holdTablet())) return false
  const share = (await tabletHere())?.strong ? await shareOf(me.person, me.device.id) : undefined
  if (share === null || share === 'lost') throw new Error('a strong lock takes a network')
  const db = `${PERSONS}${hex(clock.random(8))}`
  const rounds = await calibrate(clock.wall)
  const plain = await onDevice((device) => byPin(pin, device, rounds))
  const by = share === undefined ? plain : { ...plain, share }
  const wrapped = await wrap(await newDataKey(), by, db, clock.random)
  const row = { ...newRow(rounds, me, wrapped), ...(share && { strong: { device: me.device.id } }) }
  const dataKey = await unwrap(row.pin, by, db)
  if (dataKey === null) throw new Error('a key that was just wrapped does not open')
  const home = await alone(COPIES, async () => {
    const disk = await openDisk(db)
    const vault = await openVault(disk, clock.random, dataKey)
    const steps = [await authorStep(vault, author), await meStep(vault, me)]
    await disk.write([{ store: 'meta', key: LOCK, value: row }, ...steps])
    const { person, name, colour, lang } = me
    const tile = { person, name: tileName(name), colour, lang, db, six: pin.length === SIX }
    const old = await addTile({
      ...tile,
      device: me.device.id,
      state: 'ready',
      openedAt: dayEnd(clock.wall()),
    })
    if (old !== null) await dropCopy(old.db)
    return { disk, vault }
  })
  await enter(home, me, { version: 0, spaces: me.grants })
  author.pkcs8.fill(0)
  return true
}

function readAsked(value: unknown): Asked {
  if (!isRecord(value) || !isRecord(value.qr)) throw new TypeError('no request')
  const { id, number, until, url, qr } = value
  const { size, path } = qr
  return {
    id: String(id),
    number: Number(number),
    until: Number(until),
    url: String(url),
    qr: { size: Number(size), path: String(path) },
  }
}
