/** The app lock of one's own device: switched on and off, opened, and shut again after a while in the background. */

import { reseal } from './app-lock/reseal.ts'
import { base64url } from './bytes.ts'
import type { Clock } from './clock.ts'
import { realClock } from './clock.ts'
import { contents, exchange } from './disk/exchange.ts'
import type { Disk } from './disk.ts'
import { openDisk } from './disk.ts'
import { usePasskey } from './passkey.ts'
import { noteTile, SIX } from './session/copies.ts'
import { lockOf, onDevice } from './session/homes.ts'
import { dueOn, type Opening, type Relocked, relock } from './session/relock.ts'
import { shareOf } from './session/share.ts'
import { reopen } from './session/signing.ts'
import { tablet } from './session/tablet.ts'
import { behindLock, engineNow, me, onTablet, unlock } from './session.ts'
import { attemptsOf, clearAttempts, type Tried, tryPin } from './vault/attempts.ts'
import type { Home } from './vault/author.ts'
import { type ByPin, byPin, calibrate, newDataKey, newRow, type Owner, unwrap, wrap } from './vault/lock.ts'
import { LOCK, type LockRow } from './vault/lock-row.ts'
import { DATA_KEY, openVault, type Vault } from './vault.ts'

const MOST_ROUNDS_OF_EXCHANGE = 8
const SECRET_BYTES = 32
const LONGEST_SHARE_MS = 3_000

/** The lock of the database that is open, or that waits to be opened; null when it is off. */
export async function lockNow(): Promise<LockRow | null> {
  const disk = diskNow()
  return disk === null ? null : await lockOf(disk)
}

/**
 * Switch the lock on. All that lies here is sealed with a new data key, which only the PIN gives out: in one exchange of
 * the whole database, so that a crash leaves either the old or the new. Rejects when the disk can't take it.
 */
export const switchOn = (pin: string, owner: Owner, clock: Clock): Promise<void> =>
  reopen(async (home) => {
    const by = await opener(pin, await calibrate(clock.wall))
    const fresh = await newDataKey()
    const row = newRow(by.rounds, owner, await wrap(fresh, by, home.disk.name, clock.random))
    const dataKey = await unwrap(row.pin, by, home.disk.name)
    if (dataKey === null) throw new Error('a key that was just wrapped does not open')
    await putUnder(row, home, await openVault(home.disk, clock.random, dataKey))
    return dataKey
  })

/** What lies in the database, sealed by the new vault, with the lock's row in place of the open data key. */
async function putUnder(row: LockRow, { disk: { name }, vault }: Home, next: Vault): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS_OF_EXCHANGE; round++) {
    // Each exchange shuts every connection, ours too.
    const disk = await openDisk(name)
    const was = await contents(disk)
    disk.close()
    const sealed = await reseal(was, vault, next)
    const meta = sealed.meta.filter(([key]) => key !== DATA_KEY)
    if (await exchange(name, was, { ...sealed, meta: [...meta, [LOCK, row]] })) return
  }
  throw new Error('another window kept writing')
}

/** Switch the lock off: with its PIN, for what opens without one must not be had for less. */
export async function switchOff(pin: string): Promise<Tried> {
  const tried = await tryNow(pin)
  if ('dataKey' in tried) {
    await engineNow()?.disk.write([
      { store: 'meta', key: LOCK },
      { store: 'meta', key: DATA_KEY, value: tried.dataKey },
    ])
  }
  return tried
}

/** Another PIN for the same data key. */
export async function changePin(pin: string, next: string, clock: Clock): Promise<Tried> {
  const tried = await tryNow(pin, true)
  if ('dataKey' in tried) {
    const row = await lockNow()
    const share = row?.strong ? await shareOf(row.person, row.strong.device) : undefined
    if (share === null || share === 'lost') return { wrong: 0, off: share ?? 'offline' }
    const six = next.length === SIX
    // Before and after: a crash between leaves a lock screen that waits for the last key, never one that tries too soon.
    if (onTablet.peek()) await noteTile(me.peek()?.person ?? 0, { six: false })
    const by = { ...(await opener(next, await calibrate(clock.wall))), ...(share && { share }) }
    await keepWith((disk) => wrap(tried.dataKey, by, disk.name, clock.random), by.rounds)
    if (onTablet.peek() && six) await noteTile(me.peek()?.person ?? 0, { six })
  }
  return tried
}

async function keepWith(make: (disk: Disk) => Promise<LockRow['pin']>, rounds: number): Promise<void> {
  const disk = diskNow()
  const row = await lockNow()
  if (disk === null || row === null) return
  await disk.write([{ store: 'meta', key: LOCK, value: { ...row, rounds, pin: await make(disk) } }])
}

/** After how many minutes in the background the app locks. */
export async function lockAfter(minutes: number): Promise<void> {
  const row = await lockNow()
  if (row !== null) await diskNow()?.write([{ store: 'meta', key: LOCK, value: { ...row, minutes } }])
}

/**
 * Open the lock with its PIN; how many were wrong when this one is too. On a tablet `copy` is the copy's own number: it
 * gets the lock that the tablet has by now, and `now` says which.
 */
