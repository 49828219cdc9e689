import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { grants } from '../session.ts'
import { lang, t } from '../t.ts'
import { type CaptureDraft, drop, emptyDraft, keep, keptDraft } from './capture-draft.ts'
import { CaptureForm } from './capture-form.tsx'
import { carry } from './carried.ts'
import { Icon } from './icons.tsx'
import { lazy } from './lazy.tsx'
import { Saved, SavedCheck } from './saved.tsx'
import { Sheet } from './sheet.tsx'
import { type Shell, useShell } from './shell.ts'
import { teamsToGive } from './tasks.ts'

const TaskForm = lazy(async () => (await import('./task-form.tsx')).TaskForm)

const DRAFT_AFTER_MS = 1_000

/** ＋: the sheet where an idea or an observation is written, then where it says that the words are safe. */
export function Capture({ kind }: { kind: CaptureDraft['kind'] }) {
  const shell = useShell()
  const teams = grants.value.filter((g) => g.kind === 'team')
  const fresh = () => emptyDraft(shell, kind, shell.board.peek().team || teams[0]?.space || 0, lang.value)
  const form = useSignal<CaptureDraft>(fresh())
  const loaded = useSignal(false)
  const saved = useSignal<CaptureDraft | null>(null)
  const task = useSignal(false)
  useEffect(() => {
    keptDraft(form.value).then((found) => {
      form.value = teams.some((g) => g.space === found.team)
        ? found
        : { ...found, team: teams[0]?.space ?? 0 }
      loaded.value = true
    })
  }, [])
  useKeeping(shell, form, loaded, saved)
  const close = () => {
    if (!saved.value) keep(form.value)
    shell.capture.value = null
  }
  const toBox = () => {
    carry(form.value.text)
    close()
    shell.go({ at: 'drop' })
  }
  const again = (next: Partial<CaptureDraft>) => {
    form.value = { ...fresh(), ...next, id: shell.clock.cardId() }
    saved.value = null
  }
  if (!loaded.value) return null
  if (task.value) return <TaskForm close={close} />
  if (saved.value) {
    const done = saved.value
    return (
      <Sheet key="saved" title={t('saved.title')} close={close} crown={<SavedCheck />}>
        <Saved
          card={done}
          done={close}
          another={() => again({ kind: done.kind })}
          undone={() => again(done)}
        />
      </Sheet>
    )
  }
  return (
    <Sheet key="form" title={t('capture.title')} close={close} closeLabel={t('capture.close')} shape="tall">
      <CaptureForm
        form={form}
        teams={teams}
        saved={() => {
          saved.value = form.value
          drop()
        }}
      />
      {teamsToGive().length > 0 && (
        <button type="button" class="btn quiet full" onClick={() => (task.value = true)}>
          <Icon name="footprints" />
          {t('task.new')}
        </button>
      )}
      <button type="button" class="btn quiet full" onClick={toBox}>
        {t('capture.nameless')}
      </button>
    </Sheet>
  )
}

/** Keep the words a second after the last key, when the window is hidden, and when it goes. */
function useKeeping(
  shell: Shell,
  form: Signal<CaptureDraft>,
  loaded: Signal<boolean>,
  saved: Signal<CaptureDraft | null>,
) {
  const now = form.value
  useEffect(() => {
    if (!loaded.value || saved.value) return
    return shell.clock.after(DRAFT_AFTER_MS, () => keep(now))
  }, [now, loaded.value, saved.value])
  useEffect(() => {
    const hide = () => {
      if (document.visibilityState === 'hidden' && loaded.value && !saved.value) keep(form.value)
    }
    document.addEventListener('visibilitychange', hide)
    return () => {
      document.removeEventListener('visibilitychange', hide)
      // A shared tablet is locked, or another screen takes the place of this one.
      if (loaded.value && !saved.value && shell.capture.value !== null) keep(form.value)
    }
  }, [])
}
