/** What another app shares to Virtaamo: kept as a sealed draft before any screen opens, so that it can't get lost. */

import { realClock } from './clock.ts'
import { openDisk } from './disk.ts'
import { writeDraft } from './drafts.ts'
import { openVault } from './vault.ts'

const WRITE_PATH = '/uusi'
const MAX_PHOTO_BYTES = 20_000_000

/** The share target's form: text and a photo become the draft `shared`, which the capture sheet takes up. */
export async function takeShared(request: Request): Promise<Response> {
  const form = await request.formData()
  const text = ['title', 'text', 'url']
    .map((name) => form.get(name))
    .filter((part): part is string => typeof part === 'string' && part.trim() !== '')
  const file = form.get('photo')
  const photo = file instanceof Blob && file.size > 0 && file.size < MAX_PHOTO_BYTES ? file : null
  await keep({
    text: text.join('\n'),
    ...(photo ? { photo: new Uint8Array(await photo.arrayBuffer()) } : {}),
  })
  return Response.redirect(WRITE_PATH, 303)
}

/** In the database of the person who is signed in here; nobody's words are kept for nobody. */
async function keep(shared: { text: string; photo?: Uint8Array }): Promise<void> {
  const device = await openDisk('v-device')
  const name = await device.get('meta', 'current')
  device.close()
  if (typeof name !== 'string') return
  const disk = await openDisk(name)
  const vault = await openVault(disk, realClock().random)
  await writeDraft(disk, vault, 'shared', shared)
  disk.close()
}
