import { cards } from '../replica.ts'
import { t } from '../t.ts'
import { aloneWords, isCopy } from './tasks.ts'
import { TaskRows } from './tasks-today.tsx'

/** My copies of what I gave one person, newest first: whom it was for, and nothing of how it goes (H9). */
export function MeGiven() {
  const given = cards('task').value.filter(isCopy)
  if (given.length === 0) return null
  const newest = given.toSorted((a, b) => b.made - a.made)
  return (
    <div class="panel">
      <TaskRows title={t('task.given')} id="me-given" tasks={newest} words={aloneWords} />
    </div>
  )
}
