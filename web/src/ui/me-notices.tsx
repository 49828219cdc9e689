import { useEffect, useState } from 'preact/hooks'
import { lang, type PlainKey, t } from '../t.ts'
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

const PLAIN: Readonly<Record<string, PlainKey>> = {
  exported: 'notice.exported',
  granted: 'notice.granted',
  grant_ended: 'notice.grant_ended',
  given: 'notice.given',
  held: 'notice.held',
  identity_linked: 'notice.identity_linked',
  recovery_codes_made: 'notice.recovery_codes_made',
  reinvited: 'notice.reinvited',
  renamed: 'notice.renamed',
  review_asked: 'notice.review_asked',
}

/** One notice in words; a kind that this version doesn't know is told as such. */
function noticeWords({ what, detail }: Notice): string {
  const { device = '', label = '' } = detail
  switch (what) {
    case 'signed_in':
      return t('notice.signed_in', { device })
    case 'recovered':
      return t('notice.recovered', { device })
    case 'session_ended':
      return t('notice.session_ended', { device })
    case 'device_revoked':
      return t('notice.device_revoked', { device })
    case 'passkey_made':
      return t('notice.passkey_made', { label })
    case 'passkey_removed':
      return t('notice.passkey_removed', { label })
    case 'passkey_turned_back':
      return t('notice.passkey_turned_back', { label })
    default:
      return t(PLAIN[what] ?? 'notice.other')
  }
}
