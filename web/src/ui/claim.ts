/** What a claim code leads to, asked without cookies (D-71). */

import { decode, encode } from '../codec.ts'
import { proofOf } from '../drop/code.ts'
import { bareWire } from '../drop/start.ts'
import { type Refusal, refusal } from '../link/call.ts'
import { isRecord } from '../link/me.ts'
import { MSGPACK } from '../link/wire.ts'
import { call } from '../link.ts'
import { lang } from '../t.ts'

/** One thing that was said about it; `grown` tells that something came of it. */
export interface Said {
  kind: string
  text: string
  date: string
  mine: boolean
  waiting: boolean
}

export interface Claimed {
  kind: string
  stage: string
  title: string
  text: string
  /** Its author has come forward. */
  named: boolean
  thread: readonly Said[]
}

export type Wish = { do: 'read' | 'withdraw' | 'come_forward' } | { do: 'reply'; text: string }

type Got = { ok: true; value: Claimed } | Refusal

/** Never rejects; no reply is a refusal without words. */
export async function claim(code: string, wish: Wish): Promise<Got> {
  if (wish.do === 'come_forward') return comeForward(code)
  const headers = { 'Content-Type': MSGPACK, Accept: MSGPACK, 'Accept-Language': lang.value }
  const body = encode({ proof: await proofOf(code), ...wish })
  const reply = await bareWire()
    .ask({ method: 'POST', path: '/api/claim', headers, body })
    .catch(() => null)
  if (reply === null) return { ok: false, error: 'offline', message: '', status: 0 }
  const found = reply.status === 200 && reply.type === MSGPACK ? readClaimed(decode(reply.body)) : null
  if (found !== null) return { ok: true, value: found }
  if (reply.type !== MSGPACK) return refusal(reply)
  const said: unknown = decode(reply.body)
  const { error, message } = isRecord(said) ? said : {}
  return { ok: false, error: String(error ?? ''), message: String(message ?? ''), status: reply.status }
}

/** The one wish that says who asks: as whoever is signed in here. */
async function comeForward(code: string): Promise<Got> {
  const proof = btoa(String.fromCharCode(...(await proofOf(code))))
  return await call('POST', '/api/claim/name', { proof }, (said) => {
    const found = readClaimed(said)
    if (found === null) throw new TypeError('not a card')
    return found
  })
}

function readClaimed(said: unknown): Claimed | null {
  if (!isRecord(said) || !isRecord(said.card) || !Array.isArray(said.thread)) return null
  const { kind, stage, title, text, named } = said.card
  const thread = said.thread.filter(isRecord).map((one) => ({
    kind: String(one.kind),
    text: String(one.text),
    date: String(one.date ?? ''),
    mine: one.mine === true,
    waiting: one.waiting === true,
  }))
  return {
    kind: String(kind),
    stage: String(stage),
    title: String(title),
    text: String(text),
    named: named === true,
    thread,
  }
}
