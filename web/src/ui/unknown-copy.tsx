import { useState } from 'preact/hooks'
import type { Me } from '../link/me.ts'
import { askAnew, takeAnew } from '../session/anew.ts'
import { t } from '../t.ts'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { Sheet } from './sheet.tsx'
import { ByPhone } from './tablet-come.tsx'

/** The server knows this copy no more: nothing is lost, and a phone's approval lets what waits leave. */
export function UnknownCopy() {
  const [open, setOpen] = useState(false)
  const [fault, setFault] = useState('')
  const take = async (me: Me) => {
    if (!(await takeAnew(me))) setFault(t('anew.other'))
  }
  return (
    <div class="banner wait" role="status">
      <Icon name="log-out" />
      <span class="grow">
        <b>{t('anew.title')}</b>
        {t('anew.text')}
      </span>
      <button type="button" class="btn plain" onClick={() => setOpen(true)}>
        {t('locked.shut')}
      </button>
      {open && (
        <Sheet title={t('come.again')} close={() => setOpen(false)}>
          <div class="v gap4">
            <p>{t('anew.how')}</p>
            <ByPhone ask={askAnew} taken={take} />
            <Fault words={fault} />
          </div>
        </Sheet>
      )}
    </div>
  )
}
