import { attention, waiting } from '../replica.ts'
import { net } from '../session.ts'
import { t } from '../t.ts'
import { Icon, type IconName } from './icons.tsx'
import { LinkTo } from './link-to.tsx'
import { useShell } from './shell.ts'

interface SyncWords {
  tint: string
  icon: IconName
  text: string
}

/** Where my words are, in words. The worst thing first. */
export function syncWords(online: boolean): SyncWords {
  const stuck = attention.value.length
  const left = waiting.value
  if (stuck) return { tint: 'danger', icon: 'circle-alert', text: t('sync.attention', { count: stuck }) }
  if (net.value === 'signed_out') return { tint: 'wait', icon: 'cloud-off', text: t('sync.signed_out') }
  if (!online || net.value === 'offline') {
    const text = left ? t('sync.waiting', { count: left }) : t('sync.offline')
    return { tint: 'wait', icon: 'cloud-off', text }
  }
  if (net.value === 'connecting') return { tint: '', icon: 'refresh-cw', text: t('sync.connecting') }
  if (left) return { tint: 'notice', icon: 'cloud-upload', text: t('sync.sending', { count: left }) }
  return { tint: '', icon: 'cloud-check', text: t('sync.delivered') }
}

/** The pill on today and in the top bar; opens what waits. */
export function SyncPill() {
  const { tint, icon, text } = syncWords(useShell().online.value)
  const to = attention.value.length ? ({ at: 'attention' } as const) : ({ at: 'me' } as const)
  return (
    <LinkTo to={to} class={`sync ${tint}`}>
      <Icon name={icon} />
      {text}
    </LinkTo>
  )
}

/** The same, spoken politely when it changes. One per window. */
export function SyncSpoken() {
  const { online } = useShell()
  return (
    <p class="vh" role="status">
      {syncWords(online.value).text}
    </p>
  )
}
