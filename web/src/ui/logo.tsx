/** The mark: a sun over two waves. */
export function Logo() {
  const wave = (y: number) => `M4.5 ${y}c4-4.5 8-4.5 11.5-1s7.5 3.5 11.5-1`
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="var(--v-flow)" />
      <circle cx="11" cy="8.5" r="3" fill="var(--v-idea-bg)" />
      <g fill="none" stroke-linecap="round" stroke-width="3">
        <path d={wave(17)} stroke="var(--v-on-flow)" />
        <path d={wave(24.5)} stroke="var(--v-flow-line)" />
      </g>
    </svg>
  )
}
