/** What a version of the app is made of, fetched and checked before the version may be used. */

import { sha256 } from './vault.ts'

/** So many files are fetched one by one; more of them come in the pack, which holds them all. */
const FEW = 12
const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css',
  js: 'text/javascript',
  png: 'image/png',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

/**
 * Fill a cache with every file of this version: from an older version's cache, from the pack, or each by itself. A
 * captive portal's page, served for everything, can't get in: rejects where a file is not what was built.
 */
export async function precache(name: string): Promise<void> {
  const had = new Map(await Promise.all(ASSETS.map(async ([path]) => [path, await kept(path)] as const)))
  const missing = [...had.values()].filter((reply) => reply === undefined).length
  const packed = missing > FEW ? await unpacked().catch(() => null) : null
  const cache = await caches.open(name)
  await Promise.all(
    ASSETS.map(async ([path, hash]) => {
      const here = had.get(path) ?? packed?.get(path)
      const reply = here && (await isTrue(here, hash)) ? here : await fetch(path, { cache: 'reload' })
      if (!reply.ok || !(await isTrue(reply, hash))) throw new Error(`${path} is not what was built`)
      await cache.put(path, reply)
    }),
  )
}

/** The shell has the same name in every version. */
const kept = (path: string) => (path === '/' ? undefined : caches.match(path))

/** The files of the pack, which holds all but the shell in the list's order, under the headers of its own reply. */
async function unpacked(): Promise<ReadonlyMap<string, Response>> {
  const reply = await fetch(PACK, { cache: 'reload' })
  const bytes = await reply.arrayBuffer()
  const headers = new Headers(reply.headers)
  for (const name of ['Content-Encoding', 'Content-Length']) headers.delete(name)
  const files = new Map<string, Response>()
  let from = 0
  for (const [path, , size] of ASSETS) {
    headers.set('Content-Type', TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? '')
    files.set(path, new Response(bytes.slice(from, from + size), { headers, status: reply.status }))
    from += size
  }
  return files
}

const isTrue = async (reply: Response, hash: string) =>
  (await sha256(new Uint8Array(await reply.clone().arrayBuffer()))).startsWith(hash)
