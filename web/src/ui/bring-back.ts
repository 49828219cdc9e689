import { restore } from '../intents.ts'
import { card as cardOf, type Id } from '../replica.ts'

/** Undo a removal: restore the card as it is now, hidden, not as it was when it was seen. */
export async function bringBack(id: Id): Promise<void> {
  const now = cardOf(id).peek()
  if (now) await restore(now)
}
