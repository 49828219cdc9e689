import { Icon, type IconName } from './icons.tsx'

interface Option<V extends string> {
  value: V
  words: string
  detail?: string
  icon?: IconName
  tint?: string
}

interface RadiosProps<V extends string> {
  label: string
  options: readonly Option<V>[]
  value: V | null
  choose: (value: V) => void
  look?: 'choice' | 'chip' | 'kind'
}

const GROUPS = { choice: 'v gap2', chip: 'choices', kind: 'kinds' }

/** One of a few, each in words: a radio group moved through by arrows. */
export function Radios<V extends string>({ label, options, value, choose, look = 'choice' }: RadiosProps<V>) {
  const keys = (event: KeyboardEvent) => {
    const step = /Arrow(Right|Down)/.test(event.key) ? 1 : /Arrow(Left|Up)/.test(event.key) ? -1 : 0
    const group = event.currentTarget
    if (!step || !(group instanceof HTMLElement)) return
    event.preventDefault()
    const at = options.findIndex((option) => option.value === value)
    const to = (at + step + options.length) % options.length
    const next = options[to]
    if (next) choose(next.value)
    group.querySelectorAll<HTMLElement>('[role=radio]')[to]?.focus()
  }
  const first = value === null ? options[0]?.value : value
  return (
    <div class={GROUPS[look]} role="radiogroup" aria-label={label} onKeyDown={keys}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          class={look === 'kind' ? option.tint : look}
          aria-checked={option.value === value}
          tabIndex={option.value === first ? 0 : -1}
          onClick={() => choose(option.value)}
        >
          {look === 'chip' && option.value === value && <Icon name="check" size="s" />}
          {look !== 'chip' && option.icon && <Icon name={option.icon} />}
          <span class={look === 'choice' ? 'grow' : ''}>
            {option.words}
            {option.detail && <span class="sm soft"> {option.detail}</span>}
          </span>
          {look === 'choice' && <span class="tick">{option.value === value && <Icon name="check" />}</span>}
        </button>
      ))}
    </div>
  )
}
