/** The way of a copy on a tablet: every request carries the half that its unlocking gave, and that lies in memory alone (D-38). */

import { base64url, fromBase64url } from '../bytes.ts'
import { encode, hex } from '../codec.ts'
import { isRecord } from '../link/me.ts'
import type { Ask, Reply, Socket, SocketEvents, Wire } from '../link/wire.ts'
import type { AuthorKey } from '../vault/author.ts'
import { signUnlock } from '../vault/author.ts'

/** Whose copy it is, its own number on the wire, and what proves it. */
export interface Copy {
  person: number
  device: Uint8Array<ArrayBuffer>
  author: AuthorKey
  /** Before the copy is unlocked: what goes first goes now. */
  before?: () => Promise<void>
  /** What the server told when it was. */
  opened?: (told: Readonly<Record<string, unknown>>) => Promise<void>
}

const JSON_TYPE = 'application/json'
const NO_LINE = 1006
const SIGNED_OUT = 4401
const GONE = 4410

/** A way that unlocks the copy by itself, and again whenever the server has forgotten it. Rejects where it can't. */
export function wireOfCopy(copy: Copy, wire: Wire): Wire {
  let half: string | null = null
  let opening: Promise<string | Reply> | null = null
  const open = async (): Promise<string | Reply> => {
    opening ??= unlockCopy(copy, wire).finally(() => {
      opening = null
    })
    const got = await opening
    half = typeof got === 'string' ? got : null
    return got
  }
  const asked = (what: Ask, by: string) =>
    wire.ask({ ...what, headers: { ...what.headers, 'X-Virtaamo': `p=${copy.person};u=${by}` } })
  return {
    async ask(what) {
      const first = half ?? (await open())
      if (typeof first !== 'string') return first
      const reply = await asked(what, first)
      if (reply.status !== 401) return reply
      const again = await open()
      if (typeof again !== 'string') return again
      const last = await asked(what, again)
      if (last.status === 401) throw new Error('the tablet stays locked')
      return last
    },
    live: (on) =>
      lazySocket(on, async () => {
        const by = half ?? (await open())
        if (typeof by !== 'string') return by.status === 410 ? GONE : SIGNED_OUT
        return (events) => {
          const socket = wire.live(
            {
              opened: () => {
                socket.send(encode([by]))
                events.opened()
              },
              message: events.message,
              closed: (code) => {
                if (code === SIGNED_OUT) half = null
                events.closed(code === SIGNED_OUT ? NO_LINE : code)
              },
            },
            `?p=${copy.person}`,
          )
          return socket
        }
      }),
  }
}

/** The half of a fresh pair, or the server's word that the copy is gone, or unknown to it. Rejects on anything else. */
async function unlockCopy(
  { person, device, author, before, opened }: Copy,
  wire: Wire,
): Promise<string | Reply> {
  const post = (path: string, body: object) =>
    wire.ask({
      method: 'POST',
      path,
      headers: { 'Content-Type': JSON_TYPE, Accept: JSON_TYPE },
      body: JSON.stringify(body),
    })
  const which = { person, device: hex(device) }
  await before?.()
  const begun = await post('/api/unlock/begin', which)
  if ((begun.status === 410 && begun.type === JSON_TYPE) || isUnknown(begun)) return begun
  const challenge = fromBase64url(said(begun, 'challenge'))
  const signature = base64url(await signUnlock(author, device, challenge))
  const done = await post('/api/unlock/finish', { ...which, signature })
  if (done.status === 410 && done.type === JSON_TYPE) return done
  const half = said(done, 'unlock')
  await opened?.(Object(JSON.parse(new TextDecoder().decode(done.body))))
  return half
}

/** The server has no such copy, such as after a restore: waiting mends nothing, but a phone's approval does. */
function isUnknown({ status, type, body }: Reply): boolean {
  if (status !== 401 || type !== JSON_TYPE) return false
  const value: unknown = JSON.parse(new TextDecoder().decode(body))
  return isRecord(value) && value.error === 'author_unknown'
}

/** A text of a reply that went well; throws where there is none. */
function said(reply: Reply, name: string): string {
  const value: unknown =
    reply.status < 300 && reply.type === JSON_TYPE ? JSON.parse(new TextDecoder().decode(reply.body)) : null
  const text = isRecord(value) ? value[name] : null
  if (typeof text !== 'string') throw new Error(`no ${name}`)
  return text
}

type Start = (events: SocketEvents) => Socket

/** A socket that starts once it is known how; the code with which it ends where it can't. */
function lazySocket(on: SocketEvents, how: () => Promise<Start | number>): Socket {
  let socket: Socket | null = null
  let isClosed = false
  const end = (code: number) => {
    if (!isClosed) on.closed(code)
    isClosed = true
  }
  how().then(
    (start) => {
      if (isClosed) return
      if (typeof start === 'number') end(start)
      else socket = start({ ...on, closed: end })
    },
    () => end(NO_LINE),
  )
  return {
    send: (bytes) => socket?.send(bytes),
    close() {
      if (socket !== null) socket.close()
      else queueMicrotask(() => end(NO_LINE))
    },
  }
}
