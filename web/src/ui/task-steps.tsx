import { saveAnswer } from '../intents/tasks.ts'
import type { Task } from '../replica.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { answerTo } from './tasks.ts'
import { useTry } from './use-try.ts'

/** The steps in their order; the ticks are one's own, in one's own answer. */
export function TaskSteps({ task }: { task: Task }) {
  const tried = useTry()
  const answer = answerTo(task)
  const steps = Object.entries(task.steps)
  if (steps.length === 0) return null
  const ticks = answer?.ticks ?? {}
  const current = steps.find(([key]) => !(key in ticks))?.[0]
  const tick = (key: string) =>
    tried(saveAnswer(task, answer, { [`ticks/${key}`]: key in ticks ? null : true }))
  return (
    <section aria-labelledby="steps">
      <h2 id="steps">{t('task.steps')}</h2>
      <ol class="steps">
        {steps.map(([key, words], i) => (
          <li
            key={key}
            class={key in ticks ? 'done' : ''}
            aria-current={key === current ? 'step' : undefined}
          >
            <button type="button" aria-pressed={key in ticks} onClick={() => tick(key)}>
              <span class="n" aria-hidden="true">
                {key in ticks ? <Icon name="check" size="s" /> : i + 1}
              </span>
              <span class="t" lang={task.lang || undefined}>
                {words}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  )
}
