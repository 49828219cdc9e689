import { isLang, lang, speak, t } from '../t.ts'
import { Radios } from './radios.tsx'
import { LANG_NAMES } from './words.ts'

/** The three languages, each by its own name, where nobody has said yet which one is theirs. */
export function Languages() {
  const options = Object.entries(LANG_NAMES).map(([value, words]) => ({ value, words }))
  const choose = (next: string) => {
    if (isLang(next)) speak(next)
  }
  return <Radios look="chip" label={t('me.language')} options={options} value={lang.value} choose={choose} />
}
