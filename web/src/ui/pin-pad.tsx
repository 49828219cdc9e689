import type { ComponentChildren } from 'preact'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { LEAST, type Pin, usePin } from './use-pin.ts'

interface PinPadProps {
  label: string
  /** What to press when the PIN is whole. */
  action: string
  fault: string
  /** No PIN is taken just now. */
  off: boolean
  enter: (pin: string) => void
}

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const

/** Big keys for a PIN of six to twelve digits. They can be typed too; how many there are is said, never which. */
export function PinPad({ label, action, fault, off, enter }: PinPadProps) {
  const pin = usePin({ off, enter })
  const words = pin.short ? t('pin.length') : fault
  return (
    <div class="v gap4 center">
      <PinDots given={pin.given} />
      <p class="fault center" role="alert">
        {words && <Icon name="circle-alert" size="s" />}
        {words}
      </p>
      <PinKeys pin={pin} label={label} off={off} />
      <button type="button" class="btn pri full big" aria-disabled={off} onClick={pin.done}>
        {action}
      </button>
    </div>
  )
}

interface PinKeysProps {
  pin: Pin
  label: string
  off: boolean
  /** What stands left of the nought. */
  children?: ComponentChildren
}

export function PinKeys({ pin, label, off, children }: PinKeysProps) {
  return (
    <div class="keys" role="group" aria-label={label}>
      {DIGITS.map((digit) => (
        <button key={digit} type="button" class="key" disabled={off} onClick={() => pin.add(digit)}>
          {digit}
        </button>
      ))}
      {children ?? <span />}
      <button type="button" class="key" disabled={off} onClick={() => pin.add('0')}>
        0
      </button>
      <button type="button" class="key plain" disabled={off} aria-label={t('pin.back')} onClick={pin.back}>
        <Icon name="delete" />
      </button>
    </div>
  )
}

/** How many digits there are, never which. */
export function PinDots({ given }: { given: number }) {
  const dots = Array.from({ length: Math.max(LEAST, given) }, (_, i) => i < given)
  return (
    <div class="pins" role="img" aria-label={t('pin.given', { count: given })}>
      {dots.map((on, i) => (
        <span key={`${i + 1}`} class={on ? 'on' : ''} />
      ))}
    </div>
  )
}
