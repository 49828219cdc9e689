import 'fake-indexeddb/auto'
import assert from 'node:assert/strict'
import test from 'node:test'
import { base64url } from '../src/bytes.ts'
import { realClock } from '../src/clock.ts'
import { decode, encode, encodeChanges } from '../src/codec.ts'
import type { Disk, Step } from '../src/disk.ts'
import { openDisk } from '../src/disk.ts'
import type { Ask, Reply, Socket, SocketEvents, Wire } from '../src/link/wire.ts'
import { keep } from '../src/outbox/keep.ts'
import { isUnused, noteServerTime, timesNow } from '../src/session/disuse.ts'
import { handInAll, handInFrom, unsentIn } from '../src/session/handing.ts'
import { senderOf } from '../src/session/pending.ts'
import { twinned } from '../src/session/twins.ts'
import { wireOfCopy } from '../src/session/unlocking.ts'
import { watchIdle } from '../src/ui/idle.ts'
import { newAuthor } from '../src/vault/author.ts'
import { openVault } from '../src/vault.ts'
import { json, serverKey } from './replies.ts'

const { random } = realClock()
const TABLET = 'bb'.repeat(16)
const ORG = 'cc'.repeat(16)
let homes = 0

/** Somebody's open copy on a tablet. */
async function copy(keys: Awaited<ReturnType<typeof serverKey>>[], name = `v-p-${++homes}`, device = TABLET) {
  const disk = await openDisk(name)
  const vault = await openVault(disk, random)
  const home = { disk, vault }
  const me = {
    person: 7,
    name: '',
    colour: 1,
    lang: 'fi',
    own: 9,
    device: { id: device, kind: 'copy', name: '' },
    grants: [],
    org: ORG,
    leads: [],
    keys,
  }
  const sender = await senderOf(home, me)
  return { disk, vault, twins: await twinned(home, { sender, keys: () => keys }) }
}

const change = (n: number) => ({
  id: n.toString(16).padStart(24, '0'),
  space: 5,
  card: 'ab'.repeat(16),
  kind: 'idea',
  at: 1,
  base: 0,
  set: { title: [null, `word ${n}`] as const },
})

async function save(to: Awaited<ReturnType<typeof copy>>, numbers: readonly number[], steps: Step[] = []) {
  const { whole } = encodeChanges(numbers.map(change))
  const row = { id: change(numbers[0] ?? 0).id, epoch: '', again: false, left: [], notes: [] }
  return await keep(to.twins, to.vault, { ...row, bytes: whole }, steps)
}

const sealed = async (disk: Disk) =>
  (await disk.keys('meta')).map(String).filter((key) => key.startsWith('sealed/'))

test('D-02 each change of a save has a sealed twin, and goes with it', async () => {
  const here = await copy([await serverKey()])
  const saved = await save(here, [1, 2])
  assert.deepEqual(
    await sealed(here.disk),
    [1, 2].map((n) => `sealed/${change(n).id}`),
  )
  const half = { store: 'outbox', key: saved.key, value: { ...saved.row, left: [0] } } as const
  await here.twins.write([half])
  assert.deepEqual(await sealed(here.disk), [`sealed/${change(2).id}`])
  await here.twins.write([{ store: 'outbox', key: saved.key }])
  assert.deepEqual(await sealed(here.disk), [])
})

test('D-02 a write that fails leaves neither the words nor their twin', async () => {
  const here = await copy([await serverKey()])
  const bad = { store: 'files', key: 'up/x', value: () => {} } as unknown as Step
  await assert.rejects(save(here, [1], [bad]))
  assert.deepEqual(await here.disk.keys('outbox'), [])
  assert.deepEqual(await sealed(here.disk), [])
})

