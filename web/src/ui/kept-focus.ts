import { useEffect } from 'preact/hooks'

/**
 * Whoever works by keyboard or screen reader keeps their place: when what had the focus goes from the page (a note
 * moves to another lane, a form is done), the focus goes to the same note where it is now, else to the sheet that is
 * open, else to the screen.
 */
export function useKeptFocus() {
  useEffect(() => {
    let last: Element | null = null
    let card: string | null = null
    const remember = ({ target }: FocusEvent) => {
      last = target instanceof Element ? target : null
      card = last?.closest('[data-card]')?.getAttribute('data-card') ?? null
    }
    const seen = new MutationObserver(() => {
      if (!last || last.isConnected || document.activeElement !== document.body) return
      last = null
      placeFor(card)?.focus({ preventScroll: card === null })
    })
    document.addEventListener('focusin', remember)
    seen.observe(document.body, { childList: true, subtree: true })
    return () => {
      document.removeEventListener('focusin', remember)
      seen.disconnect()
    }
  }, [])
}

function placeFor(card: string | null): HTMLElement | null {
  const sheet = document.querySelector('dialog[open]')
  if (sheet) return sheet.querySelector<HTMLElement>('[data-focus], h2')
  const note = card === null ? null : document.querySelector<HTMLElement>(`[data-card="${card}"] a`)
  return note ?? document.getElementById('main')
}
