import { effect } from '@preact/signals'
import { waiting } from '../replica.ts'
import { SEND } from '../send-tag.ts'
import { routeOf } from './route.ts'
import type { Shell } from './shell.ts'

interface TrustedPolicy {
  createScriptURL: (url: string) => unknown
}
declare global {
  interface Window {
    /** Not in every browser, and not yet in the types. */
    trustedTypes?: { createPolicy: (name: string, rules: TrustedPolicy) => TrustedPolicy }
  }
}

/** The app's one Trusted Types policy: the address of its own service worker, and nothing else. */
function workerUrl(): string {
  const path = '/sw.js'
  const made = window.trustedTypes?.createPolicy('virtaamo', {
    createScriptURL(url: string) {
      if (url !== path) throw new TypeError('not our worker')
      return url
    },
  })
  // The type of `register` doesn't know trusted addresses yet; to the browser it is one.
  return (made?.createScriptURL(path) ?? path) as string
}

const isWriting = (shell: Shell) =>
  shell.capture.peek() !== null || (document.activeElement?.matches('input, textarea') ?? false)

const HOUR_MS = 3_600_000

/**
 * Keeps the app fresh without ever taking words from under anybody: a new version waits until the person takes it,
 * or is taken at the next cold start, when nothing is being written yet.
 */
export async function watchUpdates(shell: Shell): Promise<void> {
  const workers = navigator.serviceWorker
  if (!workers) return
  let hadWorker = workers.controller !== null
  let reloading = false
  const reload = () => {
    if (reloading) return
    reloading = true
    location.reload()
  }
  workers.addEventListener('controllerchange', () => {
    // The first worker of all takes over a page that is as new as itself.
    if (!hadWorker) {
      hadWorker = true
      return
    }
    if (isWriting(shell)) shell.update.value = reload
    else reload()
  })
  const registration = await workers.register(workerUrl(), { updateViaCache: 'none' })
  registration.waiting?.postMessage('activate')
  // A page that was on its way while the worker took over has been passed by, and would lack its parts offline.
  workers.ready.then(({ active }) => workers.controller || active?.postMessage('claim'))
  registration.addEventListener('updatefound', () => {
    const fresh = registration.installing
    fresh?.addEventListener('statechange', () => {
      if (fresh.state !== 'installed' || !workers.controller) return
      shell.update.value = () => fresh.postMessage('activate')
    })
  })
  const look = () => {
    registration.update().catch(() => undefined)
    shell.clock.after(HOUR_MS, look)
  }
  shell.clock.after(HOUR_MS, look)
}

/** While words wait, the browser is asked to wake the worker once there is a network, where it can (D-26). */
export function watchWaiting(): void {
  effect(() => {
    if (waiting.value > 0) askToSend().catch(() => undefined)
  })
}

/** Not in every browser, and not yet in the types. */
interface WithSync extends ServiceWorkerRegistration {
  readonly sync?: { register(tag: string): Promise<void> }
}

async function askToSend(): Promise<void> {
  const registration: WithSync = await navigator.serviceWorker.ready
  await registration.sync?.register(SEND)
}

/** A notification was touched while this window was open: what it is about is shown here (D-85). */
export function watchNews(shell: Shell): void {
  navigator.serviceWorker?.addEventListener('message', ({ data }) => {
    const path: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'open') : null
    if (typeof path === 'string') shell.go(routeOf({ pathname: path, search: '' }))
  })
}

/** Chromium's offer to install is kept for when the person wants it. */
export function watchInstall(shell: Shell): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    if (!('prompt' in event) || typeof event.prompt !== 'function') return
    const prompt = event.prompt.bind(event)
    shell.install.value = async () => {
      await prompt()
      shell.install.value = null
    }
  })
  addEventListener('appinstalled', () => {
    shell.install.value = null
  })
}
