import { effect } from '@preact/signals'
import { render } from 'preact'
import { realClock } from './clock.ts'
import { draft, saveDraft } from './intents.ts'
import { makeWire } from './link/wire.ts'
import { onlyOwn, waiting } from './replica.ts'
import { lastSync, me, openSession } from './session.ts'
import { isLang, preferredLang, speak } from './t.ts'
import { App } from './ui/app.tsx'
import { keptLook, wear } from './ui/look.ts'
import { asHeard, asSeen } from './ui/seen.ts'
import { makeShell, type Shell, ShellContext } from './ui/shell.ts'
import { watchInstall, watchNews, watchUpdates, watchWaiting } from './ui/updates.ts'

/** So long after the server was last heard, rights may have ended of which the device doesn't know (H8). */
const TRUSTED_MS = 45 * 86_400_000
/** The last word from the server is kept for the next start, but not at every word. */
const HEARD_EVERY_MS = 60_000

/** Start: look → disk → vault → replica → session → link → render. */
async function start(root: HTMLElement): Promise<void> {
  wear(keptLook())
  const clock = realClock()
  const shell = makeShell(clock)
  watchInstall(shell)
  watchNews(shell)
  await Promise.all([
    openSession({ clock, wire: makeWire(location.origin) }),
    speak(preferredLang(navigator.languages)),
  ])
  await takeUpPerson(shell)
  root.replaceChildren()
  render(
    <ShellContext.Provider value={shell}>
      <App />
    </ShellContext.Provider>,
    root,
  )
  watchWaiting()
  import('./drop/start.ts').then(({ startDrops }) => startDrops(clock))
  // Where the system has badges, what waits here shows on the icon too.
  effect(() => {
    navigator.setAppBadge?.(waiting.value).catch(() => undefined)
  })
  // Without a network the worker that is here goes on; the next start asks again.
  watchUpdates(shell).catch(() => undefined)
}

/** The person's language, and what they have opened here; again whenever somebody else signs in. */
async function takeUpPerson(shell: Shell): Promise<void> {
  let last = 0
  const takeUp = async (person: number, lang: string) => {
    if (person === last) return
    last = person
    const spoken = isLang(lang) ? speak(lang) : null
    const [seen, heard] = await Promise.all([draft('seen'), draft('heard'), spoken])
    shell.seen.value = asSeen(seen)
    shell.heard.value = asHeard(heard)
    // Who was never asked whether they wish to be woken has nothing to compare (D-89).
    if ('Notification' in window && Notification.permission === 'granted')
      import('./ui/push.ts').then(({ keepWoken }) => keepWoken())
  }
  const now = me.peek()
  if (now) await takeUp(now.person, now.lang)
  effect(() => {
    const who = me.value
    if (who) takeUp(who.person, who.lang)
  })
  effect(() => {
    const at = lastSync.value ?? shell.heard.value
    onlyOwn.value = at !== null && shell.now.value - at > TRUSTED_MS
  })
  effect(() => {
    const at = lastSync.value
    if (at === null || at - (shell.heard.peek() ?? 0) < HEARD_EVERY_MS) return
    shell.heard.value = at
    saveDraft('heard', { at })
  })
}

const root = document.getElementById('app')
if (root) start(root)
