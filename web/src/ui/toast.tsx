import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { useShell } from './shell.ts'

const SHOWN_MS = 8_000

/** What just happened and the way back. Stays while it is focused or pointed at; F6 reaches it. */
export function ToastPlace() {
  const shell = useShell()
  const toast = shell.toast.value
  const [held, hold] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (!toast || held) return
    return shell.clock.after(SHOWN_MS, () =>
      shell.say(toast === shell.toast.value ? null : shell.toast.value),
    )
  }, [toast, held])
  useEffect(() => {
    const reach = (event: KeyboardEvent) => {
      if (event.key === 'F6') button.current?.focus()
    }
    addEventListener('keydown', reach)
    return () => removeEventListener('keydown', reach)
  }, [])
  const undo = () => {
    hold(false)
    shell.say(null)
    toast?.undo?.()
  }
  return (
    <div class="toasts" role="status" onMouseEnter={() => hold(true)} onMouseLeave={() => hold(false)}>
      {toast && (
        <div class="toast" onFocusIn={() => hold(true)} onFocusOut={() => hold(false)}>
          <Icon name={toast.icon ?? 'check'} />
          <span>{toast.text}</span>
          {toast.undo && (
            <button type="button" ref={button} onClick={undo}>
              <Icon name="undo-2" size="s" />
              {t('undo')}
            </button>
          )}
        </div>
      )}
    </div>
  )
}
