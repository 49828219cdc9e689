import type { PlainKey } from '../t.ts'
import { wordsFor } from './words.ts'

/** Why a change was refused or is held, by the server's reason. */
export const REFUSAL_WORDS: Readonly<Record<string, PlainKey>> = wordsFor('refusal.', [
  'no_grant',
  'not_yours',
  'over_limit',
  'wrong_type',
  'once',
  'system_field',
  'gone',
  'client_data',
  'reason_required',
  'reply_incomplete',
  'unknown_option',
  'no_room',
  'receiver_left',
  'too_many',
  'unknown_kind',
  'unknown_field',
  'no_card',
  'undecodable',
  'id_reused',
  'grant_revoked',
  'author_revoked',
  'internal',
])
