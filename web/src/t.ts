import { signal } from '@preact/signals'
import type { MessageKey, Messages } from './gen/messages.ts'

export type Lang = 'fi' | 'sv' | 'en'
export type { MessageKey }
/** A key whose words have nothing to fill in. */
export type PlainKey = { [K in MessageKey]: Messages[K] extends null ? K : never }[MessageKey]
type Words = Readonly<Record<string, string>>
type Params<K extends MessageKey> = Messages[K] extends null ? [] : [params: Exclude<Messages[K], null>]

const LOAD: Readonly<Record<Lang, () => Promise<{ messages: Words }>>> = {
  fi: () => import('./gen/messages.fi.ts'),
  sv: () => import('./gen/messages.sv.ts'),
  en: () => import('./gen/messages.en.ts'),
}

/** The language that is shown; changed only by `speak`. */
export const lang = signal<Lang>('fi')
const words = signal<Words>({})

/** The words of what is not on the first screen; which these are tools/gen_messages.py finds out. */
const LOAD_LATER: Readonly<Record<Lang, () => Promise<{ messages: Words }>>> = {
  fi: () => import('./gen/messages.later.fi.ts'),
  sv: () => import('./gen/messages.later.sv.ts'),
  en: () => import('./gen/messages.later.en.ts'),
}
const later = signal<Promise<void> | null>(null)

/** Load the words of the other screens too, once, and from then on with every language. */
export function speakMore(): Promise<void> {
  later.value ??= loadLater(lang.peek())
  return later.value
}

async function loadLater(now: Lang): Promise<void> {
  const { messages } = await LOAD_LATER[now]()
  // Whoever changed the language meanwhile has loaded these words in it.
  if (lang.peek() === now) words.value = { ...words.peek(), ...messages }
}

/** Load a language and show everything in it, the document's own `lang` as well. */
export async function speak(next: Lang): Promise<void> {
  const [first, more] = await Promise.all([LOAD[next](), later.peek() ? LOAD_LATER[next]() : null])
  words.value = { ...first.messages, ...more?.messages }
  lang.value = next
  if (typeof document !== 'undefined') document.documentElement.lang = next
}

/** The first of our languages that the person's browser asks for; Finnish if none. */
export function preferredLang(wanted: readonly string[]): Lang {
  const known = wanted.map((tag) => tag.slice(0, 2)).find(isLang)
  return known ?? 'fi'
}

export const isLang = (tag: string): tag is Lang => Object.hasOwn(LOAD, tag)

/** The words of a key, its {names} filled in; `count` chooses between `key.one` and `key.other`. */
export function t<K extends MessageKey>(key: K, ...[params]: Params<K>): string {
  const given: Readonly<Record<string, string | number>> = params ?? {}
  const form = 'count' in given ? `${key}.${given.count === 1 ? 'one' : 'other'}` : key
  const text = words.value[form] ?? key
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(given[name] ?? whole))
}
