/** Signing in and out on one's own device, and changing how what lies there is sealed. Loaded with the screens for it. */

import type { Clock } from '../clock.ts'
import { deleteDisk, openDisk } from '../disk.ts'
import type { Me } from '../link/me.ts'
import { readMe } from '../link/me.ts'
import type { Result } from '../link.ts'
import { call, callAnew } from '../link.ts'
import type { Home } from '../vault/author.ts'
import { passAuthorKey, signPublic } from '../vault/author.ts'
import { openVault } from '../vault.ts'
import { handIn, leaveCopy } from './departing.ts'
import { enter, forget, shut } from './entering.ts'
import { closed, current, homeAgain, parts } from './here.ts'
import { currentName, homeOf, keepMe, keptMe, lastHome, lockOf, newHome, useDisk } from './homes.ts'

export interface Joining {
  code: string
  name: string
  lang: string
  device_name: string
}

/** Use an invitation up; whoever is signed in already gets the grant. */
export const join = (joining: Joining): Promise<Result<Me>> => comeIn('/api/join', joining)

/**
 * Join, or sign in again: each path answers with who it is. Whoever has been here before goes on with the words that lie
 * here, somebody new gets a database of their own. The author key is made here and registered with it; that of whoever
 * was here last is used again, by which the server knows the device (D-19).
 */
export async function comeIn(path: string, form: object): Promise<Result<Me>> {
  const given = parts.peek()
  if (given === null) throw new Error('the session is not open yet')
  const here = current.peek()
  const known = here === null ? await lastHome(given.clock) : await homeAgain(here)
  const home = known ?? (await newHome(given.clock))
  const got = await callAnew('POST', path, { ...form, sign_pub: await signPublic(home) }, readMe)
  const isAnother = got.ok && here?.me.person !== got.value.person
  if (got.ok && isAnother) await moveIn(home, got.value, given.clock)
  else if (got.ok) await renew(got.value)
  // What waits of whoever was here goes sealed, or stays until they come back (D-17).
  if (here !== null && isAnother) sendSealed(home, here.me).finally(() => home.disk.close())
  else if (here !== null) home.disk.close()
  if (known === null && home.disk.name !== (await currentName())) await deleteDisk(home.disk)
  return got
}

/** Somebody has come in with a key that was made in `made`: to their own database, with the key that was registered. */
async function moveIn(made: Home, next: Me, clock: Clock): Promise<void> {
  const here = current.peek()
  const old = await homeOf(next.person, clock)
  const home = old ?? ((await keptMe(made)) === null ? made : await newHome(clock))
  if (home.disk.name !== made.disk.name) await passAuthorKey(made, home)
  here?.engine.stop()
  await keepMe(home, next)
  await useDisk(home.disk.name)
  here?.windows.postMessage('left')
  here?.windows.close()
  // Under an app lock, what was just written waits like mail until it is opened.
  if ((await lockOf(home.disk)) === null) await enter(home, next, { version: 0, spaces: next.grants })
  else shut(home.disk)
}

/** The person's own facts have changed (name, colour, language). */
export async function renew(now: Me): Promise<void> {
  const here = current.peek()
  if (here === null || here.me.person !== now.person) return
  await keepMe(here.engine, now)
  current.value = { ...here, me: now }
  // Version 0: the next Sync brings the grants with their version.
  await here.engine.replica.regrant({ version: 0, spaces: now.grants })
  here.engine.wake()
}

/** The way out has been taken on the server: this device forgets who is here, but what waits stays on its disk. */
export async function leave(): Promise<void> {
  const here = current.peek()
  if (here !== null && here.engine.replica.waiting.peek() > 0) await sendSealed(here.engine, here.me)
  await forget(here)
}

/** My account goes, and so does this device's copy at once. */
export async function dropCopy(): Promise<void> {
  const here = current.peek()
  const wire = parts.peek()?.wire
  if (here === null || wire === undefined) return
  const home = await homeAgain(here)
  const waiting = await leaveCopy({ home, me: here.me, wire }, () => forget(here))
  if (waiting === null) home.disk.close()
}

/** The PIN is forgotten: what lies behind the lock goes, and whoever signs in next begins anew. */
export async function abandon(): Promise<void> {
  const disk = closed.peek()
  if (disk === null) return
  await call('POST', '/api/logout', {}, () => null)
  await useDisk(null)
  await deleteDisk(disk)
  closed.value = null
}

/**
 * Stop what runs on this database, let `work` change how it is sealed, and go on with the data key that it answers.
 * Other windows of this person start anew. When it fails, everything goes on as before, and so does the failure.
 */
export async function reopen(work: (home: Home) => Promise<CryptoKey>): Promise<void> {
  const given = parts.peek()
  const here = current.peek()
  if (given === null || here === null) return
  here.engine.stop()
  const { name } = here.engine.disk
  let vault = here.engine.vault
  try {
    const disk = await openDisk(name)
    const key = await work({ disk, vault })
    disk.close()
    vault = await openVault(disk, given.clock.random, key)
    here.windows.postMessage('resealed')
  } finally {
    here.windows.close()
    await enter({ disk: await openDisk(name), vault }, here.me)
  }
}

/** What waits goes sealed: this session has ended, and with it the usual way. */
async function sendSealed(home: Home, me: Me): Promise<void> {
  const wire = parts.peek()?.wire
  if (wire !== undefined) await handIn({ home, me, wire }).catch(() => null)
}
