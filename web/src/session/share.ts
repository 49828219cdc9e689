/** What a strong lock takes besides the PIN: a share that only the server keeps, so a copied disk is worth nothing (D-51). */

import { fromBase64url } from '../bytes.ts'
import { isRecord } from '../link/me.ts'
import { callAnew } from '../link.ts'

/**
 * The share of a person's copy, by its number, 32 bytes; null without a network, or where it was destroyed. `lost`: the
 * server knows no such copy or share, as after a restore, and only a phone gets the person onto the tablet again.
 */
export async function shareOf(
  person: number,
  device: string,
): Promise<Uint8Array<ArrayBuffer> | 'lost' | null> {
  const got = await callAnew('POST', '/api/unlock/share', { person, device }, (value) =>
    fromBase64url(isRecord(value) ? String(value.share) : ''),
  )
  if (got.ok) return got.value
  return got.error === 'author_unknown' || got.error === 'not_found' ? 'lost' : null
}
