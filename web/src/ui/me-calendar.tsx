import { useState } from 'preact/hooks'
import { call, type Result } from '../link.ts'
import { onTablet } from '../session.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { dayWords } from './own.ts'
import { asNumber, asText, part } from './read.ts'
import { Sheet } from './sheet.tsx'
import { useShell } from './shell.ts'
import { useAsked } from './use-asked.ts'

const PATH = '/api/me/calendar'

interface Feed {
  madeOn: number | null
}

const readFeed = (): Promise<Result<Feed>> =>
  call('GET', PATH, null, (value) => {
    const day = part(value, 'made_on')
    return { madeOn: day === null ? null : asNumber(day) }
  })

/** My tasks in the calendar of my phone: an address that I make, renew and end. Not on a shared tablet. */
export function MeCalendar() {
  return onTablet.value ? null : <Feed />
}

function Feed() {
  const shell = useShell()
  const { value, fault, again } = useAsked(readFeed)
  const [url, setUrl] = useState('')
  const [wrong, setWrong] = useState('')
  const renew = async () => {
    const made = await call('POST', PATH, {}, (reply) => asText(part(reply, 'url')))
    setWrong(made.ok ? '' : whyNot(made))
    if (!made.ok) return
    setUrl(made.value)
    await again()
  }
  const end = async () => {
    const ended = await call('DELETE', PATH, {}, () => null)
    setWrong(ended.ok ? '' : whyNot(ended))
    if (ended.ok) shell.say({ text: t('calendar.ended') })
    await again()
  }
  const since = value?.madeOn ?? null
  return (
    <section class="panel v" aria-labelledby="me-calendar">
      <h2 id="me-calendar">{t('calendar.title')}</h2>
      <p class="sm soft">{t('calendar.text')}</p>
      <Fault words={wrong || fault} />
      {since !== null && <p>{t('calendar.since', { day: dayWords(since, shell.now.value) })}</p>}
      {value && (
        <div class="h gap2 wrap">
          <button type="button" class="btn soft" onClick={renew}>
            {t(since === null ? 'calendar.make' : 'calendar.renew')}
          </button>
          {since !== null && (
            <button type="button" class="btn quiet" onClick={end}>
              {t('calendar.end')}
            </button>
          )}
        </div>
      )}
      {url && <Address url={url} close={() => setUrl('')} />}
    </section>
  )
}

/** The address, shown this once. */
function Address({ url, close }: { url: string; close: () => void }) {
  const shell = useShell()
  const copy = async () => {
    await navigator.clipboard.writeText(url)
    shell.say({ text: t('invite.copied') })
  }
  return (
    <Sheet title={t('calendar.title')} close={close}>
      <div class="v gap4">
        <p>{t('calendar.how')}</p>
        <label class="field">
          <span class="label">{t('calendar.address')}</span>
          <input class="input" readOnly value={url} onFocus={(event) => event.currentTarget.select()} />
        </label>
        <p class="sm soft">{t('calendar.secret')}</p>
        <button type="button" class="btn pri full" onClick={copy}>
          {t('invite.copy')}
        </button>
      </div>
    </Sheet>
  )
}
