import { parted } from '../session.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'

/** On the way in: whoever was here last was removed, what became of their words, and how many still wait here. */
export function Parted() {
  const waiting = parted.value
  if (waiting === null) return null
  return (
    <section class="banner wait" role="status">
      <Icon name="log-out" />
      <span class="grow">
        <b>{t('parted.title')}</b>
        {waiting > 0 ? t('parted.waits', { count: waiting }) : t('parted.text')}
      </span>
    </section>
  )
}