test('D-59 a photo that waits has a twin of 64 kB steps', async () => {
  const here = await copy([await serverKey()])
  const bytes = new Uint8Array(1000).fill(7)
  const sha = 'ab'.repeat(32)
  const box = await here.vault.seal('files', sha, bytes)
  await save(here, [1], [{ store: 'files', key: `up/${sha}`, value: box }])
  const [photo] = (await sealed(here.disk)).filter((key) => key.endsWith('.jpg'))
  const record = decode((await here.disk.get('meta', String(photo))) as Uint8Array<ArrayBuffer>) as unknown[]
  assert.equal((record[4] as Uint8Array).length, 64 * 1024 + 81)
  await here.twins.write([{ store: 'files', key: `up/${sha}` }])
  assert.deepEqual(await sealed(here.disk), [`sealed/${change(1).id}`])
})

test('D-64 numbers go on after a restart, and none is given twice', async () => {
  const key = await serverKey()
  const first = await copy([key], 'v-p-again')
  await Promise.all([save(first, [1]), save(first, [2])])
  first.disk.close()
  const next = await copy([key], 'v-p-again')
  await save(next, [3])
  const count = (await next.disk.get('meta', 'sealed-count')) as { n: number; of: Map<string, number> }
  assert.deepEqual([...count.of.values()].sort(), [1, 2, 3])
})

test('D-65 what was sealed for a key that the server gave up is sealed anew at the next unlock', async () => {
  const old = await serverKey('AAAAAAAAAAA')
  const first = await copy([old], 'v-p-rekeyed')
  await save(first, [1])
  first.disk.close()
  const next = await copy([await serverKey('BBBBBBBBBBA')], 'v-p-rekeyed')
  const [name] = await sealed(next.disk)
  const record = decode((await next.disk.get('meta', String(name))) as Uint8Array<ArrayBuffer>) as unknown[]
  assert.equal(base64url(record[1] as Uint8Array<ArrayBuffer>), 'BBBBBBBBBBA')
})

test('D-19 what was sealed by a copy that got another number is sealed anew for that one', async () => {
  const key = await serverKey()
  const first = await copy([key], 'v-p-renumbered')
  await save(first, [1])
  first.disk.close()
  const next = await copy([key], 'v-p-renumbered', 'dd'.repeat(16))
  const [name] = await sealed(next.disk)
  const record = decode((await next.disk.get('meta', String(name))) as Uint8Array<ArrayBuffer>) as unknown[]
  assert.equal(Buffer.from(record[2] as Uint8Array).toString('hex'), 'dd'.repeat(16))
})

// ---- delivery while nobody is here

function taking(had: string[]): Wire {
  return {
    live: () => ({ send: () => {}, close: () => {} }),
    async ask({ body }: Ask): Promise<Reply> {
      const { items } = decode(body as Uint8Array<ArrayBuffer>) as { items: unknown[][] }
      for (const item of items) had.push(base64url(item[3] as Uint8Array<ArrayBuffer>))
      const said = items.map((item) => ({ id: item[3], state: 'stored' }))
      return { status: 200, type: 'application/x-msgpack', body: encode({ items: said }) }
    },
  }
}

test('D-63 what the server has had is offered again only to a server that lives anew, and goes after a week', async () => {
  const here = await copy([await serverKey()])
  await save(here, [1])
  const had: string[] = []
  const day = 86_400_000
  assert.equal(await unsentIn(here.disk), 1)
  assert.deepEqual(await handInFrom(here.disk, taking(had), { at: 0, epoch: 'a' }), {
    waiting: 0,
    gone: false,
  })
  assert.equal(await unsentIn(here.disk), 0)
  await handInFrom(here.disk, taking(had), { at: day, epoch: 'a' })
  assert.equal(had.length, 1)
  await handInFrom(here.disk, taking(had), { at: 2 * day, epoch: 'b' })
  assert.equal(had.length, 2)
  await handInFrom(here.disk, taking(had), { at: 10 * day, epoch: 'b' })
  assert.deepEqual(await sealed(here.disk), [])
})

// ---- the pair

