import { useState } from 'preact/hooks'
import { t } from '../t.ts'
import { ThanksForm } from './thanks-form.tsx'
import { type Giving, keyOf } from './thanks-giving.ts'
import { ThanksReceived } from './thanks-received.tsx'
import { ThanksSent } from './thanks-sent.tsx'
import { ThanksWall } from './thanks-wall.tsx'

/** Kiitos: give one, see what I have been given, and the teams' walls. Nothing here is counted (H4, F11). */
export function ThanksPage() {
  const [giving, give] = useState<Giving>({})
  return (
    <div class="screen gut v gap4">
      <h1 class="me-head" tabIndex={-1}>
        {t('thanks.title')}
      </h1>
      <ThanksForm key={keyOf(giving)} giving={giving} done={() => give({})} />
      <ThanksReceived give={give} />
      <ThanksWall />
      <ThanksSent />
    </div>
  )
}
