import { useEffect, useId, useRef } from 'preact/hooks'
import { Icon } from './icons.tsx'

interface CodeFieldProps {
  label: string
  value: string
  set: (value: string) => void
  /** Digits are hidden as they are typed. */
  digits?: boolean
  fault?: string
  hint?: string
  focus?: boolean
}

const MOST = 64
// Not a password field: a browser would offer to keep the PIN in the profile that everybody at a tablet shares.
const HIDDEN = { class: 'input code secret', inputMode: 'numeric', autocapitalize: 'off' } as const
const SHOWN = { class: 'input code', inputMode: 'text', autocapitalize: 'characters' } as const

/** One line for a code or a PIN: no corrections, no suggestions, nothing that the keyboard would keep. */
export function CodeField({ label, value, set, digits, fault, hint, focus }: CodeFieldProps) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (fault) input.current?.focus()
  }, [fault])
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        ref={input}
        {...(digits ? HIDDEN : SHOWN)}
        type="text"
        maxLength={MOST}
        autocomplete="off"
        spellcheck={false}
        value={value}
        data-focus={focus || undefined}
        aria-invalid={Boolean(fault)}
        aria-describedby={`${id}-x`}
        onInput={(event) => set(event.currentTarget.value)}
      />
      <p id={`${id}-x`} class={fault ? 'fault' : 'sm soft'}>
        {fault && <Icon name="circle-alert" size="s" />}
        {fault || hint}
      </p>
    </div>
  )
}
