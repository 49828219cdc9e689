import { call, type Result } from '../link.ts'
import { makePasskey, usePasskey } from '../passkey.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { callProved } from './proof.tsx'
import { asList, asNumber, asText, part } from './read.ts'

/** A passkey as its person sees it; days are counted from 1970. */
export interface PasskeyRow {
  id: string
  label: string
  synced: boolean
  made_on: number
  used_on: number
}

/** What a ceremony of this page ends with when the person, or the authenticator, said no. */
export const CANCELLED = { ok: false, error: 'cancelled', message: '', status: 0 } as const

/** Why a passkey was not made or used, in words. */
export const whyNoKey = (failed: { error: string; message: string }): string =>
  failed.error === CANCELLED.error ? t('passkey.cancelled') : whyNot(failed)

const asOptions = (value: unknown) => part(value, 'options')
const nothing = () => null

/**
 * Make a passkey on this device, known to the server by `label`. Whoever has a way in already proves first who they are
 * (`ask` asks for it), and whoever has made one has proved it.
 */
export async function registerPasskey(
  label: string,
  ask: typeof callProved = callProved,
): Promise<Result<{ id: string; synced: boolean }>> {
  const begun = await ask('POST', '/api/passkey/register/begin', {}, asOptions)
  if (!begun.ok) return begun
  const credential = await makePasskey(begun.value)
  if (credential === null) return CANCELLED
  return await call('POST', '/api/passkey/register/finish', { credential, label }, asMade)
}

/** The server's options for showing a passkey of mine. */
export const beginStepUp = (): Promise<Result<unknown>> =>
  call('POST', '/api/passkey/stepup/begin', {}, asOptions)

/** Show with a passkey that the person is here. */
export async function stepUp(): Promise<Result<null>> {
  const begun = await beginStepUp()
  if (!begun.ok) return begun
  const proof = await usePasskey(begun.value)
  if (proof === null) return CANCELLED
  return await call('POST', '/api/passkey/stepup/finish', { credential: proof.credential }, nothing)
}

/** The same with a recovery code, which is used up. */
export const stepUpByCode = (code: string): Promise<Result<null>> =>
  call('POST', '/api/passkey/stepup/finish', { code }, nothing)

export const listPasskeys = (): Promise<Result<PasskeyRow[]>> =>
  call('GET', '/api/passkey', null, (value) => asList(value, asPasskey))

const asMade = (value: unknown) => ({ id: asText(part(value, 'id')), synced: part(value, 'synced') === true })

const asPasskey = (value: unknown): PasskeyRow => ({
  id: asText(part(value, 'id')),
  label: asText(part(value, 'label')),
  synced: part(value, 'synced') === true,
  made_on: asNumber(part(value, 'made_on')),
  used_on: asNumber(part(value, 'used_on')),
})
