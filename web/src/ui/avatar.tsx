import { person } from '../replica.ts'
import { me } from '../session.ts'
import { initials } from './words.ts'

/** A person's two letters on their own calm colour. The name stands beside it, so it is hidden from readers. */
export function Avatar({ of, size }: { of: number | null; size?: 'sm' | 'l' }) {
  // Whoever reads no team has no card here, their own included.
  const who = person(of) ?? (me.value?.person === of ? me.value : null)
  const tint = who && who.colour > 1 ? ` w${who.colour}` : ''
  return (
    <span class={`who${size ? ` ${size}` : ''}${tint}`} aria-hidden="true">
      {who ? initials(who.name) : '–'}
    </span>
  )
}
