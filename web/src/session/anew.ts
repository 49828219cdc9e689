/**
 * A copy that the server doesn't know, such as after a restore: a phone approves the author key that it has already.
 * PIN and words stay, and what is sealed is sealed anew at the next unlock for the number that the copy then has.
 */

import type { Me } from '../link/me.ts'
import type { Result } from '../link.ts'
import { signPublic } from '../vault/author.ts'
import type { Coming } from './coming.ts'
import { askPhoneFor } from './coming.ts'
import { current } from './here.ts'
import { keepMe } from './homes.ts'
import { lock } from './on-tablet.ts'

/** Ask a phone to approve the copy that is open. Rejects when nobody is in. */
export async function askAnew(): Promise<Result<Coming>> {
  const here = current.peek()
  if (here === null) throw new Error('nobody is in')
  const got = await askPhoneFor(await signPublic(here.engine))
  return got.ok ? { ok: true, value: { asked: got.value, author: null } } : got
}

/** A phone has approved it: from the next unlock on it is this copy. False where that phone was somebody else's. */
export async function takeAnew(me: Me): Promise<boolean> {
  const here = current.peek()
  if (here === null || here.me.person !== me.person) return false
  await keepMe(here.engine, me)
  await lock()
  return true
}
