/** Everything that is sealed in a database, sealed with another data key. */

import type { Contents } from '../disk/exchange.ts'
import type { Keyed } from '../disk.ts'
import { place } from '../replica/log.ts'
import type { Vault } from '../vault.ts'

type Box = Uint8Array<ArrayBuffer>

/** What `from` opens is sealed by `to` again, in its place; what it doesn't open stays as it is, to be looked at later. */
export async function reseal(was: Contents, from: Vault, to: Vault): Promise<Contents> {
  const anew = async (store: string, place: string, box: Box): Promise<Box> => {
    const plain = await from.open(store, place, box.slice()).catch(() => null)
    return plain === null ? box : await to.seal(store, place, plain)
  }
  const [frames, outbox, echo, files, drafts, meta] = await Promise.all([
    each(was.frames, async (_, row) => ({ ...row, box: await anew('frames', place(row), row.box) })),
    each(was.outbox, async (_, row) => ({ ...row, box: await anew('outbox', row.id, row.box) })),
    each(was.echo, async (_, row) => ({ ...row, box: await anew('echo', row.id, row.box) })),
    each(was.files, (key, box) => anew('files', key.replace(/^up\//, ''), box)),
    each(was.drafts, (key, box) => anew('drafts', key, box)),
    each(was.meta, async (key, value) =>
      value instanceof Uint8Array ? anew('meta', key, value.slice()) : value,
    ),
  ])
  return { frames, outbox, echo, files, drafts, meta }
}

const each = <T>(
  rows: readonly Keyed<T>[],
  change: (key: string, value: T) => Promise<T>,
): Promise<Keyed<T>[]> =>
  Promise.all(rows.map(async ([key, value]) => [key, await change(String(key), value)] as const))
