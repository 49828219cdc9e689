import { useLayoutEffect, useState } from 'preact/hooks'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'

interface PinPadProps {
  label: string
  /** What to press when the PIN is whole. */
  action: string
  fault: string
  /** No PIN is taken just now. */
  off: boolean
  enter: (pin: string) => void
}

const LEAST = 6
const MOST = 12
const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const

/** Big keys for a PIN of six to twelve digits. They can be typed too; how many there are is said, never which. */
export function PinPad({ label, action, fault, off, enter }: PinPadProps) {
  const [pin, setPin] = useState('')
  const [short, setShort] = useState(false)
  const add = (digit: string) => setPin((now) => (now + digit).slice(0, MOST))
  const back = () => setPin((now) => now.slice(0, -1))
  const done = () => {
    if (off) return
    setShort(pin.length < LEAST)
    if (pin.length < LEAST) return
    enter(pin)
    setPin('')
  }
  const words = short ? t('pin.length') : fault
  // In step with what is shown: a digit typed right then must not reach keys that are still off.
  useLayoutEffect(() => {
    const typed = (event: KeyboardEvent) => {
      if (off || document.querySelector('dialog[open]')) return
      if (/^\d$/.test(event.key)) add(event.key)
      else if (event.key === 'Backspace') back()
      else if (event.key === 'Enter' && !(event.target instanceof HTMLButtonElement)) done()
    }
    addEventListener('keydown', typed)
    return () => removeEventListener('keydown', typed)
  })
  return (
    <div class="v gap4 center">
      <Dots given={pin.length} />
      <p class="fault center" role="alert">
        {words && <Icon name="circle-alert" size="s" />}
        {words}
      </p>
      <div class="keys" role="group" aria-label={label}>
        {DIGITS.map((digit) => (
          <button key={digit} type="button" class="key" disabled={off} onClick={() => add(digit)}>
            {digit}
          </button>
        ))}
        <span />
        <button type="button" class="key" disabled={off} onClick={() => add('0')}>
          0
        </button>
        <button type="button" class="key plain" disabled={off} aria-label={t('pin.back')} onClick={back}>
          <Icon name="delete" />
        </button>
      </div>
      <button type="button" class="btn pri full big" aria-disabled={off} onClick={done}>
        {action}
      </button>
    </div>
  )
}

function Dots({ given }: { given: number }) {
  const dots = Array.from({ length: Math.max(LEAST, given) }, (_, i) => i < given)
  return (
    <div class="pins" role="img" aria-label={t('pin.given', { count: given })}>
      {dots.map((on, i) => (
        <span key={`${i + 1}`} class={on ? 'on' : ''} />
      ))}
    </div>
  )
}
