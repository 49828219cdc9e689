import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { onTablet } from '../session.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { lazy } from './lazy.tsx'

/** A sheet is above everything else, and leaving a shared tablet is one tap from anywhere. */
const LockKey = lazy(async () => (await import('./tablet-frame.tsx')).LockKey)

interface SheetProps {
  title: string
  close: () => void
  children: ComponentChildren
  /** Said by the close button; a form that keeps its draft says so. */
  closeLabel?: string
  shape?: 'tall' | 'wide'
  alert?: boolean
  /** A picture over a centred title, for good news; then there is no cross, a button below closes. */
  crown?: ComponentChildren
}

/** A dialog: from below on a phone, in the middle elsewhere. Traps focus, closes by Esc, gives focus back. */
export function Sheet({ title, close, children, closeLabel, shape, alert, crown }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    dialog.current?.querySelector<HTMLElement>('[data-focus]')?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  const cancel = (event: Event) => {
    event.preventDefault()
    close()
  }
  const outside = (event: MouseEvent) => {
    if (event.target === dialog.current) close()
  }
  return (
    <dialog
      ref={dialog}
      class={`sheet ${shape ?? ''}`}
      aria-labelledby={id}
      role={alert ? 'alertdialog' : 'dialog'}
      onCancel={cancel}
      onClick={outside}
      onKeyDown={() => undefined}
    >
      <div class="body">
        <div class="grab" />
        {crown ?? null}
        <div class={crown ? 'center' : 'h between'}>
          <h2 id={id} tabIndex={-1} class={crown ? 'crowned' : ''}>
            {title}
          </h2>
          {onTablet.value && <LockKey />}
          {!crown && (
            <button type="button" class="iconbtn" aria-label={closeLabel ?? t('sheet.close')} onClick={close}>
              <Icon name="x" />
            </button>
          )}
        </div>
        {children}
      </div>
    </dialog>
  )
}
