/** What the person may read, kept on the disk: a device without a network knows it too. */

import type { Grant, Grants } from '../codec.ts'
import { decodeGrants, encode } from '../codec.ts'
import type { Disk, Step } from '../disk.ts'
import type { Vault } from '../vault.ts'

/** Store grants; the frames of spaces that are gone leave in the same transaction. */
export async function keepGrants(
  disk: Disk,
  vault: Vault,
  grants: Grants,
  gone: Iterable<number>,
): Promise<void> {
  const spaces = grants.spaces.map(({ space, role, kind, name }) => [space, role, kind, name])
  const value = await vault.seal('meta', 'grants', encode([grants.version, spaces]))
  const clears = Array.from(gone, (space): Step => ({ store: 'frames', space }))
  await disk.write([...clears, { store: 'meta', key: 'grants', value }])
}

export async function keptGrants(disk: Disk, vault: Vault): Promise<Grants | null> {
  const box = await disk.get('meta', 'grants')
  if (!(box instanceof Uint8Array)) return null
  return await vault.open('meta', 'grants', box.slice()).then(decodeGrants, () => null)
}

/** [[space, role, kind, name], …] as it comes in JSON. */
export function asGrants(value: unknown): Grant[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((one) => {
    if (!Array.isArray(one)) return []
    const [space, role, kind, name] = one
    return [{ space: Number(space), role: String(role), kind: String(kind), name: String(name) }]
  })
}
