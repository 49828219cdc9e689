import { useEffect, useRef, useState } from 'preact/hooks'
import { openByPin } from '../app-lock.ts'
import { chooseTile, dropTile, leaveTile, type Tile } from '../session/copies.ts'
import { signedIn } from '../session.ts'
import { t } from '../t.ts'
import { MOST_TRIES, waitMs } from '../vault/attempts.ts'
import { failureWords } from './failure.ts'
import { Icon } from './icons.tsx'
import { PinDots, PinKeys } from './pin-pad.tsx'
import { useShell } from './shell.ts'
import { Face } from './tile-grid.tsx'
import { useCountdown } from './use-countdown.ts'
import { usePin } from './use-pin.ts'

interface TabletPinProps {
  tile: Tile
  back: () => void
  /** Get a copy anew: the PIN is forgotten, or was wrong five times. */
  again: () => void
  /** Told how long, in ms, no PIN is taken. */
  waits: (ms: number) => void
}

/** The PIN of whoever tapped a tile. Wrong ones cost a wait, and the fifth this tablet's copy (D-54, D-57). */
export function TabletPin({ tile, back, again, waits }: TabletPinProps) {
  const shell = useShell()
  const [wrong, setWrong] = useState(0)
  const [busy, setBusy] = useState(true)
  const [broken, setBroken] = useState('')
  const [forgot, setForgot] = useState(false)
  const [lost, setLost] = useState(false)
  useEffect(() => {
    chooseTile(tile).then((chosen) => {
      if (chosen === null) setBroken(t('locked.elsewhere'))
      else setWrong(chosen.wrong)
      setBusy(chosen === null)
    })
    return () => {
      // Whoever is in keeps the tablet.
      if (!signedIn.peek()) leaveTile()
    }
  }, [])
  useEffect(() => waits(waitMs(wrong)), [wrong])
  const enter = async (pin: string) => {
    setBusy(true)
    try {
      const tried = await openByPin(pin, tile.device)
      if ('dataKey' in tried) {
        if (tried.now)
          shell.say({ text: tried.now === 'strong' ? t('locked.now_strong') : t('locked.now_plain') })
        return shell.go({ at: 'today' }, true)
      }
      setBroken(tried.off === 'offline' ? t('locked.strong') : '')
      setLost(tried.off === 'lost')
      if (tried.wrong >= MOST_TRIES) await dropTile(tile)
      setWrong(tried.wrong)
    } catch (why) {
      setBroken(failureWords(why))
    }
    setBusy(false)
  }
  const isGone = wrong >= MOST_TRIES
  if (lost) {
    return (
      <div class="pin-two">
        <Told title={t('anew.title')} text={t('anew.lost')} tile={tile} again={again} />
      </div>
    )
  }
  return (
    <div class="pin-two">
      {isGone && <Told title={t('locked.gone')} text={t('locked.gone_text')} tile={tile} again={again} />}
      {!isGone && forgot && (
        <Told
          title={t('locked.forgot')}
          text={t('locked.forgot_text')}
          tile={tile}
          again={again}
          back={() => setForgot(false)}
        />
      )}
      {!isGone && !forgot && (
        <Pad
          tile={tile}
          wrong={wrong}
          broken={broken}
          busy={busy}
          enter={enter}
          back={back}
          forgot={() => setForgot(true)}
        />
      )}
    </div>
  )
}

interface PadProps {
  tile: Tile
  wrong: number
  broken: string
  busy: boolean
  enter: (pin: string) => void
  back: () => void
  forgot: () => void
}

function Pad({ tile, wrong, broken, busy, enter, back, forgot }: PadProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  const wait = useCountdown(waitMs(wrong), wrong)
  const off = busy || wait > 0
  const pin = usePin({ off, six: tile.six, enter })
  useEffect(() => heading.current?.focus(), [])
  const words = pin.short ? t('pin.length') : broken || faultWords(wrong, wait)
  return (
    <>
      <section class="v gap4 center">
        <Face of={tile} size="xl" />
        <h1 ref={heading} tabIndex={-1}>
          {t('locked.hello', { name: firstName(tile.name) })}
        </h1>
        <p>{busy && !broken ? t('lock.opening') : t('locked.pin')}</p>
        <PinDots given={pin.given} />
        <p class={words ? 'tag wait' : ''} role="alert">
          {words && <Icon name="circle-alert" size="s" />}
          {words}
        </p>
        <button type="button" class="btn quiet" onClick={forgot}>
          {t('lock.forgot')}
        </button>
      </section>
      <div class="v gap4">
        <PinKeys pin={pin} label={t('lock.pin')} off={off}>
          <button type="button" class="key plain words" onClick={back}>
            {t('lead.take_back')}
          </button>
        </PinKeys>
        {!tile.six && (
          <button type="button" class="btn pri full big" aria-disabled={off} onClick={pin.done}>
            {t('lock.open')}
          </button>
        )}
      </div>
    </>
  )
}

interface ToldProps {
  title: string
  text: string
  tile: Tile
  again: () => void
  back?: () => void
}

/** What has happened to this copy, or will; and the way to a new one. */
function Told({ title, text, tile, again, back }: ToldProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <section class="panel v gap4">
      <Face of={tile} size="xl" />
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      <p>{text}</p>
      <button type="button" class="btn pri full big" onClick={again}>
        <Icon name="smartphone" />
        {t('locked.shut')}
      </button>
      {back && (
        <button type="button" class="btn quiet" onClick={back}>
          {t('join.back')}
        </button>
      )}
    </section>
  )
}

/** "Mikael R." is greeted as Mikael. */
export const firstName = (name: string) => name.replace(/ \S\.$/u, '')

/** What the last wrong PIN means; before the fifth it says what that one does. */
function faultWords(wrong: number, wait: number): string {
  if (wrong === 0) return ''
  const left = t('lock.left', { count: MOST_TRIES - wrong })
  const next = wrong === MOST_TRIES - 1 ? ` ${t('locked.last')}` : ''
  return wait > 0 ? `${left}${next} ${t('lock.wait', { s: wait })}` : `${left}${next}`
}
