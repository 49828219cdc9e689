/** Cards and signals over the rows: made when asked for, renewed together once per batch of news. */

import type { ReadonlySignal, Signal } from '@preact/signals-core'
import { batch, computed, signal } from '@preact/signals-core'
import type { Id, Row } from '../codec.ts'
import { isHidden } from '../codec.ts'
import type { Card } from '../gen/cards.ts'

/** What a card to be shown is made of: the row with own changes over it. */
export interface Seen {
  row: Row
  /** When news of it came, in ms since 1970; when it was made, until then. */
  changed: number
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
  view: ({ row, changed, state }) => {
    const { id, kind, space, seq, by, made } = row
    return {
      id,
      kind,
      space,
      seq,
      by,
      made,
      get raw() {
        return row.raw
      },
      changed,
      state,
      gone: null,
      revived: false,
      forks: [],
    }
  },
  law: () => undefined,
  required: () => [],
}

type See = (id: Id, row: Row | undefined) => Seen | undefined
type Tell = (id: Id, row: Row | undefined) => void
/** Tells of every card of a kind once. */
type Each = (kind: string, tell: Tell) => void

/** Above so many changed cards every list is made anew. */
const TOUCH_AT_MOST = 1_000

export class Cards {
  readonly #see: See
  readonly #each: Each
  readonly #table: Table
  readonly #views = new Map<Id, Card>()
  readonly #hidden = new Set<Id>()
  readonly #asked = new Map<Id, Signal<Card | undefined>>()
  readonly #lists = new Map<string, List>()
  readonly #touched = new Map<Id, string>()
  #all = false
  #due = false

  constructor(see: See, each: Each, table: Table) {
    this.#see = see
    this.#each = each
    this.#table = table
  }

  /** Something about this card is different; who watches is told after the running job. */
  touch(id: Id, kind: string): void {
    if (this.#views.delete(id)) this.#hidden.delete(id)
    if (this.#all || this.#asked.size + this.#lists.size === 0) return
    this.#touched.set(id, kind)
    if (this.#touched.size > TOUCH_AT_MOST) this.#all = true
    this.#later()
  }

  touchAll(): void {
    this.#views.clear()
    this.#hidden.clear()
    this.#all = true
    this.#later()
  }

  view(id: Id, row?: Row): Card | undefined {
    const kept = this.#views.get(id)
    if (kept !== undefined) return kept
    const seen = this.#see(id, row)
    if (seen === undefined) return undefined
    const view = this.#table.view(seen)
    this.#views.set(id, view)
    if (isHidden(seen.row)) this.#hidden.add(id)
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
      const shown = (id: Id, row?: Row) => {
        const view = this.view(id, row)
        return view?.kind === kind && !this.#hidden.has(id) ? view : undefined
      }
      list = new List((tell) => this.#each(kind, tell), shown)
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
      for (const [id, kind] of touched) this.#lists.get(kind)?.touched.add(id)
      for (const list of this.#lists.values()) list.tell(all)
    })
  }
}

/** The cards of one kind that are to be seen, oldest first. */
class List {
  readonly cards: ReadonlySignal<readonly Card[]>
  readonly touched = new Set<Id>()
  readonly #each: (tell: Tell) => void
  readonly #shown: (id: Id, row?: Row) => Card | undefined
  readonly #version = signal(0)
  #items: readonly Card[] = []
  #stale = true

  constructor(each: (tell: Tell) => void, shown: (id: Id, row?: Row) => Card | undefined) {
    this.#each = each
    this.#shown = shown
    this.cards = computed(() => {
      this.#version.value // read: this is what makes the list anew
      if (this.#stale) this.#items = this.#make()
      else if (this.touched.size > 0) this.#items = this.#mend()
      this.#stale = false
      this.touched.clear()
      return this.#items
    })
  }

  /** Who watches is told if there is news; the list is made anew if `all` of it is. */
  tell(all: boolean): void {
    this.#stale ||= all
    if (this.#stale || this.touched.size > 0) this.#version.value++
  }

  #make(): Card[] {
    const items: Card[] = []
    this.#each((id, row) => {
      const view = this.#shown(id, row)
      if (view !== undefined) items.push(view)
    })
    return items.sort(inOrder)
  }

  /** A card that was only edited stays where it is, and is found there. */
  #mend(): Card[] {
    const items = this.#items.slice()
    for (const id of this.touched) {
      const view = this.#shown(id)
      const at = view === undefined ? -1 : placeOf(view, items)
      if (view !== undefined && items[at]?.id === id) items[at] = view
      else {
        const before = items.findIndex((item) => item.id === id)
        if (before >= 0) items.splice(before, 1)
        if (view !== undefined) items.splice(placeOf(view, items), 0, view)
      }
    }
    return items
  }
}

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
