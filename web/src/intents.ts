/**
 * One verb per thing a person can do. Each resolves when the change survives a crash on this device, and rejects with
 * nothing changed when the device can't keep it. `card` is the card as the person saw it: its values are the *was*.
 * A form that stays open hands in the `author()` that it took when it opened.
 */

import type { Fields, Id, Touched } from './codec.ts'
import { fromHex } from './codec.ts'
import { readDraft, removeDraft, writeDraft } from './drafts.ts'
import type { Author, Draft, Photo } from './outbox.ts'
import { author, commit } from './outbox.ts'
import { fieldOf } from './replica/view.ts'
import type { Card, Fork, Idea, MarkName, Observation, Value } from './replica.ts'
import { mark } from './replica.ts'
import { engineNow, may } from './session.ts'
import { sha256 } from './vault.ts'

export { type Author, author }

/** A photo that goes with a new card: JPEG bytes, shrunk and bare, and what it shows. */
export interface NewPhoto {
  bytes: Uint8Array<ArrayBuffer>
  alt: string
}

interface NewCard {
  /** Drawn when the form opened. */
  id: Id
  space: number
  team: number
  text: string
  lang: string
  goals: readonly string[]
  photos: readonly NewPhoto[]
}

export interface NewIdea extends NewCard {
  title: string
  need: readonly string[]
  source: string | null
}

export interface NewObservation extends NewCard {
  type: string | null
}

export interface NewComment {
  id: Id
  on: Card
  text: string
  lang: string
  type?: string
}

export interface Answer {
  size: string
  stage: string
  text: string
  date: string | null
  reason?: string
  revisit?: string
}

export interface Parking {
  reason?: string
  revisit?: string
}

export function addIdea(idea: NewIdea, by: Author = author()): Promise<void> {
  const { title, text, need, source } = idea
  return add('idea', idea, { title, ...(text ? { text } : {}), source, ...members('need', need) }, by)
}

export function addObservation(observation: NewObservation, by: Author = author()): Promise<void> {
  const { text, type } = observation
  return add('observation', observation, { text, type }, by)
}

export function addComment({ id, on, text, lang, type }: NewComment, by: Author = author()): Promise<void> {
  const set = made({ on: fromHex(on.id), text, lang, type: type ?? null })
  return save(by, [{ space: on.space, card: id, kind: 'comment', set }])
}

/** Change fields of a card; those that are as they were are left out. */
export function edit(
  card: Card,
  now: Readonly<Record<string, Value | undefined>>,
  by: Author = author(),
): Promise<void> {
  const set: Record<string, readonly [Value, Value]> = {}
  for (const [field, value] of Object.entries(now)) {
    const was = card.raw[field] ?? null
    const typed = asTyped(value ?? null)
    if (typed !== was) set[field] = [was, typed]
  }
  return Object.keys(set).length === 0 ? Promise.resolve() : change(card, set, by)
}

/** To another stage; to "Ei nyt" with a reason, and a day to look again where there is one. */
export function moveIdea(
  idea: Idea,
  stage: string,
  parking: Parking = {},
  by: Author = author(),
): Promise<void> {
  return change(idea, touched(idea, { stage, ...parking }), by)
}

/** The supervisor's answer: words, size and next stage belong together. */
export function answer(idea: Idea, { text, date, ...rest }: Answer, by: Author = author()): Promise<void> {
  return change(idea, touched(idea, { reply: [asTyped(text), date], ...rest }), by)
}

/** "Meilläkin": give or take back my mark. */
export const sameHere = (card: Idea | Observation, on: boolean, by: Author = author()): Promise<void> =>
  giveMark(card, 'same_here', on, by)

/** "Kokeillaan": give or take back my mark. */
export const letsTry = (card: Idea, on: boolean, by: Author = author()): Promise<void> =>
  giveMark(card, 'lets_try', on, by)

/** "Autan": an offer, shown with my name. */
export const iHelp = (card: Idea, on: boolean, by: Author = author()): Promise<void> =>
  change(card, touched(card, { [`i_help/${by.person}`]: on || null }), by)

/**
 * Settle two versions: keep what is shown, take the other, or both (joined by the person, or one after the other).
 * What is shown may be made of own words that the server lays on another text: it goes along as seen and kept, and
 * the fork stays if not all of it stands there in the end.
 */
