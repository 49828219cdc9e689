/** What opens the boxes that a team's members share at one tablet: each of them has it (docs/decisions/0034). */

/** A key from its 32 bytes; no script reads it out of what this gives. */
export const teamKey = (raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
