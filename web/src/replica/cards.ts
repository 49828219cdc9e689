/** Cards and signals over the rows: made when asked for, renewed together once per batch of news. */

import type { ReadonlySignal, Signal } from '@preact/signals-core'
import { batch, computed, signal } from '@preact/signals-core'
import type { Fields, Id, Row } from '../codec.ts'
import type { Card } from '../gen/cards.ts'

/** What a card to be shown is made of. */
export interface Seen {
  id: Id
  kind: string
  space: number
  seq: number
  by: number | null
  made: number
  changed: number
  raw: Fields
  state: Card['state']
}

/** What is known of kinds. The engine itself moves cards of any kind; the app hands in its own. */
export interface Table {
  view(seen: Seen): Card
  law(kind: string, field: string): string | undefined
  required(kind: string): readonly string[]
}

/** For cards of which nothing is known but their fields. */
export const PLAIN: Table = {
  view: (seen) => ({ ...seen, gone: null, revived: false, forks: [] }),
  law: () => undefined,
  required: () => [],
}

type See = (id: Id, row: Row | undefined) => Card | undefined
type Rows = () => Iterable<readonly [id: Id, kind: string, row: Row | undefined]>

/** Above so many changed cards a list is made anew rather than mended. */
const MEND_AT_MOST = 64

export class Cards {
  readonly #see: See
  readonly #rows: Rows
  readonly #views = new Map<Id, Card>()
  readonly #asked = new Map<Id, Signal<Card | undefined>>()
  readonly #lists = new Map<string, List>()
  readonly #touched = new Map<Id, string>()
  #all = false
  #due = false

  constructor(see: See, rows: Rows) {
    this.#see = see
    this.#rows = rows
  }

  /** Something about this card is different; who watches is told after the running job. */
  touch(id: Id, kind: string): void {
    this.#views.delete(id)
    this.#touched.set(id, kind)
    this.#later()
  }

  touchAll(): void {
    this.#views.clear()
    this.#all = true
    this.#later()
  }

  view(id: Id, row?: Row): Card | undefined {
    const kept = this.#views.get(id)
    if (kept !== undefined) return kept
    const view = this.#see(id, row)
    if (view !== undefined) this.#views.set(id, view)
    return view
  }

  one(id: Id): ReadonlySignal<Card | undefined> {
    let one = this.#asked.get(id)
    if (one === undefined) {
      one = signal<Card | undefined>(this.view(id))
      this.#asked.set(id, one)
    }
    return one
  }

  all(kind: string): ReadonlySignal<readonly Card[]> {
    let list = this.#lists.get(kind)
    if (list === undefined) {
      list = new List(kind, this.#rows, (id, row) => this.view(id, row))
      this.#lists.set(kind, list)
    }
    return list.cards
  }

  #later(): void {
    if (this.#due) return
    this.#due = true
    queueMicrotask(() => this.#tell())
  }

  #tell(): void {
    this.#due = false
    const touched = [...this.#touched]
    this.#touched.clear()
    const all = this.#all
    this.#all = false
    batch(() => {
      for (const id of all ? this.#asked.keys() : touched.map(([id]) => id)) {
        const one = this.#asked.get(id)
        if (one !== undefined) one.value = this.view(id)
      }
      for (const [id, kind] of touched) this.#lists.get(kind)?.touch(id)
      for (const list of this.#lists.values()) list.tell(all)
    })
  }
}

/** The cards of one kind that are to be seen, oldest first. */
class List {
  readonly cards: ReadonlySignal<readonly Card[]>
  readonly #kind: string
  readonly #rows: Rows
  readonly #view: (id: Id, row?: Row) => Card | undefined
  readonly #version = signal(0)
  #items: Card[] = []
  #touched = new Set<Id>()
  #stale = true

  constructor(kind: string, rows: Rows, view: (id: Id, row?: Row) => Card | undefined) {
    this.#kind = kind
    this.#rows = rows
    this.#view = view
    this.cards = computed(() => {
      this.#version.value // read: this is what makes the list anew
      if (this.#stale || this.#touched.size > MEND_AT_MOST) this.#make()
      else if (this.#touched.size > 0) this.#mend()
      return this.#items
    })
  }

  touch(id: Id): void {
    this.#touched.add(id)
  }

  /** Who watches is told if there is news; the list is made anew if `all` of it is. */
  tell(all: boolean): void {
    this.#stale ||= all
    if (this.#stale || this.#touched.size > 0) this.#version.value++
  }

  #make(): void {
    const items: Card[] = []
    for (const [id, kind, row] of this.#rows()) {
      if (kind !== this.#kind) continue
      const view = this.#view(id, row)
      if (view !== undefined && isSeen(view)) items.push(view)
    }
    this.#items = items.sort(inOrder)
    this.#stale = false
    this.#touched.clear()
  }

  /** A card that was only edited stays where it is, and is found there. */
  #mend(): void {
    const items = this.#items.slice()
    for (const id of this.#touched) {
      const view = this.#view(id)
      let at = view === undefined ? -1 : placeOf(view, items)
      if (items[at]?.id !== id) at = items.findIndex((item) => item.id === id)
      if (at >= 0) items.splice(at, 1)
      if (view?.kind === this.#kind && isSeen(view)) items.splice(placeOf(view, items), 0, view)
    }
    this.#items = items
    this.#touched.clear()
  }
}

const isSeen = ({ raw }: Card) => (raw.gone ?? raw.moved ?? null) === null

const inOrder = (a: Card, b: Card) => a.made - b.made || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** Where a view belongs in a list that is in order. */
function placeOf(view: Card, items: readonly Card[]): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = items[middle]
    if (other !== undefined && inOrder(other, view) < 0) low = middle + 1
    else high = middle
  }
  return low
}
