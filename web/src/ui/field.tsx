import type { RefObject } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { Icon } from './icons.tsx'

interface FieldProps {
  label: string
  value: string
  set: (value: string) => void
  max: number
  /** What is wrong, in words; focus comes here when it appears. */
  fault?: string
  hint?: string
  rows?: number
  focus?: boolean
  lang?: string
  input?: RefObject<HTMLTextAreaElement | null>
}

/** A label, words, and what is wrong with them. Lengths count code points, as the server does. */
export function Field({ label, value, set, max, fault, hint, rows = 1, focus, lang, input }: FieldProps) {
  const id = useId()
  const own = useRef<HTMLTextAreaElement>(null)
  const ref = input ?? own
  useEffect(() => {
    if (fault) ref.current?.focus()
  }, [fault])
  const over = [...value].length - max
  return (
    <div class={focus ? 'field grow-field first' : 'field grow-field'}>
      <label for={id}>{label}</label>
      <textarea
        id={id}
        ref={ref}
        class="input"
        rows={rows}
        value={value}
        lang={lang}
        data-focus={focus || undefined}
        aria-invalid={Boolean(fault) || over > 0}
        aria-describedby={`${id}-x`}
        autocomplete="off"
        onInput={(event) => set(event.currentTarget.value)}
      />
      <p id={`${id}-x`} class={fault || over > 0 ? 'fault' : 'sm soft'}>
        {(fault || over > 0) && <Icon name="circle-alert" size="s" />}
        {over > 0 ? `${fault ?? ''} −${over}`.trim() : fault || hint}
      </p>
    </div>
  )
}
