import { call, type Result } from '../link.ts'
import { usePasskey } from '../passkey.ts'
import { comeIn } from '../session/signing.ts'
import type { Me } from '../session.ts'
import { t } from '../t.ts'
import { CANCELLED } from './passkeys.ts'
import { part } from './read.ts'

/** Come back with a passkey, on this device or a new one. */
export async function signInByPasskey(): Promise<Result<Me>> {
  const begun = await call('POST', '/api/passkey/login/begin', {}, (value) => part(value, 'options'))
  if (!begun.ok) return begun
  const proof = await usePasskey(begun.value)
  if (proof === null) return CANCELLED
  return await comeIn('/api/passkey/login/finish', {
    credential: proof.credential,
    device_name: deviceName(),
  })
}

/** Come back with one of the codes that were printed. */
export const recover = (name: string, code: string): Promise<Result<Me>> =>
  comeIn('/api/recover', { name_hint: name.trim(), code: folded(code), device_name: deviceName() })

const LINK = /(?:^|#)([\w-]{22})$/
const TYPED = /^[0-9A-HJKMNP-TV-Z]{10}$/

/** What was typed or pasted as an invitation: its code, or null where it can't be one. */
export function codeIn(text: string): string | null {
  const link = LINK.exec(text.trim())?.[1]
  const typed = folded(text)
  return link ?? (TYPED.test(typed) ? typed : null)
}

/** A code as it was meant: no spaces or hyphens, capitals, and the letters that look like digits as these. */
export const folded = (text: string): string =>
  text.replace(/[\s-]/g, '').toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1')

/** A name for this device that its owner recognises; can be changed later. */
export function deviceName(): string {
  const agent = navigator.userAgent
  const kinds = ['iPhone', 'iPad', 'Android', 'Windows', 'Macintosh', 'Linux'] as const
  const found = kinds.find((kind) => agent.includes(kind))
  return found === 'Macintosh' ? 'Mac' : (found ?? t('join.some_device'))
}
