import { useState } from 'preact/hooks'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { fetchExport } from './own-export.ts'
import { useShell } from './shell.ts'
import { toDate } from './when.ts'

/** All that the server holds of me, as a ZIP. What has not left this device is not in it, and the text says so. */
export function MyExport() {
  const shell = useShell()
  const [fault, setFault] = useState('')
  const save = async () => {
    setFault('')
    const got = await fetchExport()
    if (!got.ok) return setFault(whyNot(got))
    const link = document.createElement('a')
    link.href = URL.createObjectURL(got.value)
    link.download = `virtaamo-${toDate(shell.clock.wall())}.zip`
    link.click()
    shell.clock.after(10_000, () => URL.revokeObjectURL(link.href))
    shell.say({ text: t('export.done') })
  }
  return (
    <section class="panel v" aria-labelledby="me-export">
      <h2 id="me-export">{t('export.title')}</h2>
      <p class="sm soft">{t('export.text')}</p>
      <Fault words={fault} />
      <button type="button" class="btn" onClick={save}>
        <Icon name="download" size="s" />
        {t('export.do')}
      </button>
    </section>
  )
}
