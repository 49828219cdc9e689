import type { ComponentChildren } from 'preact'
import { pathOf, type Route } from './route.ts'
import { useShell } from './shell.ts'

interface LinkTo {
  to: Route
  class?: string
  label?: string
  current?: boolean
  lang?: string | undefined
  children: ComponentChildren
}

/** A real link that changes the screen without a reload; a new tab still works. */
export function LinkTo({ to, class: name, label, current, lang, children }: LinkTo) {
  const shell = useShell()
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    shell.go(to)
  }
  const here = current ? { 'aria-current': 'page' as const } : {}
  return (
    <a href={pathOf(to)} class={name} aria-label={label} lang={lang} onClick={follow} {...here}>
      {children}
    </a>
  )
}
