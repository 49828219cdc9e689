import { useEffect, useRef, useState } from 'preact/hooks'
import type { Clock } from '../clock.ts'
import { type Tile, tiles } from '../session/copies.ts'
import { attend } from '../session/on-tablet.ts'
import { tablet, tabletHere } from '../session/tablet.ts'
import { dropWalls } from '../session/wall.ts'
import { isLang, lang, speak, t } from '../t.ts'
import { Icon } from './icons.tsx'
import { watchIdle } from './idle.ts'
import { LinkTo } from './link-to.tsx'
import { LockClock, LockFoot, LockHead } from './lock-frame.tsx'
import { useShell } from './shell.ts'
import { TabletCome } from './tablet-come.tsx'
import { TabletPin } from './tablet-pin.tsx'
import { TileGrid } from './tile-grid.tsx'
import { WallBoard, WallPeek } from './wall.tsx'

type View = { at: 'grid' } | { at: 'wall' } | { at: 'pin'; tile: Tile } | { at: 'come'; again: boolean }

const GRID: View = { at: 'grid' }
const LOCK_S = 120
/** A request stands for two minutes, in which its person is busy with their phone (D-41). */
const COMING_S = 125
const LEEWAY_S = 5

/**
 * Whoever walks away from a half-typed PIN, or from a board, leaves it to nobody: a new page begins (D-55, D-56). Not
 * before `least` seconds, in which there is nothing to touch.
 */
function leftAlone(clock: Clock, least: () => number): () => void {
  const lock = () => location.replace('/lukko')
  const seconds = () => Math.max(tablet.peek()?.lockS ?? LOCK_S, least())
  return watchIdle({ clock, ran: () => performance.now(), seconds, lock }).stop
}

/** All that a locked tablet shows: who has a copy here, the way in, and nothing of anybody before the PIN (D-45). */
export function TabletLock() {
  const [view, setView] = useState<View>(GRID)
  const [people, setPeople] = useState<readonly Tile[] | null>(null)
  const [spoken, setSpoken] = useState(lang.peek())
  const [isGone, setGone] = useState(false)
  const penalty = useRef(0)
  const { clock } = useShell()
  const coming = view.at === 'come' ? COMING_S : 0
  const read = () => tiles().then(setPeople)
  useEffect(() => {
    tabletHere()
    const ended = () => {
      setGone(true)
      dropWalls()
    }
    return attend(clock, ended, read)
  }, [])
  useEffect(() => {
    penalty.current = 0
    if (view.at !== 'grid') return leftAlone(clock, () => Math.max(coming, penalty.current))
    read()
    return undefined
  }, [view])
  const toGrid = () => {
    setView(GRID)
    if (lang.peek() !== spoken) speak(spoken)
  }
  const choose = (tile: Tile) => {
    setSpoken(lang.peek())
    if (isLang(tile.lang)) speak(tile.lang)
    setView(tile.state === 'shut' ? { at: 'come', again: true } : { at: 'pin', tile })
  }
  if (view.at === 'grid') {
    return (
      <main class="locked" id="main" tabIndex={-1}>
        <LockHead />
        {isGone && <Gone />}
        <div class="locked-body">
          {people && (
            <TileGrid tiles={people} choose={choose} come={() => setView({ at: 'come', again: false })} />
          )}
          <Beside wall={() => setView({ at: 'wall' })} />
        </div>
        <LockFoot icon="lock" words={t('locked.shared')} speaks={setSpoken} />
      </main>
    )
  }
  if (view.at === 'wall') return <WallBoard close={toGrid} />
  return (
    <main class="locked" id="main" tabIndex={-1}>
      <header class="locked-head">
        <button type="button" class="btn quiet" onClick={toGrid}>
          <Icon name="chevron-left" />
          {t('locked.change')}
        </button>
        <LockClock />
      </header>
      {view.at === 'pin' ? (
        <TabletPin
          tile={view.tile}
          back={toGrid}
          again={() => setView({ at: 'come', again: true })}
          waits={(ms) => {
            penalty.current = ms / 1_000 + LEEWAY_S
          }}
        />
      ) : (
        <TabletCome again={view.again} />
      )}
      <LockFoot
        icon="hourglass"
        words={t('locked.idle', { s: Math.max(tablet.value?.lockS ?? LOCK_S, coming) })}
      />
    </main>
  )
}

/** The tablet was taken out of use: what waits still leaves, and nobody gets in (D-44). */
function Gone() {
  return (
    <section class="banner wait" role="status">
      <Icon name="log-out" />
      <span class="grow">
        <b>{t('locked.removed')}</b>
        {t('locked.removed_text')}
      </span>
    </section>
  )
}

/** What anybody may use without a PIN. */
function Beside({ wall }: { wall: () => void }) {
  return (
    <aside class="v gap4">
      <section class="idea dropbox" aria-labelledby="box">
        <DropArt />
        <h2 id="box">{t('drop.title')}</h2>
        <p>{t('locked.drop_text')}</p>
        <LinkTo to={{ at: 'drop' }} class="btn pri full big">
          <Icon name="pencil" />
          {t('drop.do')}
        </LinkTo>
        <LinkTo to={{ at: 'claim' }} class="link">
          {t('claim.open')}
        </LinkTo>
      </section>
      <WallPeek open={wall} />
    </aside>
  )
}

/** A note going into its slot. */
function DropArt() {
  return (
    <svg class="drop-art" viewBox="0 0 292 72" aria-hidden="true">
      <g transform="rotate(-4 146 40)">
        <rect x="92" y="6" width="108" height="80" rx="8" fill="var(--v-surface)" />
        <path d="M110 26h60M110 40h42" stroke="var(--v-flow-line)" stroke-width="4" stroke-linecap="round" />
      </g>
      <path d="M0 64h292v8H0z" fill="var(--v-idea-bg)" />
      <rect x="56" y="56" width="180" height="12" rx="6" fill="var(--v-idea-ink)" />
    </svg>
  )
}
