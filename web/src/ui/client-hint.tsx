import { t } from '../t.ts'
import type { ClientHint } from './client-data.ts'
import { Icon } from './icons.tsx'

interface HintProps {
  hint: ClientHint
  remove: (code: string) => void
}

/** Always there under the text. Asks when it may be about a client; only a valid identity code stops the saving. */
export function ClientHintLine({ hint, remove }: HintProps) {
  const { code, maybe } = hint
  if (code) {
    return (
      <div class="banner danger" role="alert">
        <Icon name="shield-alert" />
        <span class="grow">
          <b>{t('hint.code')}</b>
          {t('hint.code_text')}
        </span>
        <button type="button" class="btn plain" onClick={() => remove(code)}>
          {t('hint.remove')}
        </button>
      </div>
    )
  }
  if (maybe) {
    return (
      <div class="banner wait" role="status">
        <Icon name="shield-alert" />
        <span class="grow">
          <b>{t('hint.maybe')}</b>
          {t('hint.maybe_text', { words: maybe })}
        </span>
      </div>
    )
  }
  return (
    <p class="h top gap2 sm hint">
      <Icon name="shield-alert" size="s" />
      <span>{t('hint.always')}</span>
    </p>
  )
}
