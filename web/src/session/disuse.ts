/**
 * When a copy on a tablet counts as unused (D-58). A clock that jumps ahead takes nothing: the server's time has to agree,
 * or where it isn't known, a night that the tablet has really run.
 */

const DAY_MS = 86_400_000
const KEPT_MS = 14 * DAY_MS
const NIGHT_MS = 6 * 3_600_000

/** What is known of the time, in ms: by this device, by the server if it was heard, and for how long this page has run. */
export interface Times {
  wall: number
  server: number | null
  ran: number
}

const BEGAN = performance.now()
const runs = () => performance.now() - BEGAN

let heard: { server: number; ran: number } | null = null

/** The server has said what time it is. */
export function noteServerTime(server: number, ran = runs()): void {
  heard = Number.isFinite(server) ? { server, ran } : null
}

/** The times as they are now, by a device's clock that says `wall`. */
export const timesNow = (wall: number, ran = runs()): Times => ({
  wall,
  server: heard && heard.server + ran - heard.ran,
  ran,
})

/** The end of the day of a moment, in ms: what is kept of when something was done. */
export const dayEnd = (at: number): number => Math.ceil(at / DAY_MS) * DAY_MS

/** Whether nobody has opened a copy for 14 days that was last opened then, by the device's clock of that time. */
export function isUnused(openedAt: number, { wall, server, ran }: Times): boolean {
  if (wall - openedAt <= KEPT_MS) return false
  return server === null ? ran > NIGHT_MS : server - openedAt > KEPT_MS
}
