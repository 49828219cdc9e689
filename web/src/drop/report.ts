/** Where the organisation wants misconduct to be reported, which the drop box is not for (D-72). */

import { makeCall } from '../link/call.ts'
import { isRecord } from '../link/me.ts'
import type { Wire } from '../link/wire.ts'
import { onDevice } from '../session/homes.ts'

const REPORT = 'report'
const ADDRESS = /^(https?:\/\/|mailto:)\S+$/

/** The address; empty where there is none, null while nobody has asked. */
export async function reportHere(): Promise<string | null> {
  const kept = await onDevice((device) => device.get('meta', REPORT))
  return typeof kept === 'string' ? kept : null
}

/** Ask for it, as nobody. */
export async function renewReport(wire: Wire): Promise<void> {
  const got = await makeCall(wire, () => '')('GET', '/api/keys', null, readReport)
  if (got.ok) await onDevice((device) => device.write([{ store: 'meta', key: REPORT, value: got.value }]))
}

/** Nothing but an address that a link may lead to. */
export function readReport(said: unknown): string {
  const address = isRecord(said) ? said.report : ''
  return typeof address === 'string' && ADDRESS.test(address) ? address : ''
}
