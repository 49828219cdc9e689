/**
 * What is on this device, as signals: the only thing that ui/ reads. The functions read the replica that is shown,
 * one person's at a time; its cards are confirmed ones with that person's pending changes over them.
 */

import type { ReadonlySignal } from '@preact/signals-core'
import { computed, signal } from '@preact/signals-core'
import type { Id } from './codec.ts'
import type { Card, Kinds } from './gen/cards.ts'
import { KINDS } from './gen/cards.ts'
import type { Replica } from './replica/copy.ts'

export type * from './gen/cards.ts'
export type { Attention } from './replica/copy.ts'
export type { Id }

/** Show only what the person wrote: the server was last heard so long ago that rights may have ended since (H8). */
export const onlyOwn = signal(false)

const shown = signal<Replica | null>(null)
const nothing = signal(undefined)
const none = signal([])

/** Show this replica (or none) from now on. */
export function show(replica: Replica | null): void {
  shown.value = replica
}

export const shownReplica = (): Replica | null => shown.value

/** One card of any kind; follows it through every change. */
export function card(id: Id): ReadonlySignal<Card | undefined> {
  const found: ReadonlySignal<Card | undefined> = shown.value?.card(id) ?? nothing
  return onlyOwn.value
    ? computed(() => (found.value && mayShow(found.value) ? found.value : undefined))
    : found
}

/** All cards of a kind in all spaces, oldest first; hidden and moved ones left out. */
export function cards<K extends keyof Kinds>(kind: K): ReadonlySignal<readonly Kinds[K][]> {
  const held: ReadonlySignal<readonly Card[]> = shown.value?.cards(kind) ?? none
  const all = onlyOwn.value ? computed(() => held.value.filter(mayShow)) : held
  // A view has a getter for every field of its kind: the type says what `viewOf` makes.
  return all as ReadonlySignal<readonly Kinds[K][]>
}

/** Mine, or written by the server: names, teams and goals stay. */
const mayShow = (one: Card) =>
  one.by === shown.peek()?.person || (kindOf(one.kind)?.made_by.length ?? 1) === 0

function kindOf(name: string): { made_by: readonly string[] } | undefined {
  const table: Readonly<Record<string, { made_by: readonly string[] }>> = KINDS
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** The tallies that I can have a mark in. */
export type MarkName = 'same_here' | 'lets_try' | 'done'

/** My own mark on a card, pending included. */
export function mark(on: Card, field: MarkName): boolean {
  const replica = shown.value
  if (replica === null) return false
  void replica.card(on.id).value // whoever draws this follows the card
  return replica.mark(on.id, field)
}

/** Name and colour of a person, from the cards that reached this device. */
export function person(number: number | null): { name: string; colour: number } | null {
  const replica = shown.value
  if (number === null || replica === null) return null
  const found = replica.card(`706572736f6e0000${number.toString(16).padStart(16, '0')}`).value
  // A person who is here no more may have left the cards and taken the name along.
  if (found === undefined || found.raw.name === '') return null
  const { name, colour } = found.raw
  return { name: typeof name === 'string' ? name : '', colour: typeof colour === 'number' ? colour : 1 }
}

/** Changes on this device that the server has not acknowledged. */
export const waiting = computed(() => shown.value?.waiting.value ?? 0)
/** Changes that were refused or are held, oldest first. */
export const attention = computed(() => shown.value?.attention.value ?? [])
/** The disk has been read: what is known here can be shown. */
export const ready = computed(() => shown.value?.ready.value ?? false)
/** How many of the person's spaces have arrived, while the first ones are on their way. */
export const progress = computed(() => shown.value?.progress.value ?? null)
