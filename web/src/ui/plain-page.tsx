import type { ComponentChildren } from 'preact'
import { Logo } from './logo.tsx'

/** A page outside the app's frame: its name, and what it asks of whoever has come. */
export function PlainPage({ children }: { children: ComponentChildren }) {
  return (
    <main class="plainpage" id="main" tabIndex={-1}>
      <p class="brand">
        <Logo />
        Virtaamo
      </p>
      {children}
    </main>
  )
}
