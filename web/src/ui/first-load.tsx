import { progress } from '../replica.ts'
import { net } from '../session.ts'
import { t } from '../t.ts'

/** The team's board is being fetched for the first time: how much of it, and that it is only once. */
export function FirstLoad() {
  const known = progress.value
  const percent = known?.of ? Math.round((100 * known.have) / known.of) : null
  const words = known ? t('load.cards', { have: known.have, of: known.of }) : t('load.begins')
  return (
    <main class="plainpage" id="main">
      <div class="panel center">
        <Boat />
        <h1>{t('load.title')}</h1>
        <span
          class={percent === null ? 'flowbar moving' : 'flowbar'}
          style={{ '--p': `${percent ?? 40}%`, margin: '18px 0 8px' }}
          role="progressbar"
          aria-label={t('load.title')}
          aria-valuetext={words}
          {...(percent === null
            ? {}
            : { 'aria-valuenow': percent, 'aria-valuemin': 0, 'aria-valuemax': 100 })}
        />
        <p class="h between sm num">
          <span>{words}</span>
          {percent !== null && <span>{percent} %</span>}
        </p>
        <p class="sm soft">{net.value === 'offline' ? t('load.offline') : t('load.once')}</p>
      </div>
    </main>
  )
}

function Boat() {
  return (
    <svg
      width="132"
      height="64"
      viewBox="0 0 132 64"
      fill="none"
      stroke="var(--v-flow)"
      stroke-width="3"
      aria-hidden="true"
    >
      <path
        d="M40 38h52l-9 13H50zM66 38V14l20 18H66M66 20 52 32h14"
        fill="var(--v-idea-bg)"
        stroke-linejoin="round"
      />
      <path d="M6 54c10-7 20-7 30 0s20 7 30 0 20-7 30 0 20 7 30 0" stroke="var(--v-flow-line)" />
    </svg>
  )
}
