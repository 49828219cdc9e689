import { useEffect } from 'preact/hooks'
import { me } from '../session.ts'
import { t } from '../t.ts'
import { Fault } from './fault.tsx'
import { type Behind, type DutiesTo, readBehind } from './leading.ts'
import { LinkTo } from './link-to.tsx'
import { useAsked } from './use-asked.ts'

interface LeftBehindProps {
  person: number
  /** Only what lies in this place. */
  space?: number | undefined
  /** null until it is known what there is to hand over: before that nobody goes. */
  to: DutiesTo | null
  set: (to: DutiesTo) => void
}

/** Before somebody goes: what they still have to see to, team by team, and who goes on with it. */
export function LeftBehind({ person, space, to, set }: LeftBehindProps) {
  const { value, fault } = useAsked(() => readBehind(person))
  const isMe = person === me.value?.person
  useEffect(() => {
    if (value) set({})
  }, [value, space])
  if (!fault && !value?.length) return null
  return (
    <div class="v gap4 said-before">
      <Fault words={fault} />
      {value
        ?.filter((one) => space === undefined || one.space === space)
        .map((one) => (
          <Team
            key={one.space}
            one={one}
            isMe={isMe}
            to={to?.[one.space]}
            choose={(taker) => {
              const { [one.space]: _, ...rest } = to ?? {}
              set(taker ? { ...rest, [one.space]: taker } : rest)
            }}
          />
        ))}
    </div>
  )
}

interface TeamProps {
  one: Behind
  isMe: boolean
  to: number | undefined
  choose: (taker: number) => void
}

function Team({ one: { name, sole, duties, others }, isMe, to, choose }: TeamProps) {
  const own = duties.filter(({ sort }) => sort === 'own')
  const owed = duties.length - own.length
  return (
    <>
      {isMe && sole && <p>{sole === 'admin' ? t('error.last_admin') : t('person.last', { team: name })}</p>}
      {own.length > 0 && (
        <div class="v gap2">
          <p>{t('person.own', { count: own.length, team: name })}</p>
          <ul class="list">
            {own.map(({ card, title }) => (
              <li key={card} class="row">
                {title ? (
                  <LinkTo to={{ at: 'card', id: card }}>{title}</LinkTo>
                ) : (
                  <span class="soft">{t('person.unread')}</span>
                )}
              </li>
            ))}
          </ul>
          <label class="field">
            <span class="label">{t('person.goes_on')}</span>
            <select
              class="input"
              value={String(to ?? '')}
              onChange={(event) => choose(Number(event.currentTarget.value))}
            >
              <option value="">{t('person.nobody_yet')}</option>
              {others.map((other) => (
                <option key={other.person} value={String(other.person)}>
                  {other.name}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
      {owed > 0 && !sole && <p class="soft">{t('person.owed', { count: owed })}</p>}
    </>
  )
}
