import { useState } from 'preact/hooks'
import { sendNow } from '../link.ts'
import { waiting } from '../replica.ts'
import { t } from '../t.ts'
import { signOut, whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { Sheet } from './sheet.tsx'

/** The way out. It says what still waits here, and offers to send that first. */
export function SignOut() {
  const [open, setOpen] = useState(false)
  const [fault, setFault] = useState('')
  const left = waiting.value
  const out = async () => {
    const done = await signOut(left)
    if (done.ok) location.assign('/')
    else setFault(whyNot(done))
  }
  return (
    <section>
      <button type="button" class="btn quiet" onClick={() => setOpen(true)}>
        <Icon name="log-out" size="s" />
        {t('out.open')}
      </button>
      {open && (
        <Sheet title={t('out.title')} close={() => setOpen(false)} alert>
          <p>{left ? t('out.waits', { count: left }) : t('out.text')}</p>
          <Fault words={fault} />
          <div class="h gap2 end wrap">
            {left > 0 && (
              <button type="button" class="btn soft" onClick={() => sendNow()}>
                {t('device.send')}
              </button>
            )}
            <button type="button" class="btn quiet" onClick={() => setOpen(false)} data-focus>
              {t('out.no')}
            </button>
            <button type="button" class="btn bad" onClick={out}>
              {t('out.do')}
            </button>
          </div>
        </Sheet>
      )}
    </section>
  )
}
