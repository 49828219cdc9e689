import { t } from '../t.ts'

/** Why the device could not keep the words, and what to do; the words are still in the form. */
export function failureWords(why: unknown): string {
  const name = why instanceof Error ? why.name : ''
  return name === 'QuotaExceededError' ? t('failure.full') : t('failure.disk')
}