export async function openByPin(pin: string, copy?: string): Promise<Tried & { now?: Relocked }> {
  const row = copy === undefined ? null : await lockNow()
  const due = row && dueOn(tablet.peek(), row)
  const tried = await tryNow(pin, due !== null)
  if (!('dataKey' in tried)) return tried
  if (row === null || due === null || copy === undefined) {
    await enter(tried.dataKey)
    return tried
  }
  const fresh = await underNow(pin, { row, device: copy, dataKey: tried.dataKey }, due)
  // Without a network it stays as it is, for this time; the key that may be wrapped anew goes no further.
  const plain = fresh === null ? await tryNow(pin) : { dataKey: fresh, now: due }
  if ('dataKey' in plain) await enter(plain.dataKey)
  return plain
}

/** The data key under the lock that is due; null where the server's share is out of reach. */
async function underNow(pin: string, opening: Opening, due: Relocked): Promise<CryptoKey | null> {
  const disk = diskNow()
  const share = due === 'strong' ? await shareSoon(opening.row.person, opening.device) : null
  if (disk === null || share === 'lost' || (due === 'strong' && share === null)) return null
  const by = await opener(pin, opening.row.rounds)
  return await relock(disk, opening, by, { share, random: realClock().random })
}

/** Nobody waits long at the lock screen for a network that hangs. */
const shareSoon = (person: number, device: string) =>
  Promise.race([
    shareOf(person, device),
    new Promise<null>((done) => realClock().after(LONGEST_SHARE_MS, () => done(null))),
  ])

/**
 * Let a passkey open the lock too, where its authenticator gives a secret (PRF). `options` are those of the server for
 * showing a passkey. False when this one gives none, or the person said no.
 */
export async function addPasskey(dataKey: CryptoKey, options: unknown, { random }: Clock): Promise<boolean> {
  const ask = random(SECRET_BYTES)
  const proof = await usePasskey(options, ask)
  const disk = diskNow()
  const row = await lockNow()
  if (disk === null || row === null || !proof?.secret) return false
  const wrapped = await wrap(dataKey, { secret: proof.secret }, disk.name, random)
  const passkey = { ...wrapped, ask, id: proof.credential.id, rpId: rpOf(options) }
  await disk.write([{ store: 'meta', key: LOCK, value: { ...row, passkey } }])
  return true
}

/** The data key for wrapping it anew, by its PIN. */
export const takeOut = (pin: string): Promise<Tried> => tryNow(pin, true)

/** Open it with a passkey's secret; false when it didn't come, or opens nothing. Needs no network. */
export async function openByPasskey({ random }: Clock): Promise<boolean> {
  const disk = behindLock.peek()
  const kept = (await lockNow())?.passkey
  if (disk === null || !kept) return false
  const { id, rpId, ask } = kept
  const challenge = base64url(random(SECRET_BYTES))
  const secret = (await usePasskey({ challenge, rpId, allowCredentials: [{ id }] }, ask))?.secret
  const dataKey = secret ? await unwrap(kept, { secret }, disk.name) : null
  if (dataKey === null) return false
  await clearAttempts(disk)
  return await enter(dataKey)
}

/** Open it, and let it speak its person's language when it is closed the next time. */
async function enter(dataKey: CryptoKey): Promise<boolean> {
  if (!(await unlock(dataKey))) return false
  const row = await lockNow()
  const lang = me.peek()?.lang
  if (row !== null && lang !== undefined && lang !== row.lang)
    await diskNow()?.write([{ store: 'meta', key: LOCK, value: { ...row, lang } }])
  return true
}

const rpOf = (options: unknown): string => {
  const found: unknown = typeof options === 'object' && options !== null ? Reflect.get(options, 'rpId') : null
  return typeof found === 'string' ? found : location.hostname
}

/** How many PINs have been wrong, and how many changes wait behind the lock. */
export async function behind(): Promise<{ wrong: number; waiting: number }> {
  const disk = behindLock.peek()
  if (disk === null) return { wrong: 0, waiting: 0 }
  const [wrong, rows] = await Promise.all([attemptsOf(disk), disk.keys('outbox')])
  return { wrong, waiting: rows.length }
}

/** The person has shown to the server who they are: five more tries. */
export async function forgive(): Promise<void> {
  const disk = behindLock.peek()
  if (disk !== null) await clearAttempts(disk)
}

async function tryNow(pin: string, wrapped = false): Promise<Tried> {
  const disk = diskNow()
  const row = await lockNow()
  if (disk === null || row === null) throw new Error('there is no lock')
  const by = await opener(pin, row.rounds)
  const share = row.strong ? await shareOf(row.person, row.strong.device) : undefined
  if (share === null || share === 'lost') return { wrong: await attemptsOf(disk), off: share ?? 'offline' }
  const whole = share === undefined ? by : { ...by, share }
  return await tryPin(disk, row, whole, { at: realClock().wall(), wrapped })
}

const opener = (pin: string, rounds: number): Promise<ByPin> =>
  onDevice((device) => byPin(pin, device, rounds))

const diskNow = (): Disk | null => engineNow()?.disk ?? behindLock.peek()
