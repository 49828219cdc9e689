import 'fake-indexeddb/auto'
import assert from 'node:assert/strict'
import test from 'node:test'
import { base64url } from '../src/bytes.ts'
import { realClock } from '../src/clock.ts'
import { decode, encode, encodeChanges } from '../src/codec.ts'
import { openDisk } from '../src/disk.ts'
import type { Ask, Reply, Wire } from '../src/link/wire.ts'
import { keep } from '../src/outbox/keep.ts'
import { Replica } from '../src/replica/copy.ts'
import { TABLE } from '../src/replica/view.ts'
import { handInAll } from '../src/session/handing.ts'
import { Beside, legsHere, TeamKeys } from '../src/session/legs.ts'
import { twinned } from '../src/session/twins.ts'
import { authorKey } from '../src/vault/author.ts'
import { openVault } from '../src/vault.ts'
import { json, serverKey } from './replies.ts'

const clock = realClock()
const TEAM = 5
const TASK = 'ab'.repeat(16)
const KEYS = { [TEAM]: base64url(new Uint8Array(32).fill(9)) }
const WORD = 'Yöllä kokeiltiin hiljaista raporttia'

type Pair = readonly [null | number, number | string | true]

/** Somebody opens their copy: what they see of others, and how they write. `keys`: as the server tells them. */
async function visit(name: string, person: number, keys: object = KEYS) {
  const disk = await openDisk(name)
  const home = { disk, vault: await openVault(disk, clock.random) }
  const { legs, turn } = await legsHere()
  const teams = new TeamKeys(home, clock)
  await teams.load()
  await teams.keep(keys)
  const beside = new Beside()
  await beside.load(teams, legs)
  const device = new Uint8Array(16).fill(person)
  const sender = { person, org: new Uint8Array(8), device, author: await authorKey(home) }
  const active = [await serverKey()]
  const twins = await twinned(home, { sender, keys: () => active, legs: { keys: teams, turn } })
  const replica = new Replica({ ...home, clock, person, table: beside.table(TABLE) })
  beside.lay(replica)
  let count = 0
  const run = Buffer.from(clock.random(8)).toString('hex')
  const write = async (kind: string, card: string, set: Readonly<Record<string, Pair>>) => {
    count += 1
    const id = run + count.toString(16).padStart(8, '0')
    const change = { id, space: TEAM, card, kind, at: 1, base: 0, set }
    const { whole } = encodeChanges([change])
    await keep(twins, home.vault, { id, epoch: '', again: false, left: [], notes: [], bytes: whole }, [])
    return id
  }
  return { disk, replica, write, leave: () => disk.close() }
}

/** A server that takes everything and notes who had written it, in the order in which it came. */
function taking(had: number[]): Wire {
  return {
    live: () => ({ send: () => {}, close: () => {} }),
    async ask({ path, body }: Ask): Promise<Reply> {
      if (path === '/api/keys') return json(200, { keys: [], epoch: 'a', now: Date.now() })
      const { items } = decode(body as Uint8Array<ArrayBuffer>) as { items: unknown[][] }
      for (const item of items) had.push(Number((item[2] as Uint8Array)[0]))
      const said = items.map((item) => ({ id: item[3], state: 'stored' }))
      return { status: 200, type: 'application/x-msgpack', body: encode({ items: said }) }
    },
  }
}

const baton = (replica: Replica) => replica.peek(TASK)?.raw.prompt

test('F5 on one tablet each goes on from the others, and the legs leave in that order', async () => {
  const first = await visit('v-p-z', 1)
  await first.write('task', TASK, { team: [null, TEAM], title: [null, 'Raportti'], prompt: [null, '1'] })
  first.leave()
  const second = await visit('v-p-m', 2)
  assert.equal(second.replica.peek(TASK)?.by, 1)
  assert.equal(baton(second.replica), '1')
  await second.write('task', TASK, { prompt: ['1', '2'] as never })
  second.leave()
  const third = await visit('v-p-a', 3)
  await third.write('task', TASK, { prompt: ['2', '3'] as never })
  third.leave()
  const again = await visit('v-p-z', 1)
  assert.equal(baton(again.replica), '3')
  await again.write('task', TASK, { prompt: ['3', '4'] as never })
  again.leave()
  const next = await visit('v-p-m', 2)
  assert.equal(baton(next.replica), '4')
  next.leave()

  const had: number[] = []
  await handInAll(taking(had), 1)
  assert.deepEqual(had, [1, 2, 3, 1])
  await handInAll(taking(had), 2)
  assert.equal(had.length, 4, 'what the server has had is not offered again')
  const behind = await visit('v-p-m', 2)
  assert.equal(baton(behind.replica), '4', 'a copy that has not heard of it yet still sees it')
  behind.leave()
})

test('F5 D-15 a leg lies sealed for its team, and another team has no key for it', async () => {
  const writer = await visit('v-p-writer', 7)
  const leg = 'ef'.repeat(16)
  await writer.write('relay_leg', leg, { on: [null, TASK], text: [null, WORD] })
  const kept = await writer.disk.all('meta')
  assert.equal(kept.filter(([key]) => String(key).startsWith('leg/')).length, 1)
  const plain = kept.some(([, value]) => Buffer.from(encode([value as never]) as Uint8Array).includes(WORD))
  assert.equal(plain, false)
  writer.leave()
  const stranger = await visit('v-p-stranger', 8, { 6: KEYS[TEAM] })
  assert.equal(stranger.replica.peek(leg), undefined)
  stranger.leave()
  const member = await visit('v-p-member', 9)
  assert.equal(member.replica.peek(leg)?.raw.text, WORD)
  assert.equal(member.replica.peek(leg)?.by, 7)
  member.leave()
})

test('F5 an idea has no leg: only what a relay goes on from is read by others', async () => {
  const writer = await visit('v-p-ideas', 7)
  const idea = '12'.repeat(16)
  await writer.write('idea', idea, { team: [null, TEAM], title: [null, 'Lamppu käytävään'] })
  writer.leave()
  const member = await visit('v-p-member', 9)
  assert.equal(member.replica.peek(idea), undefined)
  member.leave()
})

test('H9 whether somebody has done a task is nothing that others at the tablet learn of', async () => {
  const task = '34'.repeat(16)
  const writer = await visit('v-p-done', 7)
  await writer.write('task', task, {
    team: [null, TEAM],
    title: [null, 'Raportti'],
    prompt: [null, 'Kokeilkaa'],
  })
  await writer.write('task', task, { done: [null, true] })
  const kept = (await writer.disk.keys('meta')).map(String)
  assert.equal(kept.filter((key) => key.startsWith('leg/')).length, 1)
  assert.equal(kept.filter((key) => key.startsWith('sealed/')).length, 2)
  writer.leave()
  const member = await visit('v-p-undone', 9)
  assert.equal(member.replica.peek(task)?.raw.title, 'Raportti')
  assert.equal(member.replica.mark(task, 'done'), false)
  member.leave()
})
