interface SwitchProps {
  words: string
  on: boolean
  set: (on: boolean) => void
  hint?: string
}

/** On or off at once, in words. */
export function Switch({ words, on, set, hint }: SwitchProps) {
  return (
    <button type="button" role="switch" class="switch" aria-checked={on} onClick={() => set(!on)}>
      <span>
        <span class="label">{words}</span>
        {hint && <br />}
        {hint && <span class="sm soft">{hint}</span>}
      </span>
    </button>
  )
}
