/**
 * The service worker: the app's own files, and nothing else. It never touches /api and never caches what people wrote.
 * A new version waits until the person takes it (or the next cold start), and one wrong byte fails its install.
 */
import { precache } from './precache.ts'
import { SEND } from './send-tag.ts'
import { sendWaiting } from './sending.ts'
import { takeShared } from './share.ts'
import { openNews, showNews } from './waking.ts'

declare const self: ServiceWorkerGlobalScope

interface SyncEvent extends ExtendableEvent {
  readonly tag: string
}
declare global {
  interface ServiceWorkerGlobalScopeEventMap {
    /** Not in every browser, and not yet in the types. */
    sync: SyncEvent
  }
}

const CACHE = `app-${VERSION}`
const FILES: ReadonlySet<string> = new Set(ASSETS.map(([path]) => path))
const SHARE_PATH = '/jaa'
/** The version now used and the one before it, so that an old page still finds its parts until it reloads. */
const KEPT_VERSIONS = 2

self.addEventListener('install', (event) => event.waitUntil(precache(CACHE)))
self.addEventListener('activate', (event) => event.waitUntil(settle()))

self.addEventListener('message', (event) => {
  if (event.data === 'activate') event.waitUntil(self.skipWaiting())
  if (event.data === 'claim') event.waitUntil(self.clients.claim())
})

self.addEventListener('sync', (event) => {
  if (event.tag === SEND) event.waitUntil(sendWaiting())
})

self.addEventListener('push', (event) => event.waitUntil(showNews(event.data)))
self.addEventListener('notificationclick', (event) => event.waitUntil(openNews(event.notification)))

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (url.origin !== self.location.origin || url.pathname.startsWith('/api/')) return
  if (request.method === 'POST' && url.pathname === SHARE_PATH) event.respondWith(takeShared(request))
  else if (request.method !== 'GET') return
  else if (request.mode === 'navigate' && !url.pathname.includes('.')) event.respondWith(cached('/', request))
  else if (FILES.has(url.pathname) || url.pathname.startsWith('/assets/'))
    event.respondWith(cached(url.pathname, request))
})

async function settle(): Promise<void> {
  const versions = (await caches.keys()).filter((name) => name.startsWith('app-'))
  await Promise.all(versions.slice(0, -KEPT_VERSIONS).map((name) => caches.delete(name)))
  await self.clients.claim()
}

/** From this version's cache, else from an older one's, else from the network. */
async function cached(path: string, request: Request): Promise<Response> {
  const own = await (await caches.open(CACHE)).match(path)
  return own ?? (await caches.match(path)) ?? fetch(request)
}
