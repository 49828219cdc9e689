/** What the service worker does when a push service wakes it, and when somebody touches the word that it showed. */

import { words } from './gen/messages.worker.ts'

declare const self: ServiceWorkerGlobalScope

const CARD = /^[0-9a-f]{32}$/
const TAG = 'news'

/** There is a word for every message, whatever it holds: that is what browsers were promised (D-85). */
export async function showNews(data: PushMessageData | null): Promise<void> {
  const lang = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in words) ?? 'fi'
  const icon = ASSETS.find(([path]) => path.includes('/icon-192-'))?.[0]
  const title = words[lang]?.['worker.news'] ?? ''
  await self.registration.showNotification(title, {
    data: pathIn(data),
    lang,
    tag: TAG,
    ...(icon ? { icon } : {}),
  })
}

/** The card's address; the first screen's where the message names none. */
function pathIn(data: PushMessageData | null): string {
  try {
    const told: unknown = data?.json()
    const card: unknown = typeof told === 'object' && told !== null ? Reflect.get(told, 'c') : ''
    return typeof card === 'string' && CARD.test(card) ? `/kortti/${card}` : '/'
  } catch {
    return '/'
  }
}

/** In a window that is open, the one in use first; else in a new one. */
export async function openNews(notification: Notification): Promise<void> {
  notification.close()
  const path: unknown = notification.data
  const target = typeof path === 'string' ? path : '/'
  const open = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const window =
    open.find((one) => one.focused) ?? open.find((one) => one.visibilityState === 'visible') ?? open[0]
  if (!window) {
    await self.clients.openWindow(target)
    return
  }
  window.postMessage({ open: target })
  await window.focus().catch(() => undefined)
}