export function settleFork(
  card: Card,
  fork: Fork,
  how: 'shown' | 'other' | 'both',
  joined?: string,
  by: Author = author(),
): Promise<void> {
  const now: Record<string, Value> = { [fork.key]: null }
  const shown = card.raw[fork.field]
  const isProse = fieldOf(card.kind, fork.field)?.law === 'prose'
  if (how === 'shown' && isProse && shown !== undefined && may(card, fork.field)) now[fork.field] = shown
  if (how === 'other') Object.assign(now, { [fork.field]: fork.value }, Object.fromEntries(fork.rest))
  if (how === 'both') now[fork.field] = joined ?? `${words(shown)}\n\n${words(fork.value)}`
  return change(card, touched(card, now), by)
}

/** The author takes the card back. */
export const withdraw = (card: Card, by: Author = author()): Promise<void> => hide(card, 'withdrawn', '', by)

export const hide = (card: Card, reason: string, text: string, by: Author = author()): Promise<void> =>
  change(card, touched(card, { gone: [reason, asTyped(text)] }), by)

export const restore = (card: Card, by: Author = author()): Promise<void> =>
  change(card, touched(card, { gone: null }), by)

/** Keep a form's half-written words, sealed. False when the device can't: saving the form will say why. */
export async function saveDraft(key: string, draft: object): Promise<boolean> {
  const engine = engineNow()
  if (engine === null) return false
  return await writeDraft(engine.disk, engine.vault, key, draft).then(
    () => true,
    () => false,
  )
}

/** The half-written words of a form, unchecked; null when there are none. */
export async function draft(key: string): Promise<unknown> {
  const engine = engineNow()
  return engine === null ? null : await readDraft(engine.disk, engine.vault, key)
}

export async function dropDraft(key: string): Promise<void> {
  const engine = engineNow()
  if (engine !== null) await removeDraft(engine.disk, key)
}

function add(kind: string, card: NewCard, own: Fields, by: Author): Promise<void> {
  const { team, lang, goals, id, space, photos } = card
  return make(kind, { id, space, fields: { team, lang, ...own, ...members('goals', goals) }, photos }, by)
}

/** A new card of any kind. Its id was drawn when the form opened. */
export interface Making {
  id: Id
  space: number
  fields: Fields
  photos?: readonly NewPhoto[]
}

export async function make(kind: string, card: Making, by: Author = author()): Promise<void> {
  const { draft, photos } = await making(kind, card)
  return await save(by, [draft], photos)
}

/** The same, to be kept together with other changes. */
export async function making(
  kind: string,
  card: Making,
): Promise<{ draft: Draft; photos: readonly Photo[] }> {
  const photos = await Promise.all(
    (card.photos ?? []).map(async ({ bytes, alt }) => ({ sha: await sha256(bytes), bytes, alt })),
  )
  const shown = Object.fromEntries(photos.map(({ sha, alt }) => [`photos/${sha}`, alt]))
  const set = made({ ...card.fields, ...shown })
  return { draft: { space: card.space, card: card.id, kind, set }, photos }
}

/** Give or take back my mark in a tally: others see the sum alone. */
export function giveMark(card: Card, field: MarkName, on: boolean, by: Author = author()): Promise<void> {
  return save(by, [marking(card, field, on)])
}

function change({ space, id, kind }: Card, set: Touched, by: Author): Promise<void> {
  return save(by, [{ space, card: id, kind, set }])
}

async function save(by: Author, drafts: readonly Draft[], photos: readonly Photo[] = []): Promise<void> {
  await commit(by, drafts, photos)
}

const members = (field: string, names: readonly string[]): Fields =>
  Object.fromEntries(names.map((name) => [`${field}/${name}`, true]))

/** The fields of a new card: there was nothing before, and nothing is written where there is nothing. */
function made(fields: Fields): Touched {
  const written = Object.entries(fields).filter(([, value]) => value !== null)
  return Object.fromEntries(written.map(([field, value]) => [field, [null, asTyped(value)] as const]))
}

/** A change of a card, to be kept together with others. */
export const changing = (card: Card, now: Fields): Draft => ({
  space: card.space,
  card: card.id,
  kind: card.kind,
  set: touched(card, now),
})

/** The same, of my mark in a tally. */
export const marking = (card: Card, field: MarkName, on: boolean): Draft => ({
  ...changing(card, {}),
  set: { [field]: [mark(card, field) || null, on || null] },
})

/** The same, taking the card away from all others. */
export const withdrawing = (card: Card): Draft => changing(card, { gone: ['withdrawn', ''] })

function touched(card: Card, fields: Fields): Touched {
  return Object.fromEntries(
    Object.entries(fields).map(([field, now]) => [field, [card.raw[field] ?? null, asTyped(now)] as const]),
  )
}

/** One spelling of each letter, whatever the keyboard sends: the server keeps texts byte for byte. */
const asTyped = (value: Value): Value => (typeof value === 'string' ? value.normalize('NFC') : value)

const words = (value: Value | undefined) => (typeof value === 'string' ? value : '')
