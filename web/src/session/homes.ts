/** The databases of those who have been on this device: which is in use, whose is whose, and who I am in it. */

import type { Clock } from '../clock.ts'
import { decode, encode, hex } from '../codec.ts'
import { diskNames } from '../disk/names.ts'
import type { Disk, Step } from '../disk.ts'
import { openDisk } from '../disk.ts'
import type { Me } from '../link/me.ts'
import { readMe } from '../link/me.ts'
import type { Home } from '../vault/author.ts'
import { asLockRow, LOCK } from '../vault/lock-row.ts'
import { DATA_KEY, openVault, type Vault } from '../vault.ts'

const DEVICE = 'v-device'
export const PARTED = 'parted'
/** Where the device keeps that it is a shared tablet. */
export const TABLET = 'tablet'
export const PERSONS = 'v-p-'

/** A database for somebody who is new here. */
export async function newHome({ random }: Clock): Promise<Home> {
  const disk = await openDisk(`${PERSONS}${hex(random(8))}`)
  return { disk, vault: await openVault(disk, random) }
}

/** Where whoever was here last has signed out; null when that is behind a lock, or nobody was. */
export async function lastHome({ random }: Clock): Promise<Home | null> {
  const name = await noted('last')
  if (name === null || !(await diskNames()).includes(name)) return null
  const disk = await openDisk(name)
  if ((await lockOf(disk)) === null) return { disk, vault: await openVault(disk, random) }
  disk.close()
  return null
}

/** What this person's words on this device lie in, if they have been here before. */
export async function homeOf(person: number, clock: Clock): Promise<Home | null> {
  for (const name of await diskNames()) {
    if (!name.startsWith(PERSONS)) continue
    const disk = await openDisk(name)
    const guarded = (await lockOf(disk))?.person
    if (guarded === undefined || guarded === person) {
      const home = { disk, vault: await openVault(disk, clock.random) }
      if ((guarded ?? (await keptMe(home))?.person) === person) return home
    }
    disk.close()
  }
  return null
}

/** What a start looks at: the database in use, and whether this browser is a shared tablet. */
export const startOf = (): Promise<{ name: string | null; isTablet: boolean }> =>
  onDevice(async (device) => {
    const [name, tablet] = await Promise.all([device.get('meta', 'current'), device.get('meta', TABLET)])
    return { name: typeof name === 'string' ? name : null, isTablet: tablet !== undefined }
  })

/** The database in use, or null when nobody is here. */
export const currentName = (): Promise<string | null> => noted('current')

/** From now on this is the database in use; null: nobody is here. */
export async function useDisk(name: string | null): Promise<void> {
  const named = name === null ? {} : { value: name }
  const steps: Step[] = [{ store: 'meta', key: 'current', ...named }]
  if (name !== null) steps.push({ store: 'meta', key: 'last', value: name })
  await onDevice((device) => device.write(steps))
}

/** Whether somebody was removed from this device whose words it still had to deliver. */
export const hasParted = async (): Promise<boolean> => (await onDevice(readParted)) !== undefined

/** In which databases those who were removed from this device have left sealed words. */
export const readParted = (device: Disk): Promise<unknown> => device.get('meta', PARTED)

async function noted(key: 'current' | 'last'): Promise<string | null> {
  const name = await onDevice((device) => device.get('meta', key))
  return typeof name === 'string' ? name : null
}

/** What the device itself knows, apart from any person: its database is open while `work` is at it. */
export async function onDevice<T>(work: (device: Disk) => Promise<T>): Promise<T> {
  const device = await openDisk(DEVICE)
  try {
    return await work(device)
  } finally {
    device.close()
  }
}

export async function keepMe(home: Home, now: Me): Promise<void> {
  await home.disk.write([await meStep(home.vault, now)])
}

/** The step that keeps who I am in this database. */
export const meStep = async (vault: Vault, now: Me): Promise<Step> => ({
  store: 'meta',
  key: 'me',
  value: await vault.seal('meta', 'me', encode(now)),
})

export async function keptMe(home: Home): Promise<Me | null> {
  const kept = await keptFacts(home)
  return kept === null ? null : readMe(kept)
}

/** The number of the person whose database this is; null when nobody has come in here, or it doesn't open. */
export async function keptPerson(home: Home): Promise<number | null> {
  const { person }: { person?: unknown } = Object(await keptFacts(home))
  return typeof person === 'number' ? person : null
}

async function keptFacts({ disk, vault }: Home): Promise<unknown> {
  const box = await disk.get('meta', 'me')
  if (!(box instanceof Uint8Array)) return null
  return await vault.open('meta', 'me', box.slice()).then(decode, () => null)
}

/** What guards a database, when its person has switched the app lock on. */
export const lockOf = async (disk: Disk) => asLockRow(await disk.get('meta', LOCK))

/**
 * What reached a locked database: words that another app shared, a new sign-in. There they lie under a key of their own
 * (`openVault` makes one where the data key is out of reach); from here on under the data key.
 */
export async function takeMail({ disk, vault }: Home, random: Clock['random']): Promise<void> {
  if ((await disk.get('meta', DATA_KEY)) === undefined) return
  const mail = await openVault(disk, random)
  const steps: Step[] = [{ store: 'meta', key: DATA_KEY }]
  for (const { store, key } of MAIL) {
    const box = await disk.get(store, key)
    if (!(box instanceof Uint8Array)) continue
    const plain = await mail.open(store, key, box.slice()).catch(() => null)
    if (plain !== null) steps.push({ store, key, value: await vault.seal(store, key, plain) })
  }
  await disk.write(steps)
}

const MAIL = [
  { store: 'drafts', key: 'shared' },
  { store: 'meta', key: 'me' },
  { store: 'meta', key: 'author-key' },
] as const
