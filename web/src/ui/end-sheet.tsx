import { useState } from 'preact/hooks'
import type { Result } from '../link.ts'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { Sheet } from './sheet.tsx'

interface EndSheetProps {
  title: string
  lines: readonly string[]
  verb: string
  end: () => Promise<Result<null>>
  back: () => void
  done: () => void
}

/** What it means to take a tablet, or one copy on it, out of use; then the word that does it (D-44). */
export function EndSheet({ title, lines, verb, end, back, done }: EndSheetProps) {
  const [fault, setFault] = useState('')
  const told = [...lines, t('tablets.end_sends'), t('tablets.end_drafts'), t('tablets.end_later')]
  const finish = async () => {
    const ended = await end()
    if (ended.ok) done()
    else setFault(whyNot(ended))
  }
  return (
    <Sheet title={title} close={back} alert>
      <div class="v gap4">
        {told.map((line) => (
          <p key={line}>{line}</p>
        ))}
        <Fault words={fault} />
        <button type="button" class="btn bad full" onClick={finish}>
          {verb}
        </button>
        <button type="button" class="btn quiet full" onClick={back} data-focus>
          {t('person.cancel')}
        </button>
      </div>
    </Sheet>
  )
}
