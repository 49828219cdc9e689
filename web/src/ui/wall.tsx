import { useEffect, useRef, useState } from 'preact/hooks'
import { keepWalls, type Wall, type WallStage, walls } from '../session/wall.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { LockClock } from './lock-frame.tsx'
import { Radios } from './radios.tsx'
import { STAGE_LOOK, STAGE_WORDS, STAGES } from './words.ts'

/** Mitä taululla on? How many ideas stand in each stage; nothing where nobody has allowed a board. */
export function WallPeek({ open }: { open: () => void }) {
  useEffect(keepWalls, [])
  const all = walls().value
  if (all.length === 0) return null
  return (
    <section class="panel v gap4 wall-peek" aria-labelledby="wall-peek">
      <h2 id="wall-peek">{t('wall.peek')}</h2>
      <ol class="stream mini">
        {STAGES.map((stage) => (
          <li key={stage}>
            <span class="n">{all.reduce((sum, wall) => sum + (stageOf(wall, stage)?.total ?? 0), 0)}</span>
            {t(STAGE_WORDS[stage] ?? 'stage.new')}
          </li>
        ))}
      </ol>
      <Relays walls={all} />
      <button type="button" class="btn full" onClick={open}>
        <Icon name="eye" />
        {t('wall.open')}
      </button>
    </section>
  )
}

/** That a task waits for the next shift: a number, neither its name nor anybody's. */
function Relays({ walls }: { walls: readonly Wall[] }) {
  const sum = (of: 'relays' | 'waiting') => walls.reduce((total, wall) => total + wall[of], 0)
  if (sum('relays') === 0) return null
  return (
    <p class="h gap2">
      <Icon name="move-right" />
      {t('wall.relays', { n: sum('relays') })}
      {sum('waiting') > 0 && ` · ${t('wall.relay_waits')}`}
    </p>
  )
}

/** The board for whoever stands at the locked tablet: titles by stage, nothing to press but the way back. */
export function WallBoard({ close }: { close: () => void }) {
  const all = walls().value
  const [chosen, choose] = useState(0)
  const heading = useRef<HTMLHeadingElement>(null)
  const wall = all.find(({ space }) => space === chosen) ?? all[0]
  useEffect(keepWalls, [])
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  useEffect(() => {
    if (all.length === 0) close()
  }, [all])
  return (
    <main class="locked wall" id="main" tabIndex={-1}>
      <header class="locked-head">
        <button type="button" class="btn quiet" onClick={close}>
          <Icon name="chevron-left" />
          {t('wall.back')}
        </button>
        <LockClock />
      </header>
      <div class="h gap4 wrap">
        <h1 tabIndex={-1} ref={heading}>
          {t('nav.board')}
        </h1>
        {all.length > 1 && wall ? (
          <Radios
            look="chip"
            label={t('board.team')}
            options={all.map(({ space, name }) => ({ value: String(space), words: name }))}
            value={String(wall.space)}
            choose={(value) => choose(Number(value))}
          />
        ) : (
          <span class="soft">{wall?.name}</span>
        )}
      </div>
      <p class="soft">{t('wall.what')}</p>
      <div class="lanes wall-lanes">
        <span class="river-line" />
        {wall && STAGES.map((stage) => <WallLane key={stage} stage={stage} held={stageOf(wall, stage)} />)}
      </div>
    </main>
  )
}

const stageOf = (wall: Wall, stage: string) => wall.stages.find((one) => one.stage === stage)

function WallLane({ stage, held }: { stage: string; held: WallStage | undefined }) {
  const look = STAGE_LOOK[stage] ?? { tint: 'idea', icon: 'lightbulb' as const }
  const { total = 0, ideas = [] } = held ?? {}
  return (
    <section class="lane" aria-labelledby={`wall-${stage}`}>
      <h2 id={`wall-${stage}`}>
        <span class="n">{total}</span>
        {t(STAGE_WORDS[stage] ?? 'stage.new')}
      </h2>
      <ul class="v gap3">
        {ideas.map((idea, at) => (
          <li key={at} class={`note ${look.tint}`}>
            <span class="kind">
              <Icon name={look.icon} />
              {t('kind.idea')}
            </span>
            <h3 lang={idea.lang || undefined}>{idea.title}</h3>
          </li>
        ))}
      </ul>
      {total === 0 && <p class="soft">{t('wall.empty')}</p>}
      {total > ideas.length && <p class="soft">{t('wall.more', { count: total - ideas.length })}</p>}
    </section>
  )
}
