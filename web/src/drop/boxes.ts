/** The drop boxes of a tablet's teams, kept on the device so that they open without a network and without anybody. */

import type { Receiver } from '../drop.ts'
import { isRecord, readKeys } from '../link/me.ts'
import { onDevice } from '../session/homes.ts'

/** A team's box; `few` tells that its people can guess who wrote (R21). */
export interface Box {
  space: number
  name: string
  few: boolean
}

/** For whom it is sealed, and where it can go. */
export interface Boxes extends Receiver {
  boxes: readonly Box[]
}

const BOXES = 'boxes'

/** Those of the tablet that this browser is; null on somebody's own device. */
export const boxesHere = async (): Promise<Boxes | null> =>
  readBoxes(await onDevice((device) => device.get('meta', BOXES)))

/** Keep them as the server has just told them; what isn't a tablet's word of itself changes nothing. */
export async function keepBoxes(said: unknown): Promise<void> {
  const value = readBoxes(said)
  if (value !== null) await onDevice((device) => device.write([{ store: 'meta', key: BOXES, value }]))
}

/** From the server, or as they were kept; null for anything else. */
export function readBoxes(said: unknown): Boxes | null {
  if (!isRecord(said) || typeof said.org !== 'string' || !Array.isArray(said.boxes)) return null
  const boxes = said.boxes.filter(isRecord).map(({ space, name, few }) => ({
    space: Number(space),
    name: String(name),
    few: few !== false,
  }))
  return { org: said.org, keys: readKeys(said.keys), boxes }
}
