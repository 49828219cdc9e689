import { MeDevices } from './me-devices.tsx'
import { MeNotices } from './me-notices.tsx'
import { MeWaysIn } from './me-ways-in.tsx'

/** What keeps the account mine: what has happened to it, my devices, my ways in. */
export function MeSafety() {
  return (
    <>
      <MeNotices />
      <MeDevices />
      <MeWaysIn />
    </>
  )
}
