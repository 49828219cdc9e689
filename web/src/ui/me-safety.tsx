import { MeCalendar } from './me-calendar.tsx'
import { MeDevices } from './me-devices.tsx'
import { MeLock } from './me-lock.tsx'
import { MeNotices } from './me-notices.tsx'
import { MeWaysIn } from './me-ways-in.tsx'

/** What is mine alone: my calendar, and what keeps the account mine: what has happened to it, my devices, my ways in, the lock of this one. */
export function MeSafety() {
  return (
    <>
      <MeCalendar />
      <MeNotices />
      <MeDevices />
      <MeWaysIn />
      <MeLock />
    </>
  )
}
