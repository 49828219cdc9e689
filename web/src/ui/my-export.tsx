import { cards } from '../replica.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { useShell } from './shell.ts'
import { toDate } from './when.ts'

/** My own cards and settings as one JSON file, made on this device from what it holds. */
export function MyExport() {
  const shell = useShell()
  const save = () => {
    const blob = new Blob([JSON.stringify(mine(shell.clock.now()), null, 2)], { type: 'application/json' })
    const link = document.createElement('a')
    link.href = URL.createObjectURL(blob)
    link.download = `virtaamo-${toDate(shell.clock.wall())}.json`
    link.click()
    shell.clock.after(10_000, () => URL.revokeObjectURL(link.href))
    shell.say({ text: t('export.done') })
  }
  return (
    <section class="panel v" aria-labelledby="me-export">
      <h2 id="me-export">{t('export.title')}</h2>
      <p class="sm soft">{t('export.text')}</p>
      <button type="button" class="btn" onClick={save}>
        <Icon name="download" size="s" />
        {t('export.do')}
      </button>
    </section>
  )
}

function mine(now: number) {
  const who = me.peek()
  const kinds = ['idea', 'observation', 'comment'] as const
  const own = kinds.flatMap((kind) => {
    const all: readonly { kind: string; id: string; by: number | null; made: number; raw: object }[] =
      cards(kind).peek()
    return all.filter((card) => card.by === who?.person)
  })
  return {
    made: new Date(now).toISOString(),
    person: who && { name: who.name, language: who.lang, colour: who.colour },
    cards: own.map(({ kind, id, made, raw }) => ({
      kind,
      id,
      made: new Date(made).toISOString(),
      fields: plain(raw),
    })),
  }
}

/** Bytes as hexadecimal, everything else as it is. */
const plain = (raw: object) =>
  Object.fromEntries(
    Object.entries(raw).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? [...value].map((b) => b.toString(16).padStart(2, '0')).join('') : value,
    ]),
  )
