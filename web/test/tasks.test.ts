import assert from 'node:assert/strict'
import test from 'node:test'
import type { Row } from '../src/codec.ts'
import { decodeFrame } from '../src/codec.ts'
import { memoryDisk, newPlatter } from '../src/disk-memory.ts'
import type { Task, Value } from '../src/gen/cards.ts'
import { Replica } from '../src/replica/copy.ts'
import { TABLE } from '../src/replica/view.ts'
import { cards, show } from '../src/replica.ts'
import { current, type Person } from '../src/session/here.ts'
import { speak, speakMore } from '../src/t.ts'
import { allTasks } from '../src/ui/task-list.ts'
import { inOrder, legsOf, mayTake, progressOf } from '../src/ui/tasks.ts'
import { openVault } from '../src/vault.ts'
import { frame } from './fake-server.ts'
import { testClock } from './test-clock.ts'

const TEAM = 7
const PERSON = '706572736f6e0000' // the first half of the id of a person's card

/** A device of a team: what is added is shown by `shownTask`, which gives the task. */
async function deviceOf(person: number) {
  const disk = memoryDisk('test', newPlatter())
  const clock = testClock()
  const vault = await openVault(disk, clock.random)
  const copy = new Replica({ disk, vault, clock, person, table: TABLE })
  await copy.load()
  const rows: Row[] = []
  const add = (id: string, kind: string, raw: Readonly<Record<string, Value>>) =>
    rows.push({ id, kind, space: TEAM, seq: rows.length + 1, by: null, made: 1_000, raw })
  const shownTask = (): Task => {
    const sum = rows.reduce((total, one) => total + one.seq, 0)
    copy.take(decodeFrame(frame(TEAM, 0, rows.length, rows, rows.length, sum)), 'e0e0e0e0e0e0e0e0')
    show(copy)
    const [task] = cards('task').value as readonly Task[]
    assert.ok(task)
    return task
  }
  return { add, shownTask }
}

/** What a device knows of a task in a team of so many, of whom so many have done it. */
async function told(size: number, done: number): Promise<{ words: string; part: number }> {
  const { add, shownTask } = await deviceOf(1)
  const named = (half: string, n: number) => `${half}${n.toString(16).padStart(16, '0')}`
  for (let n = 1; n <= size; n += 1) {
    add(named(PERSON, n), 'person', { name: `Jäsen ${n}` })
    add(named('b'.repeat(16), n), 'member', { person: n, role: 'staff' })
  }
  add(named('c'.repeat(16), 1), 'task', { team: TEAM, title: 'Raportti', prompt: 'Kokeile.', done })
  return progressOf(shownTask())
}

async function speakFinnish(): Promise<void> {
  await speak('fi')
  await speakMore()
}

test('A13 H9 a team of five or more is told how many have done a task, and nobody by name', async () => {
  await speakFinnish()
  assert.deepEqual(await told(5, 3), { words: '3/5 tehnyt', part: 3 / 5 })
  assert.deepEqual(await told(12, 7), { words: '7/12 tehnyt', part: 7 / 12 })
})

test('A13 H9 a team of fewer is told no number until all are ready', async () => {
  await speakFinnish()
  for (const done of [0, 1, 3]) assert.deepEqual(await told(4, done), { words: 'vaiheessa', part: 0 })
  assert.deepEqual(await told(4, 4), { words: 'valmis', part: 1 })
})

test('A13 whoever did a task and has left makes no more than all', async () => {
  await speakFinnish()
  assert.deepEqual(await told(5, 6), { words: '5/5 tehnyt', part: 1 })
})

const named = (number: number, name: string) => ({ number, name })
const TEAM_OF_FOUR = [named(1, 'Åke'), named(2, 'Veera'), named(3, 'Aino'), named(4, 'Östen')]
const namesOf = (people: readonly { name: string }[]) => people.map(({ name }) => name)

test('F5 members stand in the order of the tiles on a tablet, and whoever has no tile there after them', async () => {
  await speakFinnish()
  assert.deepEqual(namesOf(inOrder(TEAM_OF_FOUR, [9, 2, 4])), ['Veera', 'Östen', 'Aino', 'Åke'])
})

test('F5 elsewhere members stand by name, as the alphabet of the reader has it', async () => {
  await speakFinnish()
  assert.deepEqual(namesOf(inOrder(TEAM_OF_FOUR, [])), ['Aino', 'Veera', 'Åke', 'Östen'])
})

