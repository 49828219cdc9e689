import { Icon } from './icons.tsx'

interface ChipsProps {
  label: string
  options: readonly { value: string; words: string }[]
  chosen: readonly string[]
  set: (chosen: readonly string[]) => void
}

/** Any number of a few words. */
export function Chips({ label, options, chosen, set }: ChipsProps) {
  const toggle = (value: string) =>
    set(chosen.includes(value) ? chosen.filter((v) => v !== value) : [...chosen, value])
  return (
    <fieldset class="field">
      <legend class="label">{label}</legend>
      <div class="choices">
        {options.map(({ value, words }) => (
          <button
            key={value}
            type="button"
            class="chip"
            aria-pressed={chosen.includes(value)}
            onClick={() => toggle(value)}
          >
            {chosen.includes(value) && <Icon name="check" size="s" />}
            {words}
          </button>
        ))}
      </div>
    </fieldset>
  )
}
