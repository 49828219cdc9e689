import { useState } from 'preact/hooks'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { codesLeft, makeCodes } from './own.ts'
import { Sheet } from './sheet.tsx'
import { useAsked } from './use-asked.ts'

/** Codes for the day when every device is lost: how many are left, and eight fresh ones, shown once (D-39). */
export function RecoveryCodes() {
  const { value, again } = useAsked(codesLeft)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const [fault, setFault] = useState('')
  const make = async () => {
    const made = await makeCodes()
    setFault(made.ok ? '' : whyNot(made))
    if (made.ok) setCodes(made.value)
  }
  const close = () => {
    setCodes(null)
    again()
  }
  return (
    <div class="v gap2">
      <h3>{t('codes.title')}</h3>
      <p class="sm soft">{value ? t('codes.left', { count: value }) : t('codes.none')}</p>
      <Fault words={fault} />
      <button type="button" class="btn" onClick={make}>
        {value ? t('codes.renew') : t('codes.make')}
      </button>
      {codes && <CodesSheet codes={codes} close={close} />}
    </div>
  )
}

function CodesSheet({ codes, close }: { codes: readonly string[]; close: () => void }) {
  return (
    <Sheet title={t('codes.title')} close={close} shape="wide">
      <div class="v gap4 print">
        <p>{t('codes.how')}</p>
        <ol class="codes num" aria-label={t('codes.title')}>
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ol>
        <p class="sm soft">{t('codes.once')}</p>
      </div>
      <div class="h gap2 end wrap">
        <button type="button" class="btn" onClick={() => print()}>
          {t('codes.print')}
        </button>
        <button type="button" class="btn pri" onClick={close}>
          {t('codes.kept')}
        </button>
      </div>
    </Sheet>
  )
}
