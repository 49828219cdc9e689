import { useId } from 'preact/hooks'
import { grants } from '../session.ts'
import { lang, t } from '../t.ts'
import { Chips } from './chips.tsx'
import { clockOf, minuteOf, type News, type Quiet } from './quiet.ts'
import { Switch } from './switch.tsx'
import { weekday } from './when.ts'

const WEEK = [0, 1, 2, 3, 4, 5, 6] as const

interface TimesProps {
  quiet: Quiet
  set: (part: Partial<Quiet>) => void
}

/** Quiet hours, days off, and of what one is told; each choice is saved as it is made. */
export function QuietTimes({ quiet, set }: TimesProps) {
  const days = WEEK.map((day) => ({ value: String(day), words: dayName(day) }))
  return (
    <div class="v">
      <fieldset class="field">
        <legend class="label">{t('push.quiet')}</legend>
        <div class="h gap3 wrap">
          <Clock label={t('push.start')} minute={quiet.start} set={(start) => set({ start })} />
          <Clock label={t('push.end')} minute={quiet.end} set={(end) => set({ end })} />
        </div>
        <p class="sm soft">{t('push.quiet_hint')}</p>
      </fieldset>
      <Chips
        label={t('push.days')}
        options={days}
        chosen={quiet.days.map(String)}
        set={(chosen) => set({ days: chosen.map(Number).sort() })}
      />
      <Switch
        words={t('push.away')}
        hint={t('push.away_hint')}
        on={quiet.away}
        set={(away) => set({ away })}
      />
      <Kinds quiet={quiet} set={set} />
    </div>
  )
}

function Clock({ label, minute, set }: { label: string; minute: number; set: (minute: number) => void }) {
  const id = useId()
  const take = (clock: string) => {
    const chosen = minuteOf(clock)
    if (chosen !== null && chosen !== minute) set(chosen)
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="input num"
        type="time"
        value={clockOf(minute)}
        onChange={(event) => take(event.currentTarget.value)}
      />
    </div>
  )
}

function Kinds({ quiet, set }: TimesProps) {
  const answers = grants.value.some(({ role }) => role === 'supervisor')
  const kinds: readonly { news: News; words: string }[] = [
    { news: 'answer', words: t('push.answer') },
    { news: 'comment', words: t('push.comment') },
    { news: 'grows', words: t('push.grows') },
    { news: 'task', words: t('push.task') },
    ...(answers ? [{ news: 'waiting', words: t('push.waiting') } as const] : []),
  ]
  const turn = (news: News, on: boolean) =>
    set({ silent: on ? quiet.silent.filter((one) => one !== news) : [...quiet.silent, news] })
  return (
    <fieldset>
      <legend class="label">{t('push.kinds')}</legend>
      {kinds.map(({ news, words }) => (
        <Switch key={news} words={words} on={!quiet.silent.includes(news)} set={(on) => turn(news, on)} />
      ))}
    </fieldset>
  )
}

/** The first of January in 2024 was a Monday. */
const dayName = (day: number) => weekday(new Date(2024, 0, 1 + day, 12).getTime(), lang.value)
