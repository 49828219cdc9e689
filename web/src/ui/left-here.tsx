import { useEffect, useState } from 'preact/hooks'
import { sendNow } from '../link.ts'
import { waiting } from '../replica.ts'
import { leftHere } from '../session/left-here.ts'
import { net } from '../session.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'

/** Before somebody comes in over them: words that wait here and may be another's, and the way back to their writer. */
export function LeftHere({ back }: { back: (() => void) | null }) {
  const [others, setOthers] = useState(0)
  useEffect(() => {
    leftHere().then(setOthers)
  }, [])
  const count = waiting.value + others
  if (count === 0) return null
  return (
    <section class="banner wait" role="status">
      <Icon name="cloud-off" />
      <div class="grow v gap2">
        <b>{t('join.waits', { count })}</b>
        <p>{t('join.waits_text')}</p>
        <div class="h gap2 wrap">
          {waiting.value > 0 && net.value !== 'signed_out' && (
            <button type="button" class="btn soft" onClick={() => sendNow()}>
              {t('device.send')}
            </button>
          )}
          {back && (
            <button type="button" class="btn quiet" onClick={back}>
              {t('join.back')}
            </button>
          )}
        </div>
      </div>
    </section>
  )
}
