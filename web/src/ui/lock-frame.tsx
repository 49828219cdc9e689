import { useEffect, useState } from 'preact/hooks'
import { waitingHere } from '../session/copies.ts'
import { heardAt, tablet } from '../session/tablet.ts'
import { type Lang, lang, speak, t } from '../t.ts'
import { Icon, type IconName } from './icons.tsx'
import { Logo } from './logo.tsx'
import { useShell } from './shell.ts'
import { ago, shortDate, time, weekday } from './when.ts'
import { LANG_NAMES } from './words.ts'

const MINUTE_MS = 60_000

/** What stands above the tiles: which tablet this is, whether all has left it, and what time it is. */
export function LockHead() {
  const { name = '', teams = [] } = tablet.value ?? {}
  return (
    <header class="locked-head">
      <p class="brand">
        <Logo />
        Virtaamo
      </p>
      <p class="soft grow">{[name, ...teams].join(', ')}</p>
      <Delivered />
      <LockClock date />
    </header>
  )
}

/** How many words of all who write here wait for the network: a number, never whose (D-45). */
function Delivered() {
  const { online } = useShell()
  const [waiting] = useState(waitingHere)
  const count = waiting.value
  const [tint, icon, words]: readonly [string, IconName, string] =
    count > 0
      ? online.value
        ? ['notice', 'cloud-upload', t('locked.waiting', { count })]
        : ['wait', 'cloud-off', t('locked.waiting', { count })]
      : online.value
        ? ['', 'cloud-check', t('sync.delivered')]
        : ['wait', 'cloud-off', t('sync.offline')]
  return (
    <p class={`sync ${tint}`} role="status">
      <Icon name={icon} />
      {words}
      {count > 0 && !online.value && `, ${t('sync.offline')}`}
    </p>
  )
}

/** The time, which moves with the minute; the date where there is room for it. */
export function LockClock({ date }: { date?: boolean }) {
  const { clock } = useShell()
  const [now, setNow] = useState(clock.now())
  useEffect(() => clock.after(MINUTE_MS - (now % MINUTE_MS), () => setNow(clock.now())), [now])
  return (
    <p class="locked-clock">
      <b class="num">{time(now, lang.value)}</b>
      {date && (
        <span class="soft">
          {weekday(now, lang.value)} {shortDate(now, lang.value)}
        </span>
      )}
    </p>
  )
}

/** When the server was last heard: whether what waits will leave soon. */
function Heard() {
  const { now } = useShell()
  const at = heardAt.value
  return at === null ? null : <p class="soft">{t('locked.heard', { when: ago(at, now.value) })}</p>
}

interface LockFootProps {
  icon: IconName
  words: string
  /** Where the language may be chosen: what is spoken from now on. */
  speaks?: (lang: Lang) => void
}

/** What is worth knowing of a shared tablet, on the water below. */
export function LockFoot({ icon, words, speaks }: LockFootProps) {
  const choose = (code: Lang) => {
    speak(code)
    speaks?.(code)
  }
  return (
    <footer class="locked-foot">
      <p>
        <Icon name={icon} size="s" />
        {words}
      </p>
      {speaks && <Heard />}
      {speaks && (
        <p>
          {(['fi', 'sv', 'en'] as const).map((code) => (
            <button
              key={code}
              type="button"
              class="btn quiet"
              lang={code}
              aria-current={lang.value === code ? 'true' : undefined}
              onClick={() => choose(code)}
            >
              {LANG_NAMES[code]}
            </button>
          ))}
        </p>
      )}
    </footer>
  )
}
