/** What a person writes, before it is a change. */

import type { Id, Touched } from '../codec.ts'
import type { Outbox } from './queue.ts'

/** What a person does to one card; `was` is what was before their eyes. */
export interface Draft {
  space: number
  card: Id
  kind: string
  set: Touched
}

/** A photo that goes with a change: JPEG bytes under their SHA-256. */
export interface Photo {
  sha: string
  bytes: Uint8Array<ArrayBuffer>
}

/** Whose words they are: taken when a form opens, and given back with every write (D-14). */
export interface Author {
  readonly person: number
  readonly outbox: Outbox
}
