import { useEffect, useState } from 'preact/hooks'
import { lang, t } from '../t.ts'
import { dayWords, listNotices, type Notice, sawNotices } from './own.ts'
import { useShell } from './shell.ts'
import { useAsked } from './use-asked.ts'

const FIRST = 3

/** What has happened to my account, quietly: sign-ins, codes that were used, invitations. Nobody else sees it. */
export function MeNotices() {
  const shell = useShell()
  const { value } = useAsked(listNotices)
  const [all, setAll] = useState(false)
  const newest = value?.[0]
  useEffect(() => {
    if (newest && !newest.seen) sawNotices(newest.id)
  }, [newest])
  if (!value?.length) return null
  return (
    <section class="panel v" aria-labelledby="me-notices">
      <h2 id="me-notices">{t('notices.title')}</h2>
      <ul class="list" lang={lang.value}>
        {value.slice(0, all ? undefined : FIRST).map((notice) => (
          <li key={notice.id} class="row">
            <span class="grow">
              <span class="t">{noticeWords(notice)}</span>
              <span class="d">{dayWords(notice.on, shell.now.value)}</span>
            </span>
            {!notice.seen && <span class="tag">{t('notices.new')}</span>}
          </li>
        ))}
      </ul>
      {!all && value.length > FIRST && (
        <button type="button" class="btn quiet" onClick={() => setAll(true)}>
          {t('notices.all')}
        </button>
      )}
      <p class="sm soft">{t('notices.strange')}</p>
    </section>
  )
}

/** By what they have to fill in: nothing, the name of a device, the label of a passkey. */
const PLAIN = [
  'exported',
  'granted',
  'grant_ended',
  'groups_lapsed',
  'given',
  'held',
  'identity_linked',
  'recovery_codes_made',
  'reinvited',
  'renamed',
  'review_asked',
] as const
const OF_DEVICE = [
  'copy_code',
  'copy_made',
  'copy_removed',
  'device_revoked',
  'recovered',
  'session_ended',
  'signed_in',
] as const
const OF_LABEL = ['passkey_made', 'passkey_removed', 'passkey_turned_back'] as const

/** One notice in words; a kind that this version doesn't know is told as such. */
function noticeWords({ what, detail }: Notice): string {
  const { device = '', label = '', team = '' } = detail
  const isIt = (one: string) => one === what
  const ofDevice = OF_DEVICE.find(isIt)
  const ofLabel = OF_LABEL.find(isIt)
  if (what === 'unled') return t('notice.unled', { team })
  if (ofDevice) return t(`notice.${ofDevice}`, { device })
  if (ofLabel) return t(`notice.${ofLabel}`, { label })
  return t(`notice.${PLAIN.find(isIt) ?? 'other'}`)
}
