/**
 * The way out of a bad release: put in the place of /sw.js it takes over, unregisters itself and does nothing else (D-27).
 * Pages then come from the network; what people wrote stays where it lies, for the next good version.
 */
declare const self: ServiceWorkerGlobalScope

self.addEventListener('install', (event) => event.waitUntil(self.skipWaiting()))
self.addEventListener('activate', (event) => event.waitUntil(self.registration.unregister()))

export {}
