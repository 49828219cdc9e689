import { useEffect, useRef } from 'preact/hooks'
import { encode } from 'uqr'
import { t } from '../t.ts'

/** The claim code, shown this once: its words, and a picture that carries them. Neither leaves the device. */
export function DropCode({ code, done }: { code: string; done: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <section class="v gap4">
      <h2 ref={heading} tabIndex={-1}>
        {t('drop.kept')}
      </h2>
      <p>{t('drop.kept_text')}</p>
      <p class="label">{t('drop.code')}</p>
      <p class="input" lang="fi">
        <b>{code}</b>
      </p>
      <Picture text={`${location.origin}/lunasta#${encodeURIComponent(code.replaceAll(' ', '-'))}`} />
      <p class="sm soft">{t('drop.once')}</p>
      <button type="button" class="btn pri full" onClick={done}>
        {t('drop.noted')}
      </button>
    </section>
  )
}

function Picture({ text }: { text: string }) {
  const { size, data } = encode(text, { border: 2 })
  const path = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t('drop.qr')}>
      <path d={path} />
    </svg>
  )
}
