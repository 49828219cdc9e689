/** The room that this app takes on the device, as far as the browser tells. */

import { signal } from '@preact/signals-core'
import type { Replica } from '../replica/copy.ts'

/** Bytes that this app takes; null where the browser doesn't tell. */
export const deviceUsage = signal<number | null>(null)

/** Ask the browser how much it is by now. */
export function measure(): void {
  navigator.storage?.estimate?.().then(
    (estimate) => {
      deviceUsage.value = estimate.usage ?? null
    },
    () => undefined,
  )
}

/** After the first saved card, ask the browser not to throw anything away; nothing waits for the answer (D-07). */
export function askToStay(replica: Replica): void {
  const stop = replica.waiting.subscribe((waiting) => {
    if (waiting === 0) return
    queueMicrotask(() => stop())
    navigator.storage?.persist?.().catch(() => false)
  })
}
