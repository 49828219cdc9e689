import { useEffect, useState } from 'preact/hooks'
import { lang, t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { LeadingHead } from './leading-head.tsx'
import { dayWords } from './own.ts'
import { type Deed, type Log, readLog } from './rosters.ts'
import { useShell } from './shell.ts'
import { time } from './when.ts'
import { nameIn, ROLE_WORDS } from './words.ts'

/** How many lines the server sends at a time. */
const PAGE = 200

const DEEDS = [
  'copy_made',
  'copy_removed',
  'device_revoked',
  'exported',
  'grant_ended',
  'granted',
  'handed_over',
  'imported',
  'invitation_taken_back',
  'invited',
  'key_changed',
  'person_erased',
  'person_left',
  'person_renamed',
  'quarantine_accepted',
  'quarantine_let_go',
  'recovery_codes_made',
  'reinvited',
  'sign_in_failed',
  'space_made',
  'space_moved',
  'space_renamed',
  'tablet_changed',
  'tablet_enrolled',
  'wall_removed',
  'wall_shown',
] as const

/** Tapahtumaloki: who was given what and by whom, by the day; never who read or worked when (D-83). */
export function AuditPage() {
  const [log, setLog] = useState<Log | null>(null)
  const [isAll, setAll] = useState(false)
  const [fault, setFault] = useState('')
  const more = async () => {
    const got = await readLog(log?.deeds.at(-1)?.id ?? 0)
    if (!got.ok) return setFault(whyNot(got))
    const { deeds, persons, spaces } = got.value
    setAll(deeds.length < PAGE)
    setLog({
      deeds: [...(log?.deeds ?? []), ...deeds],
      persons: { ...log?.persons, ...persons },
      spaces: { ...log?.spaces, ...spaces },
    })
  }
  useEffect(() => {
    more()
  }, [])
  return (
    <div class="screen gut v gap4">
      <LeadingHead title={t('audit.title')} to={{ at: 'organisation' }} />
      <p class="soft">{t('audit.what')}</p>
      <Fault words={fault} />
      {log && (
        <section class="panel" aria-label={t('audit.title')}>
          <ul class="list">
            {log.deeds.map((deed) => (
              <li key={deed.id} class="row">
                <DeedLine deed={deed} log={log} />
              </li>
            ))}
          </ul>
          {log.deeds.length === 0 && <p class="soft">{t('audit.none')}</p>}
        </section>
      )}
      {log && !isAll && log.deeds.length > 0 && (
        <button type="button" class="btn" onClick={more}>
          {t('audit.more')}
        </button>
      )}
    </div>
  )
}

function DeedLine({ deed, log }: { deed: Deed; log: Log }) {
  const now = useShell().now.value
  const name = (person: number | null) =>
    person === null ? '' : (log.persons[person] ?? t('history.someone'))
  const place = deed.space === null ? '' : nameIn(log.spaces[deed.space] ?? {}, lang.value)
  const role = typeof deed.detail.role === 'string' ? ROLE_WORDS[deed.detail.role] : undefined
  const count = deed.detail.count ?? deed.detail.uses
  const about = [
    name(deed.person),
    role ? t(role) : '',
    place,
    typeof count === 'number' && count > 1 ? `${count}×` : '',
  ]
  const day = dayWords(deed.on, now)
  return (
    <span class="grow">
      <span class="t">{t(`audit.${DEEDS.find((one) => one === deed.what) ?? 'other'}`)}</span>
      <span class="d">
        {[day + (deed.at === null ? '' : ` ${time(deed.at, lang.value)}`), ...about]
          .filter(Boolean)
          .join(' · ')}
      </span>
      {deed.actor !== null && <span class="d">{t('audit.by', { name: name(deed.actor) })}</span>}
    </span>
  )
}
