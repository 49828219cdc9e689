import { useState } from 'preact/hooks'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Field } from './field.tsx'
import { Icon } from './icons.tsx'
import { LeadingHead } from './leading-head.tsx'
import { type Line, lookAtList, type Made, takeList } from './rosters.ts'
import { Tickets } from './tickets.tsx'
import { capital, ROLE_WORDS } from './words.ts'

const MOST_LETTERS = 20_000

/** Kutsu listalta: choose a file or write names, see every line, and only then make the invitations. */
export function RosterPage({ space }: { space: number | null }) {
  const [bytes, setBytes] = useState<Uint8Array | null>(null)
  const [lines, setLines] = useState<readonly Line[]>([])
  const [made, setMade] = useState<Made | null>(null)
  const [fault, setFault] = useState('')
  const look = async (given: Uint8Array) => {
    const got = await lookAtList(given, space)
    setFault(got.ok ? '' : whyNot(got))
    setBytes(got.ok ? given : null)
    setLines(got.ok ? got.value : [])
  }
  const take = async (goodOnes: boolean) => {
    const got = bytes && (await takeList(bytes, space, goodOnes))
    if (!got) return
    setFault(got.ok ? '' : whyNot(got))
    if (got.ok && got.value.tickets.length) setMade(got.value)
    else if (got.ok) setLines(got.value.left)
  }
  if (made) return <Tickets made={made} />
  return (
    <div class="screen gut v gap4">
      <LeadingHead
        title={t('lead.list')}
        to={space === null ? { at: 'organisation' } : { at: 'place', space }}
      />
      <Choose look={look} fault={fault} names={space !== null} />
      {bytes && <Preview lines={lines} take={take} />}
    </div>
  )
}

interface ChooseProps {
  look: (bytes: Uint8Array) => void
  fault: string
  /** Names alone are enough: the team is known. */
  names: boolean
}

function Choose({ look, fault, names }: ChooseProps) {
  const [text, setText] = useState('')
  const [empty, setEmpty] = useState(false)
  const written = () => {
    setEmpty(!text.trim())
    if (text.trim()) look(new TextEncoder().encode(text))
  }
  const file = async (event: Event) => {
    const input = event.currentTarget
    const chosen = input instanceof HTMLInputElement ? input.files?.[0] : undefined
    if (chosen) look(new Uint8Array(await chosen.arrayBuffer()))
    // The same file may be chosen again once it has been put right.
    if (input instanceof HTMLInputElement) input.value = ''
  }
  return (
    <section class="panel v gap4" aria-labelledby="list-how">
      <h2 id="list-how">{t('list.how')}</h2>
      <p>{t(names ? 'list.names' : 'list.columns')}</p>
      <p class="quote num">{t('list.example')}</p>
      <label class="btn">
        <Icon name="download" size="s" />
        {t('list.file')}
        <input class="vh" type="file" accept=".csv,.txt,text/csv,text/plain" onChange={file} />
      </label>
      <Field
        label={t('list.or_write')}
        value={text}
        set={setText}
        max={MOST_LETTERS}
        rows={4}
        fault={empty ? t('list.empty') : fault}
      />
      <button type="button" class="btn" onClick={written}>
        {t('list.look')}
      </button>
    </section>
  )
}

/** Every line with what it comes to; wrong ones first, each with its number and the reason. */
function Preview({ lines, take }: { lines: readonly Line[]; take: (goodOnes: boolean) => void }) {
  const wrong = lines.filter((one) => one.fault)
  const good = lines.filter((one) => !one.fault)
  return (
    <section class="panel v gap4" aria-labelledby="list-lines">
      <div role="status">
        <h2 id="list-lines">
          {wrong.length
            ? t('list.wrong', { count: wrong.length })
            : t('list.all_good', { count: good.length })}
        </h2>
      </div>
      {wrong.length > 0 && <p>{t('list.nothing_made')}</p>}
      <ul class="list">
        {[...wrong, ...good].map((one) => (
          <li key={one.line} class="row">
            <span class={`disc num ${one.fault ? 'danger' : 'ok'}`}>{one.line}</span>
            <span class="grow">
              <span class="t">{one.name || '–'}</span>
              {one.fault ? (
                <span class="fault">
                  <Icon name="circle-alert" size="s" />
                  <span class="vh">{t('list.line', { line: one.line })}</span> {one.fault}
                </span>
              ) : (
                <span class="d">
                  {capital(t(ROLE_WORDS[one.role] ?? 'role.staff'))} · {one.place}
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {good.length > 0 && (
        <button type="button" class={wrong.length ? 'btn' : 'btn pri'} onClick={() => take(wrong.length > 0)}>
          {t(wrong.length ? 'list.good_ones' : 'list.make', { count: good.length })}
        </button>
      )}
    </section>
  )
}