/** A server that knows one half at a time. */
function gate() {
  const it = {
    half: '',
    made: 0,
    removed: false,
    told: [] as string[],
    events: null as SocketEvents | null,
    ask: async ({ path, headers = {} }: Ask): Promise<Reply> => {
      if (it.removed && path.startsWith('/api/unlock')) return json(410, { error: 'gone' })
      if (path === '/api/unlock/begin') return json(200, { challenge: base64url(new Uint8Array(32)) })
      if (path === '/api/unlock/finish') {
        it.made += 1
        it.half = `half${it.made}`
        return json(200, { unlock: it.half })
      }
      it.told.push(headers['X-Virtaamo'] ?? '')
      return headers['X-Virtaamo'] === `p=7;u=${it.half}` ? json(200, {}) : json(401, {})
    },
    live(on: SocketEvents): Socket {
      it.events = on
      queueMicrotask(() => on.opened())
      return { send: (bytes) => it.told.push(String(decode(bytes))), close: () => on.closed(1000) }
    },
  }
  return it
}

const opened = async (server: Wire) =>
  wireOfCopy(
    { person: 7, device: new Uint8Array(16), author: { point: new Uint8Array(65), key: await signing() } },
    server,
  )

async function signing(): Promise<CryptoKey> {
  const { pkcs8 } = await newAuthor()
  return await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
  ])
}

test('D-38 every request carries the half, and a pair that died is made anew in silence', async () => {
  const server = gate()
  const wire = await opened(server)
  const all = await Promise.all([1, 2, 3].map(() => wire.ask({ method: 'GET', path: '/api/me' })))
  assert.deepEqual(
    all.map(({ status }) => status),
    [200, 200, 200],
  )
  assert.equal(server.made, 1)
  server.half = 'another'
  assert.equal((await wire.ask({ method: 'GET', path: '/api/me' })).status, 200)
  assert.equal(server.made, 2)
})

test('D-74 the first word on a live line is the half; a line that was closed for its sake is opened anew', async () => {
  const server = gate()
  const wire = await opened(server)
  const codes: number[] = []
  const isOpen = new Promise<void>((done) => {
    wire.live({ opened: done, message: () => {}, closed: (code) => codes.push(code) })
  })
  await isOpen
  assert.deepEqual(server.told, ['half1'])
  server.events?.closed(4401)
  assert.deepEqual(codes, [1006], 'the loop tries again instead of signing out')
  await new Promise<void>((done) => {
    wire.live({ opened: done, message: () => {}, closed: () => {} })
  })
  assert.equal(server.made, 2)
})

test('D-44 a copy that was removed hears so, by request and on the line', async () => {
  const server = gate()
  server.removed = true
  const wire = await opened(server)
  assert.equal((await wire.ask({ method: 'GET', path: '/api/me' })).status, 410)
  const code = await new Promise((closed) => {
    wire.live({ opened: () => {}, message: () => {}, closed })
  })
  assert.equal(code, 4410)
})

test('D-19 a copy that the server does not know hears so, and is not taken for one without a network', async () => {
  const unknown: Wire = {
    ask: async () => json(401, { error: 'author_unknown' }),
    live: () => ({ send: () => {}, close: () => {} }),
  }
  const wire = await opened(unknown)
  assert.equal((await wire.ask({ method: 'GET', path: '/api/me' })).status, 401)
  const code = await new Promise((closed) => {
    wire.live({ opened: () => {}, message: () => {}, closed })
  })
  assert.equal(code, 4401)
  const portal = await opened({ ...unknown, ask: async () => json(401, { error: 'pay' }) })
  await assert.rejects(portal.ask({ method: 'GET', path: '/api/me' }))
})

// ---- locking itself

function watched(seconds = 120) {
  const doc = new EventTarget() as EventTarget & { visibilityState: string; body: { hidden: boolean } }
  doc.visibilityState = 'visible'
  doc.body = { hidden: false }
  const win = new EventTarget()
  Object.assign(globalThis, {
    document: doc,
    addEventListener: win.addEventListener.bind(win),
    removeEventListener: win.removeEventListener.bind(win),
  })
  const time = { wall: 1_000_000, ran: 0 }
  let due: (() => void) | null = null
  const it = { locked: 0, time, doc, win, watch: null as ReturnType<typeof watchIdle> | null }
  it.watch = watchIdle({
    clock: {
      wall: () => time.wall,
      after: (_, fn) => {
        due = fn
        return () => {
          due = null
        }
      },
    },
    ran: () => time.ran,
    seconds: () => seconds,
    lock: () => {
      it.locked += 1
    },
  })
  const pass = (s: number, { wall = true, ran = true } = {}) => {
    if (wall) time.wall += s * 1_000
    if (ran) time.ran += s * 1_000
    due?.()
  }
  return { ...it, pass, state: () => it.watch?.now.value.state, locks: () => it.locked }
}

