/** The network as the link needs it. The browser's own is the default; tests and Node bring theirs. */

import { gzip } from '../gzip.ts'

/** The content type of everything in sync. */
export const MSGPACK = 'application/x-msgpack'

/** How the network does, as a person would say it. */
export type Net = 'online' | 'offline' | 'connecting' | 'signed_out'

/** One reply of the server, read to its end. */
export interface Reply {
  status: number
  /** The content type without its parameters. */
  type: string
  body: Uint8Array<ArrayBuffer>
}

export interface Socket {
  send(bytes: Uint8Array<ArrayBuffer>): void
  close(): void
}

export interface SocketEvents {
  opened(): void
  message(bytes: Uint8Array): void
  /** Once, also when it never opened. */
  closed(code: number): void
}

export interface Ask {
  method: string
  path: string
  headers?: Readonly<Record<string, string>>
  body?: Uint8Array<ArrayBuffer> | string
  /** Compress a body that is long enough for that. */
  shrink?: boolean
}

export interface Wire {
  /** Resolves with any reply; rejects only when there was none. */
  ask(ask: Ask): Promise<Reply>
  /** `whose` as a query, where it is known. */
  live(on: SocketEvents, whose?: string): Socket
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** As much of a WebSocket as we use; both the browser's and Node's `ws` have it. */
export interface WebSocketLike {
  binaryType: string
  onopen: unknown
  onmessage: unknown
  onclose: unknown
  onerror: unknown
  send(bytes: Uint8Array<ArrayBuffer>): void
  close(code?: number): void
}

/**
 * The way of one person. All windows of a browser have one cookie: when somebody else has come in by it, the server takes
 * nothing that says that it is this person's, and gives nothing (D-14).
 */
export const wireOf = (person: number, wire: Wire): Wire => ({
  ask: (ask) => wire.ask({ ...ask, headers: { ...ask.headers, 'X-Virtaamo': `p=${person}` } }),
  live: (on) => wire.live(on, `?p=${person}`),
})

const TIMEOUT_MS = 60_000
const GZIP_FROM_BYTES = 4_096

/** `origin` like https://virtaamo.example; the session travels as a cookie. */
export function makeWire(
  origin: string,
  ask: Fetch = (url, init) => fetch(url, init),
  connect: (url: string) => WebSocketLike = (url) => new WebSocket(url),
): Wire {
  return {
    async ask({ method, path, headers, body, shrink }) {
      const sent: Record<string, string> = { 'X-Virtaamo': '1', ...headers }
      const init: RequestInit = { method, headers: sent }
      if (body !== undefined) init.body = body
      if (shrink && body instanceof Uint8Array && body.length > GZIP_FROM_BYTES) {
        sent['Content-Encoding'] = 'gzip'
        init.body = await gzip(body)
      }
      init.signal = AbortSignal.timeout(TIMEOUT_MS)
      const response = await ask(origin + path, init)
      const type = response.headers.get('content-type')?.split(';', 1)[0]?.trim() ?? ''
      return { status: response.status, type, body: new Uint8Array(await response.arrayBuffer()) }
    },
    live(on, whose = '') {
      const socket = connect(`${origin.replace(/^http/, 'ws')}/api/live${whose}`)
      socket.binaryType = 'arraybuffer'
      socket.onopen = () => on.opened()
      socket.onmessage = (event: { data: unknown }) => {
        if (event.data instanceof ArrayBuffer) on.message(new Uint8Array(event.data))
      }
      socket.onclose = (event: { code: number }) => on.closed(event.code)
      socket.onerror = () => {}
      return socket
    },
  }
}
