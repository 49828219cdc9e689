import { draft, dropDraft, saveDraft } from '../intents.ts'
import { shrink } from './photo.ts'
import type { Shell } from './shell.ts'

/** A photo that goes with the words, already small and bare. */
export interface DraftPhoto {
  bytes: Uint8Array<ArrayBuffer>
  alt: string
}

/** A half-written card. Its id is drawn when the form opens, so that saving twice makes one card. */
export interface CaptureDraft {
  id: string
  kind: 'idea' | 'observation'
  text: string
  /** Null until the person writes a title of their own. */
  title: string | null
  team: number
  type: string
  need: readonly string[]
  goals: readonly string[]
  lang: string
  photos: readonly DraftPhoto[]
}

const KEY = 'capture'
/** Written by the service worker; see share.ts. */
const SHARED = 'shared'

export const emptyDraft = (
  shell: Shell,
  kind: CaptureDraft['kind'],
  team: number,
  lang: string,
): CaptureDraft => ({
  id: shell.clock.cardId(),
  kind,
  text: '',
  title: null,
  team,
  type: '',
  need: [],
  goals: [],
  lang,
  photos: [],
})

/** What was left half-written here, with what another app has shared since. */
export async function keptDraft(fresh: CaptureDraft): Promise<CaptureDraft> {
  const found = asDraft(await draft(KEY), fresh)
  const shared = await draft(SHARED)
  if (typeof shared !== 'object' || shared === null) return found
  const text: unknown = Reflect.get(shared, 'text')
  const photo: unknown = Reflect.get(shared, 'photo')
  const bytes = photo instanceof Uint8Array ? await shrink(new Blob([photo.slice()])) : null
  const whole = {
    ...found,
    text: [found.text, typeof text === 'string' ? text : ''].filter(Boolean).join('\n'),
    photos: bytes ? [...found.photos, { bytes, alt: '' }] : found.photos,
  }
  if (await keep(whole)) await dropDraft(SHARED)
  return whole
}

/** Checked, because an older version of the app may have written it. */
function asDraft(kept: unknown, fresh: CaptureDraft): CaptureDraft {
  if (typeof kept !== 'object' || kept === null || !('id' in kept) || !('text' in kept)) return fresh
  const known = Object.entries(fresh).map(([name, value]) => {
    const was: unknown = Reflect.get(kept, name)
    return [name, sameSort(was, value, name) ? was : value]
  })
  return Object.fromEntries(known)
}

function sameSort(was: unknown, value: unknown, name: string): boolean {
  if (name === 'title') return was === null || typeof was === 'string'
  return typeof was === typeof value && Array.isArray(was) === Array.isArray(value)
}

/** False when the device is too full to keep it. */
export async function keep(form: CaptureDraft): Promise<boolean> {
  if (form.text.trim() || form.photos.length) return await saveDraft(KEY, { ...form })
  await dropDraft(KEY)
  return true
}

export const drop = () => dropDraft(KEY)
