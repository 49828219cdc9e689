import { lang as shown, t } from '../t.ts'

/** Dates and times as people here write them: 7.05, la 21.11., i går 7.05. */
export const DAY_MS = 86_400_000
const HALF_A_YEAR = 180

const LOCALES: Readonly<Record<string, string>> = { fi: 'fi-FI', sv: 'sv-FI', en: 'en-GB' }
const pad = (n: number) => String(n).padStart(2, '0')

/** Midnight of the day on which `at` falls, here. */
export const dayStart = (at: number) => new Date(at).setHours(0, 0, 0, 0)

/** Whole days from one instant to another, by the calendar of this device. */
export const daysBetween = (from: number, to: number) => Math.round((dayStart(to) - dayStart(from)) / DAY_MS)

export function time(at: number, lang: string): string {
  const date = new Date(at)
  return `${date.getHours()}${lang === 'en' ? ':' : '.'}${pad(date.getMinutes())}`
}

/** A day without its year; with it where, seen from now, one could take it for a nearer one. */
export function shortDate(at: number, lang: string, now = at): string {
  const date = new Date(at)
  const isFar =
    Math.abs(daysBetween(now, at)) > HALF_A_YEAR && date.getFullYear() !== new Date(now).getFullYear()
  const year = isFar ? date.getFullYear() : ''
  if (lang === 'en') {
    const month = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(date)
    return `${month} ${year}`.trimEnd()
  }
  const day = `${date.getDate()}.${date.getMonth() + 1}`
  return lang === 'fi' || isFar ? `${day}.${year}` : day
}

export function weekday(at: number, lang: string): string {
  const name = new Intl.DateTimeFormat(LOCALES[lang] ?? lang, { weekday: 'short' }).format(new Date(at))
  return name.replace('.', '')
}

/** 'YYYY-MM-DD' of a card's field, as an instant at noon so that no time zone moves the day. */
export const ofDate = (date: string) => new Date(`${date}T12:00:00`).getTime()

export const toDate = (at: number) => {
  const date = new Date(at)
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
}

/** "tänään 7.05", "eilen 14.20", "18.11.": near things by their time, far ones by their day. */
export function ago(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days <= 0) return t('when.today', { time: time(at, shown.value) })
  if (days === 1) return t('when.yesterday', { time: time(at, shown.value) })
  return shortDate(at, shown.value, now)
}

/** A greeting by the hour. */
export function greeting(now: number, name: string): string {
  const hour = new Date(now).getHours()
  if (hour >= 4 && hour < 10) return t('today.morning', { name })
  return hour >= 18 || hour < 4 ? t('today.evening', { name }) : t('today.day', { name })
}
