/** When and of what a person wishes to be told; the server keeps to it (D-85). */

import { call, type Result } from '../link.ts'
import { asList, asNumber, asText, part } from './read.ts'

export type News = 'answer' | 'comment' | 'waiting' | 'grows' | 'task'

export interface Quiet {
  /** Minutes since midnight; over midnight where the end comes first, none where they are the same. */
  start: number
  end: number
  /** Monday is 0. */
  days: readonly number[]
  away: boolean
  /** News that they are not told of. */
  silent: readonly string[]
}

export const askQuiet = (): Promise<Result<Quiet>> => call('GET', '/api/me', null, asQuiet)

export const saveQuiet = (quiet: Quiet): Promise<Result<Quiet>> =>
  call('PATCH', '/api/me', { quiet }, asQuiet)

function asQuiet(me: unknown): Quiet {
  const quiet = part(me, 'quiet')
  return {
    start: asNumber(part(quiet, 'start')),
    end: asNumber(part(quiet, 'end')),
    days: asList(part(quiet, 'days'), asNumber),
    away: part(quiet, 'away') === true,
    silent: asList(part(quiet, 'silent'), asText),
  }
}

/** 18:00 as an input of the type `time` has it. */
export const clockOf = (minute: number) => [minute / 60, minute % 60].map((n) => pad(Math.floor(n))).join(':')

/** Minutes since midnight; null while the input is half filled. */
export function minuteOf(clock: string): number | null {
  const found = /^(\d\d):(\d\d)/.exec(clock)
  return found ? Number(found[1]) * 60 + Number(found[2]) : null
}

const pad = (n: number) => String(n).padStart(2, '0')
