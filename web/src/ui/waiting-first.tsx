import { sendNow } from '../link.ts'
import { waiting } from '../replica.ts'
import { t } from '../t.ts'

/** Before somebody goes: what has not arrived, and the way to send it first (D-17). Nothing where all has arrived. */
export function WaitingFirst() {
  const count = waiting.value
  if (count === 0) return null
  return (
    <div class="v gap2" role="status">
      <p>{t('leave.waits', { count })}</p>
      <button type="button" class="btn soft" onClick={() => sendNow()}>
        {t('device.send')}
      </button>
    </div>
  )
}
