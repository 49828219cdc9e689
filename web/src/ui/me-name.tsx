import { useState } from 'preact/hooks'
import { person } from '../replica.ts'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { saveMe, whyNot } from './account.ts'
import { Field } from './field.tsx'
import { useShell } from './shell.ts'
import { initials } from './words.ts'

const NAME_MAX = 40
const COLOURS = [1, 2, 3, 4, 5, 6] as const

/** My name and colour, as others see them. */
export function MeName() {
  const shell = useShell()
  const [name, setName] = useState(me.value?.name ?? '')
  const [colour, setColour] = useState(me.value?.colour ?? person(me.value?.person ?? null)?.colour ?? 1)
  const [fault, setFault] = useState('')
  const save = async (event: Event) => {
    event.preventDefault()
    if (!name.trim()) return setFault(t('join.no_name'))
    const saved = await saveMe({ name: name.trim(), colour })
    setFault(saved.ok ? '' : whyNot(saved))
    if (saved.ok) shell.say({ text: t('me.saved') })
  }
  return (
    <form class="panel v" onSubmit={save}>
      <h2>{t('me.name')}</h2>
      <Field
        label={t('join.name')}
        value={name}
        set={setName}
        max={NAME_MAX}
        fault={fault}
        hint={t('join.name_hint')}
      />
      <Colours name={name} colour={colour} choose={setColour} />
      <button type="submit" class="btn">
        {t('me.save')}
      </button>
    </form>
  )
}

interface ColoursProps {
  name: string
  colour: number
  choose: (colour: number) => void
}

function Colours({ name, colour, choose }: ColoursProps) {
  const names = [
    t('colour.sea'),
    t('colour.lichen'),
    t('colour.heather'),
    t('colour.clay'),
    t('colour.dusk'),
    t('colour.birch'),
  ]
  const keys = (event: KeyboardEvent) => {
    const step = /Arrow(Right|Down)/.test(event.key) ? 1 : /Arrow(Left|Up)/.test(event.key) ? -1 : 0
    if (!step || !(event.currentTarget instanceof HTMLElement)) return
    event.preventDefault()
    const next = ((colour - 1 + step + COLOURS.length) % COLOURS.length) + 1
    choose(next)
    event.currentTarget.querySelector<HTMLElement>(`[data-colour="${next}"]`)?.focus()
  }
  return (
    <div class="colours" role="radiogroup" aria-label={t('me.colour')} onKeyDown={keys}>
      {COLOURS.map((c) => (
        <button
          key={c}
          type="button"
          role="radio"
          data-colour={c}
          class={`who w${c}`}
          aria-checked={c === colour}
          aria-label={names[c - 1]}
          tabIndex={c === colour ? 0 : -1}
          onClick={() => choose(c)}
        >
          {initials(name)}
        </button>
      ))}
    </div>
  )
}
