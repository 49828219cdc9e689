/**
 * One device that writes down every byte it sends, hears and stores: `node record.mjs URL ORIGIN COOKIE ME FOLDER`.
 * tests/faults/record.py runs it once for each protocol version; what it made is kept (tests/fixtures/protocol).
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { WebSocket } from 'ws'
import { realClock } from '../../web/src/clock.ts'
import { encode } from '../../web/src/codec.ts'
import type { Store, Stores } from '../../web/src/disk.ts'
import { memoryDisk } from '../../web/src/disk-memory.ts'
import { startEngine } from '../../web/src/engine.ts'
import type { Ask, Wire } from '../../web/src/link/wire.ts'
import { makeWire } from '../../web/src/link/wire.ts'
import { keepGrants } from '../../web/src/replica/grants.ts'
import { TABLE } from '../../web/src/replica/view.ts'
import { openVault } from '../../web/src/vault.ts'

const [url = '', origin = '', cookie = '', told = '{}', folder = ''] = process.argv.slice(2)
const me = JSON.parse(told)
const clock = realClock()
const disk = memoryDisk('v-p-0123456789abcdef')
let written = 0

/** Keep bytes under the next number and a name. */
function keep(name: string, bytes: Uint8Array | string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, `${String(++written).padStart(3, '0')}-${name}`), bytes)
}

const headers = { Cookie: cookie, Origin: origin }
const real = makeWire(
  url,
  (to, init) => fetch(to, { ...init, headers: { ...Object(init.headers), ...headers } }),
  (to) => new WebSocket(to, { headers, perMessageDeflate: false }),
)
let live = false
const wire: Wire = {
  async ask(ask: Ask) {
    const name = ask.path.replaceAll('/', '_')
    if (ask.body instanceof Uint8Array) keep(`ask${name}${ask.headers?.['Content-Encoding'] ? '.gz' : ''}`, ask.body)
    const reply = await real.ask(ask)
    keep(`reply${name}`, reply.body)
    return reply
  },
  live(on) {
    if (!live) {
      setTimeout(() => on.closed(1006), 1)
      return { send: () => {}, close: () => {} }
    }
    const message = (bytes: Uint8Array) => {
      keep('live-heard', bytes)
      on.message(bytes)
    }
    const socket = real.live({ ...on, message })
    const send = (bytes: Uint8Array<ArrayBuffer>) => {
      keep('live-sent', bytes)
      socket.send(bytes)
    }
    return { ...socket, send }
  },
}

/** The key that seals this disk; one that can be read out, so that the disk can be opened again from the fixtures. */
const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt'])
await disk.write([{ store: 'meta', key: 'data-key', value: key }])
const vault = await openVault(disk, clock.random)
const spaces = me.grants.map(([space, role, kind, name]: [number, string, string, string]) => ({ space, role, kind, name }))
await keepGrants(disk, vault, { version: 0, spaces }, [])
const parts = { disk, vault, clock, wire, person: me.person, table: TABLE }
const team = spaces.find((one: { kind: string }) => one.kind === 'team').space
const engine = await startEngine({ ...parts, report: (what) => console.error(what) })
const { replica, outbox } = engine
const idea = clock.cardId()
const write = (kind: string, card: string, set: Record<string, readonly [null | string | boolean, unknown]>) =>
  outbox.commit([{ space: team, card, kind, set: set as never }])

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it did not come true')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
const delivered = () => until(() => replica.waiting.value === 0 && replica.has(team))

await delivered()
const long = 'Yöllä ei näe mitään ja askel on hidas. '.repeat(20).trim()
await write('idea', idea, {
  team: [null, team],
  title: [null, 'Lamppu käytävään'],
  text: [null, `${long} sana1`],
  shared_edit: [null, true],
  'need/staff': [null, true],
})
await write('comment', clock.cardId(), { on: [null, Buffer.from(idea, 'hex')], text: [null, 'Hyvä ajatus sana2'] })
await write('observation', clock.cardId(), { team: [null, team], text: [null, 'Lattia oli märkä sana3'], type: [null, 'snag'] })
for (let n = 0; n < 12; n++)
  await write('comment', clock.cardId(), { on: [null, Buffer.from(idea, 'hex')], text: [null, long.slice(0, 480)] })
engine.wake()
await delivered()
await wire.ask({ method: 'GET', path: `/api/spaces/${team}/snapshot` })
live = true
engine.wake()
await until(() => engine.loop.net.value === 'online')
await write('idea', idea, { text: [`${long} sana1`, `${long} sana1 sana4`] })
await write('idea', idea, { same_here: [null, true] })
await write('idea', idea, { title: ['Lamppu käytävään', 'Lamppu yökäytävään'], 'i_help/1': [null, true] })
await delivered()
await write('idea', idea, { size: [null, 'wrong'] })
await until(() => replica.attention.value.length > 0)
await replica.written()
await until(async () => (await disk.all('echo')).length > 0 && (await disk.all('outbox')).length === 1)
engine.loop.stop()
await write('idea', idea, { text: [`${long} sana1 sana4`, `${long} sana1 sana4 sana5`] })

const stores: Record<string, unknown> = {}
const names: Store[] = ['frames', 'outbox', 'echo', 'files', 'drafts', 'meta']
for (const name of names) {
  const rows: (readonly [number | string, Stores[Store]])[] = await disk.all(name)
  stores[name] = rows.filter(([at]) => at !== 'data-key').map(([at, value]) => [at, value])
}
const raw = new Uint8Array(await crypto.subtle.exportKey('raw', key))
keep('disk.msgpack', encode({ name: disk.name, key: raw, person: me.person, team, idea, stores }))
process.exit(0)
