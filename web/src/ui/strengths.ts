/** The deck of strength cards (sync/strengths.py) in words. Lazy screens alone take it in. */

import { t } from '../t.ts'

export const STRENGTHS = [
  'knot_untier',
  'calm_bringer',
  'door_opener',
  'sharp_eye',
  'twinkle',
  'finisher',
  'first_to_try',
  'quiet_carrier',
  'word_finder',
  'skilled_hands',
  'asker',
  'rememberer',
  'rhythm_keeper',
  'brave_voice',
  'bridge_builder',
  'teacher_alongside',
  'hope_spotter',
  'everyday_inventor',
  'boundary_keeper',
  'newcomers_ally',
] as const
export type Strength = (typeof STRENGTHS)[number]

export const strengthName = (key: Strength): string => t(`strength.${key}`)
export const strengthText = (key: Strength): string => t(`strength.${key}.text`)
