import { lang, t } from '../t.ts'
import { Icon } from './icons.tsx'
import type { Made, Ticket } from './rosters.ts'
import { shortDate } from './when.ts'
import { ROLE_WORDS } from './words.ts'

/** The invitations of a list, one per person, to be printed and cut or to be sent: they are shown this once. */
export function Tickets({ made }: { made: Made }) {
  return (
    <div class="screen wide gut v gap4">
      <header class="bar unprinted">
        <h1 tabIndex={-1}>{t('list.made', { count: made.tickets.length })}</h1>
      </header>
      <p class="unprinted">{t('list.once')}</p>
      {made.left.length > 0 && (
        <div class="unprinted soft">
          <p>{t('list.left_out', { count: made.left.length })}</p>
          <ul>
            {made.left.map((one) => (
              <li key={one.line}>
                {t('list.line', { line: one.line })} {one.name && `${one.name}: `}
                {one.fault}
              </li>
            ))}
          </ul>
        </div>
      )}
      <div class="choices unprinted">
        <button type="button" class="btn pri" onClick={() => print()}>
          <Icon name="download" size="s" />
          {t('codes.print')}
        </button>
      </div>
      <ul class="tickets">
        {made.tickets.map((one) => (
          <TicketCard key={one.url} one={one} />
        ))}
      </ul>
    </div>
  )
}

function TicketCard({ one }: { one: Ticket }) {
  const { size, path } = one.svg
  return (
    <li class="ticket panel">
      <svg
        class="qr"
        viewBox={`0 0 ${size} ${size}`}
        role="img"
        aria-label={t('list.qr', { name: one.name })}
      >
        <path d={path} />
      </svg>
      <div class="grow v gap1">
        <h2>{one.name}</h2>
        <p class="sm soft">
          {one.place} · {t(ROLE_WORDS[one.role] ?? 'role.staff')}
        </p>
        <p class="sm">{t('list.scan')}</p>
        <p class="sm link-text">{one.url}</p>
        <p class="sm soft">{t('lead.until', { date: shortDate(one.until, lang.value) })}</p>
      </div>
    </li>
  )
}
