import { useState } from 'preact/hooks'
import { grants, me } from '../session.ts'
import { t } from '../t.ts'
import { deleteAccount, whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import type { DutiesTo } from './leading.ts'
import { LeftBehind } from './left-behind.tsx'
import { Sheet } from './sheet.tsx'
import { Switch } from './switch.tsx'
import { WaitingFirst } from './waiting-first.tsx'

/** The end of an account: what happens with what I wrote is said before anything happens. */
export function MeAccount() {
  const [open, setOpen] = useState(false)
  return (
    <section class="panel v" aria-labelledby="me-account">
      <h2 id="me-account">{t('account.title')}</h2>
      <p class="sm soft">{t('account.text')}</p>
      <button type="button" class="btn quiet" onClick={() => setOpen(true)}>
        <Icon name="trash-2" size="s" />
        {t('account.open')}
      </button>
      {open && <AccountSheet close={() => setOpen(false)} />}
    </section>
  )
}

function AccountSheet({ close }: { close: () => void }) {
  const places = grants.value.filter(({ kind }) => kind !== 'own')
  const [kept, setKept] = useState<ReadonlySet<number>>(new Set())
  const [to, setTo] = useState<DutiesTo | null>(null)
  const [fault, setFault] = useState('')
  const keep = (space: number, on: boolean) => {
    const next = new Set(kept)
    if (on) next.add(space)
    else next.delete(space)
    setKept(next)
  }
  const end = async () => {
    const done = await deleteAccount([...kept], to ?? {})
    if (done.ok) location.assign('/')
    else setFault(whyNot(done))
  }
  return (
    <Sheet title={t('account.sheet')} close={close} alert>
      <ul class="v gap2 said-before">
        <li>{t('account.cards')}</li>
        <li>{t('account.own')}</li>
        <li>{t('account.marks')}</li>
        <li>{t('account.when')}</li>
      </ul>
      <WaitingFirst />
      <LeftBehind person={me.value?.person ?? 0} to={to} set={setTo} />
      <fieldset class="v gap2 said-before">
        <legend class="label">{t('account.names')}</legend>
        {places.map(({ space, name }) => (
          <Switch key={space} words={name} on={kept.has(space)} set={(on) => keep(space, on)} />
        ))}
        <p class="sm soft">{t('account.names_hint')}</p>
      </fieldset>
      <Fault words={fault} />
      <div class="h gap2 end wrap">
        <button type="button" class="btn quiet" onClick={close} data-focus>
          {t('account.no')}
        </button>
        <button type="button" class="btn bad" disabled={!to} onClick={end}>
          {t('account.do')}
        </button>
      </div>
    </Sheet>
  )
}
