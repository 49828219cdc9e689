import assert from 'node:assert/strict'
import test from 'node:test'
import type { Row } from '../src/codec.ts'
import { decodeFrame } from '../src/codec.ts'
import { memoryDisk, newPlatter } from '../src/disk-memory.ts'
import type { Task, TaskAnswer, TaskShare, Value } from '../src/gen/cards.ts'
import { passBaton, setDone, shareAnswer, unshare } from '../src/intents/tasks.ts'
import { Outbox } from '../src/outbox/queue.ts'
import { writeFor } from '../src/outbox.ts'
import { Replica } from '../src/replica/copy.ts'
import { TABLE } from '../src/replica/view.ts'
import { cards, show } from '../src/replica.ts'
import { openVault } from '../src/vault.ts'
import { bound } from './bound.ts'
import { frame } from './fake-server.ts'
import { testClock } from './test-clock.ts'

const TEAM = 7
const idOf = (letter: string) => letter.repeat(32)
const LEG = idOf('d')

/** A device that knows a task, my answer to it and my copy of that, and can keep one change of the queue. */
async function withRoomForOne() {
  const inner = memoryDisk('test', newPlatter())
  let writes = 0
  const disk = {
    ...bound(inner),
    write: (steps: Parameters<typeof inner.write>[0]) => {
      if (steps.some(({ store }) => store === 'outbox')) writes += 1
      if (writes > 1) return Promise.reject(new DOMException('full', 'QuotaExceededError'))
      return inner.write(steps)
    },
  }
  const clock = testClock()
  const vault = await openVault(disk, clock.random)
  const replica = new Replica({ disk, vault, clock, person: 1, table: TABLE })
  await replica.load()
  const on = new Uint8Array(16).fill(0xcc)
  const rows: Row[] = []
  const add = (letter: string, kind: string, raw: Readonly<Record<string, Value>>) =>
    rows.push({ id: idOf(letter), kind, space: TEAM, seq: rows.length + 1, by: 1, made: 1_000, raw })
  add('c', 'task', { team: TEAM, title: 'Hiljainen raportti', prompt: 'Kokeile.', relay: true })
  add('a', 'task_answer', { on, of: TEAM, text: 'Toimii.' })
  add('b', 'task_share', { on, text: 'Toimii.' })
  replica.take(decodeFrame(frame(TEAM, 0, 3, rows, 3, 6)), 'e0e0e0e0e0e0e0e0')
  const outbox = new Outbox({ disk, vault, clock, replica })
  writeFor(replica, { person: 1, outbox })
  show(replica)
  const [task] = cards('task').value as readonly Task[]
  const [answer] = cards('task_answer').value as readonly TaskAnswer[]
  const [share] = cards('task_share').value as readonly TaskShare[]
  assert.ok(task && answer && share)
  return { task, answer, share }
}

test('F5 a leg and the baton that goes on from it are kept together, or neither is', async () => {
  const { task } = await withRoomForOne()
  await passBaton(task, { id: LEG, text: 'Sammutin radion.', to: '2', lang: 'fi', photos: [] }, false)
  assert.deepEqual(
    cards('relay_leg').value.map(({ id }) => id),
    [LEG],
  )
  assert.deepEqual(cards('task').value[0]?.baton, [2, 'waiting', '2', new Uint8Array(16).fill(0xdd)])
})

test('F5 the copy for the team and the note of it are kept together, and go together', async () => {
  const first = await withRoomForOne()
  await shareAnswer(first.task, first.answer, { id: LEG, text: 'Toimii.', lang: 'fi' })
  assert.equal(cards('task_share').value.length, 2)
  assert.deepEqual(cards('task_answer').value[0]?.shared, LEG)
  const second = await withRoomForOne()
  await unshare(second.share, { ...second.answer, raw: { ...second.answer.raw, shared: LEG } })
  assert.equal(cards('task_share').value.length, 0)
})

test('F5 done is kept in my answer and in the sum together', async () => {
  const { task, answer } = await withRoomForOne()
  await setDone(task, answer, true)
  assert.equal(cards('task_answer').value[0]?.done, true)
  assert.equal(cards('task').value[0]?.done, 1)
})
