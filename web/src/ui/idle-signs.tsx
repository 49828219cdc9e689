import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import type { watchIdle } from './idle.ts'

interface IdleSignsProps {
  watch: Pick<ReturnType<typeof watchIdle>, 'now' | 'back'>
  /** What becomes of what was not sent. */
  text: string
}

/** What a shared tablet says before it locks itself, and while a tap still brings the screen back. */
export function IdleSigns({ watch, text }: IdleSignsProps) {
  const { state, left } = watch.now.value
  if (state === 'ending') return <Ending left={left} text={text} go={watch.back} />
  return state === 'covered' ? <Covered back={watch.back} /> : null
}

function Ending({ left, text, go }: { left: number; text: string; go: () => void }) {
  return (
    // Above a sheet that is open, though it takes no tap there: any touch goes on.
    <div ref={(own) => own?.showPopover?.()} popover="manual" class="banner dark ending" role="alert">
      <Icon name="lock" />
      <span class="grow">
        <b>{t('tablet.ending', { count: left })}</b>
        {text}
      </span>
      <button type="button" class="btn plain" onClick={go}>
        {t('tablet.go_on')}
      </button>
    </div>
  )
}

/** Nothing is to be seen, and a tap within five seconds brings it back. */
function Covered({ back }: { back: () => void }) {
  return (
    <dialog
      ref={(own) => {
        if (own?.isConnected && !own.open) own.showModal()
      }}
      class="tablet-cover"
      role="alertdialog"
      aria-label={t('tablet.locking')}
      onCancel={(event) => event.preventDefault()}
    >
      <Icon name="lock" size="l" />
      <p>{t('tablet.locking')}</p>
      <button type="button" class="btn pri big" onClick={back}>
        {t('undo')}
      </button>
    </dialog>
  )
}