test('D-55 it warns for ten seconds, covers for five, and locks', () => {
  const at = watched()
  at.pass(109)
  assert.equal(at.state(), 'awake')
  at.pass(1)
  assert.equal(at.state(), 'ending')
  at.pass(10)
  assert.equal(at.state(), 'covered')
  at.watch?.back()
  assert.equal(at.state(), 'awake')
  at.pass(120)
  at.win.dispatchEvent(new Event('pointerdown'))
  assert.equal(at.state(), 'covered', 'a touch of what is covered is not the way back')
  at.pass(5)
  assert.equal(at.locks(), 1)
})

test('D-55 a touch starts the time anew', () => {
  const at = watched()
  at.pass(115)
  at.win.dispatchEvent(new Event('pointerdown'))
  assert.equal(at.state(), 'awake')
  at.pass(115)
  assert.equal(at.state(), 'ending')
})

test('D-55 a clock that was set back keeps nobody in, nor does one that slept', () => {
  const back = watched()
  back.time.wall -= 86_400_000
  back.pass(125, { wall: false })
  assert.equal(back.locks(), 1)
  const slept = watched()
  slept.pass(3_600, { ran: false })
  assert.equal(slept.locks(), 1)
})

test('D-55 a hidden window is covered at once, and locked before it is seen again after 15 seconds', () => {
  const at = watched()
  at.doc.visibilityState = 'hidden'
  at.doc.dispatchEvent(new Event('visibilitychange'))
  assert.equal(at.doc.body.hidden, true)
  at.time.wall += 5_000
  at.doc.visibilityState = 'visible'
  at.doc.dispatchEvent(new Event('visibilitychange'))
  assert.equal(at.doc.body.hidden, false)
  at.doc.visibilityState = 'hidden'
  at.doc.dispatchEvent(new Event('visibilitychange'))
  at.time.wall += 15_000
  at.doc.visibilityState = 'visible'
  at.doc.dispatchEvent(new Event('visibilitychange'))
  assert.equal(at.doc.body.hidden, true)
  assert.equal(at.locks(), 1)
})

// ---- copies that nobody opens

const DAY_MS = 86_400_000

test('D-58 a copy goes after a fortnight of disuse, not when a clock jumps ahead', () => {
  const over = 15 * DAY_MS
  assert.equal(isUnused(0, { wall: over, server: over, ran: 0 }), true)
  assert.equal(isUnused(0, { wall: 13 * DAY_MS, server: 13 * DAY_MS, ran: 0 }), false)
  assert.equal(
    isUnused(0, { wall: 400 * DAY_MS, server: DAY_MS, ran: over }),
    false,
    'the server knows better',
  )
  assert.equal(isUnused(0, { wall: -DAY_MS, server: over, ran: over }), false, 'a clock that was set back')
  assert.equal(isUnused(0, { wall: over, server: null, ran: 60_000 }), false, 'a clock that has just jumped')
  assert.equal(
    isUnused(0, { wall: over, server: null, ran: DAY_MS }),
    true,
    'no network, and a night has passed',
  )
})

test('D-58 what the server says of the time goes on by the clock that runs, whatever the wall says', async () => {
  const keys = { keys: [], epoch: 'a', now: 5_000_000 }
  const wire: Wire = { live: () => ({ send: () => {}, close: () => {} }), ask: async () => json(200, keys) }
  assert.equal(timesNow(1).server, null)
  assert.deepEqual(await handInAll(wire, 0), [])
  const { ran } = timesNow(0)
  const { server } = timesNow(99_000_000, ran + 60_000)
  assert.ok(server !== null && server >= 5_060_000 - 1_000 && server <= 5_061_000, String(server))
  noteServerTime(Number.NaN)
  assert.equal(timesNow(1).server, null)
})
