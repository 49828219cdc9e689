/** Cards as the screens read them: typed by the table of kinds, made when asked for, each getter reading `raw`. */

import type { Fields, Id, Row } from '../codec.ts'
import { fieldAt, hex } from '../codec.ts'
import type { Card, Field, Fork, Value } from '../gen/cards.ts'
import { KINDS } from '../gen/cards.ts'
import type { Seen, Table } from './cards.ts'

/** The law and limits of a field; of `goals/…` those of `goals`. Undefined where we don't know the kind or field. */
export function fieldOf(kind: string, name: string): Field | undefined {
  const table: Readonly<Record<string, { fields: Readonly<Record<string, Field>> }>> = KINDS
  if (!Object.hasOwn(table, kind)) return undefined
  const fields = table[kind]?.fields ?? {}
  const stem = name.split('/', 1)[0] ?? name
  return Object.hasOwn(fields, stem) ? fields[stem] : undefined
}

function fieldsOf(kind: string): Readonly<Record<string, Field>> {
  const table: Readonly<Record<string, { fields: Readonly<Record<string, Field>> }>> = KINDS
  return Object.hasOwn(table, kind) ? (table[kind]?.fields ?? {}) : {}
}

export class View implements Card {
  /** `team` and `mark` have a field `space`: which space they are about, not where they lie. */
  static isAbout = false
  readonly id: Id
  readonly kind: string
  readonly space: number
  readonly seq: number
  readonly by: number | null
  readonly made: number
  readonly changed: number
  readonly state: Card['state']
  readonly #row: Row
  #forks: readonly Fork[] | undefined
  #records: Map<string, Readonly<Record<string, Value>>> | undefined

  constructor({ row, changed, state }: Seen) {
    this.id = row.id
    this.kind = row.kind
    const about = new.target.isAbout ? fieldAt(row, 'space') : null
    this.space = typeof about === 'number' ? about : row.space
    this.seq = row.seq
    this.by = row.by
    this.made = row.made
    this.changed = changed
    this.state = state
    this.#row = row
  }

  /** All fields; reading one by `at` leaves the others packed. */
  get raw(): Fields {
    return this.#row.raw
  }

  at(name: string): Value | undefined {
    return fieldAt(this.#row, name)
  }

  get gone(): readonly [string, string] | null {
    const gone = this.at('gone')
    return Array.isArray(gone) ? [String(gone[0] ?? ''), String(gone[1] ?? '')] : null
  }

  get revived(): boolean {
    return this.at('revived') === true
  }

  get forks(): readonly Fork[] {
    this.#forks ??= Object.keys(this.raw).flatMap((key) =>
      key.startsWith('fork/') ? forkOf(key, this.raw[key]) : [],
    )
    return this.#forks
  }

  /** The members of an `each` field that are set, in the order of their names. */
  members(field: string): Readonly<Record<string, Value>> {
    this.#records ??= new Map()
    let record = this.#records.get(field)
    if (record === undefined) {
      record = membersOf(this.raw, `${field}/`)
      this.#records.set(field, record)
    }
    return record
  }
}

const shapes = new Map<string, typeof View>()

/** A view with a getter for every field of its kind. */
function viewOf(seen: Seen): View {
  const { kind } = seen.row
  let shape = shapes.get(kind)
  if (shape === undefined) {
    shape = shapeOf(kind)
    shapes.set(kind, shape)
  }
  return new shape(seen)
}

/** What a field that isn't set reads as. */
const absent = (field: Field): Value =>
  field.default ?? (field.law === 'tally' ? 0 : field.required && field.type === 'str' ? '' : null)

function shapeOf(kind: string): typeof View {
  class Shape extends View {}
  for (const [name, field] of Object.entries(fieldsOf(kind))) {
    if (name === 'space') {
      Shape.isAbout = true
      continue
    }
    Object.defineProperty(Shape.prototype, name, {
      get: getter(name, field),
      enumerable: true,
      configurable: true,
    })
  }
  return Shape
}

function getter(name: string, field: Field): (this: View) => unknown {
  if (field.law === 'each') {
    return function () {
      return this.members(name)
    }
  }
  const missing = absent(field)
  if (field.type === 'bytes') {
    return function () {
      const value = this.at(name)
      return value instanceof Uint8Array ? hex(value) : null
    }
  }
  return function () {
    return this.at(name) ?? missing
  }
}

function membersOf(raw: Fields, prefix: string): Readonly<Record<string, Value>> {
  const found: Record<string, Value> = {}
  for (const key of Object.keys(raw).sort()) {
    const value = raw[key]
    if (key.startsWith(prefix) && value !== null && value !== undefined)
      found[key.slice(prefix.length)] = value
  }
  return found
}

/** `fork/title/1f` = [value, by, at] or, for a lost `first`, [value, by, at, [[field, value], …]]. */
function forkOf(key: string, cell: Value | undefined): Fork[] {
  if (!Array.isArray(cell)) return []
  const [value, by, at, rest] = cell
  const field = key.slice(5, key.lastIndexOf('/'))
  const pairs: (readonly [string, Value])[] = []
  for (const pair of Array.isArray(rest) ? rest : []) {
    if (Array.isArray(pair)) pairs.push([String(pair[0]), pair[1] ?? null])
  }
  const author = typeof by === 'number' ? by : null
  return [{ field, key, value: value ?? null, by: author, at: Number(at ?? 0), rest: pairs }]
}

/** The kinds of this version of the app. */
export const TABLE: Table = {
  view: viewOf,
  law: (kind, field) => fieldOf(kind, field)?.law,
  required: (kind) =>
    Object.entries(fieldsOf(kind)).flatMap(([name, field]) => (field.required ? [name] : [])),
}
