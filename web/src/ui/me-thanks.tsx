import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'
import { STRENGTHS, strengthName } from './strengths.ts'
import { received } from './thanks-received.tsx'

/** The strengths that I have been thanked for, each once and in the deck's order: no sum and no order of size. */
export function MeThanks() {
  const all = received()
  const seen = STRENGTHS.filter((key) => all.some((one) => key in one.strengths))
  return (
    <section class="panel v" aria-labelledby="me-thanks">
      <h2 id="me-thanks">{t('thanks.strengths')}</h2>
      {seen.length > 0 && (
        <p class="h wrap">
          {seen.map((key) => (
            <span key={key} class="tag thanks">
              {strengthName(key)}
            </span>
          ))}
        </p>
      )}
      <p class="sm soft">{seen.length ? t('thanks.only_you') : t('thanks.none_yet')}</p>
      <LinkTo to={{ at: 'thanks' }} class="row">
        <Icon name="heart-handshake" />
        <span class="grow">
          <span class="t">{t('thanks.mine')}</span>
        </span>
        <Icon name="chevron-right" />
      </LinkTo>
    </section>
  )
}
