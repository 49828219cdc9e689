/** Being woken: what this browser has agreed with its push service, and what the server knows of it (D-85, D-89). */

import { base64url } from '../bytes.ts'
import { draft, saveDraft } from '../intents.ts'
import { call, type Result } from '../link.ts'
import { sha256 } from '../vault.ts'
import { isApple, isInstalled } from './install-hint.tsx'
import { part } from './read.ts'

/** Why this device can't be woken; `on` and `off` where it can. */
export type Woken = 'on' | 'off' | 'denied' | 'install' | 'missing' | 'unoffered' | 'offline'

const DRAFT = 'push'
const NO_SERVICE = { ok: false, error: 'push', message: '', status: 0 } as const

interface Key {
  public: string | null
  /** SHA-256 of the endpoint that the server knows of this session. */
  here: string | null
}

/** How it stands on this device. */
export async function woken(): Promise<Woken> {
  if (!canBeWoken()) return isApple() && !isInstalled() ? 'install' : 'missing'
  const key = await askKey()
  if (!key.ok) return 'offline'
  if (key.value.public === null) return 'unoffered'
  if (Notification.permission === 'denied') return 'denied'
  return (await isWished()) && (await subscription()) !== null ? 'on' : 'off'
}

/** By the person's tap alone: ask the browser, its push service, and tell the server. */
export async function turnOn(): Promise<Result<null>> {
  const key = await askKey()
  if (!key.ok) return key
  if (key.value.public === null || (await Notification.requestPermission()) !== 'granted') return NO_SERVICE
  const made = await subscribe(key.value.public)
  if (made === null) return NO_SERVICE
  const told = await tell(made)
  if (told.ok) await saveDraft(DRAFT, { on: true })
  else await made.unsubscribe().catch(() => false)
  return told
}

/** No more on this device; where there is no network, the server hears it at the next start. */
export async function turnOff(): Promise<void> {
  const had = await subscription()
  await saveDraft(DRAFT, { on: false })
  if (had === null) return
  await had.unsubscribe().catch(() => false)
  await call('DELETE', '/api/push/subscribe', { endpoint: had.endpoint }, () => null)
}

/** At every start: what the browser holds, what the person wished and what the server knows are made one. */
export async function keepWoken(): Promise<void> {
  await clearShown()
  const had = await subscription()
  if (!(await isWished())) {
    await had?.unsubscribe().catch(() => false)
    return
  }
  const key = await askKey()
  if (!key.ok || key.value.public === null) return
  const now = had && isMadeFor(had, key.value.public) ? had : await renew(had, key.value.public)
  if (now && (await hashOf(now.endpoint)) !== key.value.here) await tell(now)
}

/** The way out: the browser's half ends here, the server's with the session. */
export async function endWoken(): Promise<void> {
  await (await subscription())?.unsubscribe().catch(() => false)
}

/** What was shown has been seen by whoever opens the app. */
async function clearShown(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration()
  const shown = await registration?.getNotifications?.()
  for (const one of shown ?? []) one.close()
}

const canBeWoken = () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window

async function subscription(): Promise<PushSubscription | null> {
  if (!canBeWoken()) return null
  const registration = await navigator.serviceWorker.getRegistration()
  return (await registration?.pushManager?.getSubscription().catch(() => null)) ?? null
}

async function subscribe(applicationServerKey: string): Promise<PushSubscription | null> {
  const { pushManager } = await navigator.serviceWorker.ready
  return await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }).catch(() => null)
}

/** The installation has another key, or the browser has let go of what it had. */
async function renew(had: PushSubscription | null, key: string): Promise<PushSubscription | null> {
  await had?.unsubscribe().catch(() => false)
  return await subscribe(key)
}

function isMadeFor(had: PushSubscription, key: string): boolean {
  const used = had.options?.applicationServerKey
  return !used || base64url(new Uint8Array(used)) === key
}

function tell(made: PushSubscription): Promise<Result<null>> {
  const { endpoint, keys } = made.toJSON()
  const body = { endpoint, p256dh: keys?.p256dh, auth: keys?.auth }
  return call('POST', '/api/push/subscribe', body, () => null)
}

/** Whether this person has turned it on, on this device. */
async function isWished(): Promise<boolean> {
  const kept = await draft(DRAFT)
  return typeof kept === 'object' && kept !== null && Reflect.get(kept, 'on') === true
}

const askKey = (): Promise<Result<Key>> => call('GET', '/api/push/key', null, asKey)

const asKey = (value: unknown): Key => ({
  public: textOrNull(part(value, 'public')),
  here: textOrNull(part(value, 'here')),
})

const textOrNull = (value: unknown) => (typeof value === 'string' ? value : null)

const hashOf = (endpoint: string) => sha256(new TextEncoder().encode(endpoint))
