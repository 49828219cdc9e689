import { diskNames } from '../disk/names.ts'
import { openDisk } from '../disk.ts'
import { currentName, PERSONS } from './homes.ts'
import { handedIn } from './pending.ts'

/** How many saves of those who were here before wait on this device, behind an app lock too; what went sealed doesn't. */
export async function leftHere(): Promise<number> {
  const current = await currentName()
  const names = (await diskNames()).filter((name) => name.startsWith(PERSONS) && name !== current)
  const counts = await Promise.all(names.map(waitingIn))
  return counts.reduce((sum, count) => sum + count, 0)
}

async function waitingIn(name: string): Promise<number> {
  const disk = await openDisk(name)
  const [rows, done] = await Promise.all([disk.all('outbox'), handedIn(disk)])
  disk.close()
  return rows.filter(([, row]) => row.notes.length === 0 && !done.has(row.id)).length
}
