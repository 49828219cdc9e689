import type { ComponentChildren } from 'preact'

interface EmptyProps {
  title: string
  text?: string
  drawing?: 'sun' | 'boat'
  /** h1 where this is all there is, h2 right under a screen's title. */
  heading?: 'h1' | 'h2' | 'h3'
  children?: ComponentChildren
}

/** Nothing here yet: a small drawing, what it means, and what to do. */
export function Empty({ title, text, drawing, heading: Heading = 'h3', children }: EmptyProps) {
  return (
    <div class="panel empty">
      {drawing && <Drawing of={drawing} />}
      <Heading>{title}</Heading>
      {text && <p class="soft sm">{text}</p>}
      {children}
    </div>
  )
}

function Drawing({ of }: { of: 'sun' | 'boat' }) {
  const line = {
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '3',
    'stroke-linecap': 'round',
  } as const
  return (
    <svg width="120" height="34" viewBox="0 0 120 34" {...line} stroke-linejoin="round" aria-hidden="true">
      {of === 'sun' ? (
        <circle cx="60" cy="9" r="6" fill="var(--v-idea-bg)" />
      ) : (
        <path d="M46 16h28l-5 8H51zM60 16V4l10 9" fill="var(--v-idea-bg)" />
      )}
      <path d="M4 28c9-6 19-6 28 0s19 6 28 0 19-6 28 0 19 6 28 0" />
    </svg>
  )
}
