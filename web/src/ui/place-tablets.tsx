import { useState } from 'preact/hooks'
import { onTablet } from '../session.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import type { Page } from './leading.ts'
import { NewTablet } from './new-tablet.tsx'
import { dayWords } from './own.ts'
import { useShell } from './shell.ts'
import { TabletSheet } from './tablet-sheet.tsx'
import { listTablets, type SharedTablet } from './tablets.ts'
import { useAsked } from './use-asked.ts'

/** Yhteislaitteet: the tablets of a team, for who leads it; when each was last seen, by the day. */
export function PlaceTablets({ page }: { page: Page }) {
  const shell = useShell()
  const { space } = page.place
  const { value, fault, again, put } = useAsked(() => listTablets(space))
  const [open, setOpen] = useState<SharedTablet | 'new' | null>(null)
  // What it takes to change a tablet, a passkey, no tablet has.
  if (onTablet.value) return null
  const changed = (tablet: SharedTablet) => {
    setOpen(tablet)
    if (value) put(value.map((one) => (one.id === tablet.id ? tablet : one)))
  }
  const close = () => {
    setOpen(null)
    again()
  }
  return (
    <section class="panel v gap2" aria-labelledby="tablets">
      <h2 id="tablets">{t('tablets.title')}</h2>
      {fault && <p class="soft">{fault}</p>}
      {value?.length === 0 && <p class="soft">{t('tablets.none')}</p>}
      {value && value.length > 0 && (
        <ul class="list">
          {value.map((tablet) => (
            <li key={tablet.id} class="row act">
              <Icon name="smartphone" />
              <span class="grow">
                <span class="t">{tablet.name}</span>
                <span class="d">{t('devices.seen', { day: dayWords(tablet.seen_on, shell.now.value) })}</span>
              </span>
              <button type="button" class="btn quiet" onClick={() => setOpen(tablet)}>
                {t('devices.open')}
                <span class="vh"> {tablet.name}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <button type="button" class="btn" onClick={() => setOpen('new')}>
        <Icon name="qr-code" size="s" />
        {t('tablets.add')}
      </button>
      {open === 'new' && <NewTablet page={page} close={close} />}
      {open && open !== 'new' && <TabletSheet tablet={open} page={page} changed={changed} close={close} />}
    </section>
  )
}