test('F5 a hidden leg keeps its place, and those before it stay in the chain', async () => {
  const { shownTask, add } = await deviceOf(1)
  const byte = (n: number) => new Uint8Array(16).fill(n)
  const leg = (n: number, fields: Readonly<Record<string, Value>>) =>
    add(`0${n}`.repeat(16), 'relay_leg', { on: byte(9), text: `Osuus ${n}`, after: byte(n - 1), ...fields })
  add('09'.repeat(16), 'task', {
    team: TEAM,
    title: 'Raportti',
    prompt: 'Kokeile.',
    relay: true,
    baton: [4, 'waiting', null, byte(3)],
  })
  leg(1, { after: null })
  leg(2, {})
  leg(3, { gone: ['client_data', ''] })
  leg(4, { after: byte(1) })
  const task = shownTask()
  const { chain, notes } = legsOf(task)
  assert.deepEqual(
    chain.map((one) => one?.gone?.[0] ?? one?.text),
    ['Osuus 1', 'Osuus 2', 'client_data'],
  )
  assert.deepEqual(
    notes.map(({ text }) => text),
    ['Osuus 4'],
  )
})

test('F5 a device that came after a leg was hidden shows the others in their places all the same', async () => {
  const byte = (n: number) => new Uint8Array(16).fill(n)
  const told = async (baton: readonly [number, string, number], legs: readonly (readonly number[])[]) => {
    const { shownTask, add } = await deviceOf(1)
    const [number, state, last] = baton
    const fields = { team: TEAM, title: 'Raportti', relay: true }
    add('09'.repeat(16), 'task', { ...fields, baton: [number, state, null, byte(last)] })
    for (const [n = 0, after] of legs) {
      const said = { on: byte(9), text: String(n), after: after ? byte(after) : null }
      add(`0${n}`.repeat(16), 'relay_leg', said)
    }
    const { chain, notes } = legsOf(shownTask())
    return [chain.map((one) => one?.text ?? '–').join(''), notes.map(({ text }) => text).join('')]
  }
  const waiting = [6, 'waiting', 5] as const
  const seen = [[1], [2, 1], [4, 3], [5, 4], [7, 5]]
  assert.deepEqual(await told(waiting, seen), ['12–45', '7'])
  assert.deepEqual(await told(waiting, [...seen, [8, 1]]), ['1––45', '278'])
  assert.deepEqual(await told([3, 'finished', 3], [[1], [2, 1]]), ['12–', ''])
})

test('F5 a baton may be taken while it waits, and from another who holds it, by the team alone', async () => {
  const baton = (state: string, person: string | null): Value => [2, state, person, new Uint8Array(16)]
  const canTake = async (value: Value, role: string) => {
    const { shownTask, add } = await deviceOf(1)
    add('09'.repeat(16), 'task', { team: TEAM, title: 'Raportti', relay: true, baton: value })
    signIn(role)
    return mayTake(shownTask())
  }
  assert.equal(await canTake(baton('waiting', null), 'staff'), true)
  assert.equal(await canTake(baton('held', '2'), 'staff'), true)
  assert.equal(await canTake(baton('held', '1'), 'staff'), false)
  assert.equal(await canTake(baton('finished', null), 'staff'), false)
  assert.equal(await canTake(baton('held', '2'), 'dev_lead'), false)
})

test('F5 A13 every task is in one list: open, over, given to one; and my answers whose task is gone', async () => {
  const { shownTask, add } = await deviceOf(1)
  const id = (letter: string) => letter.repeat(32)
  const task = (letter: string, fields: Readonly<Record<string, Value>>) =>
    add(id(letter), 'task', { team: TEAM, title: letter, prompt: 'Kokeile.', ...fields })
  task('a', {})
  task('b', { stage: 'closed' })
  task('c', { relay: true, baton: [3, 'finished', null, new Uint8Array(16)] })
  task('d', { gone: ['withdrawn', ''] })
  const answer = (letter: string, byte: number) =>
    add(id(letter), 'task_answer', { on: new Uint8Array(16).fill(byte), of: TEAM, text: letter })
  answer('e', 0xaa)
  answer('f', 0xdd)
  shownTask()
  signIn('staff')
  const { open, over, left } = allTasks()
  const titles = (some: readonly Task[]) => some.map(({ title }) => title).sort()
  assert.deepEqual([titles(open), titles(over)], [['a'], ['b', 'c']])
  assert.deepEqual(
    left.map(({ text }) => text),
    ['f'],
  )
})

/** Person 1, with this role in the team. */
function signIn(role: string): void {
  const grants = { value: { version: 1, spaces: [{ space: TEAM, role, kind: 'team', name: 'Koivu' }] } }
  const known = { engine: { replica: { grants } }, me: { person: 1 } }
  // What the grants and the number are read from, and no more.
  current.value = known as unknown as Person
}
