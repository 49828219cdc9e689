/** One card as a frame brings it: its head is read at once, its fields when somebody asks. */

import type { Value } from '../gen/cards.ts'
import type { Unpacker } from '../msgpack.ts'
import { malformed } from '../msgpack.ts'

/** A card's id in 32 hexadecimal characters; 16 bytes on the wire. */
export type Id = string
export type Fields = Readonly<Record<string, Value>>

export interface Row {
  readonly id: Id
  readonly kind: string
  readonly space: number
  readonly seq: number
  readonly by: number | null
  readonly made: number
  readonly raw: Fields
  /** The fields as they came over the wire; a row that was put together here has none. */
  readonly packed?: Uint8Array
  /** One field, without reading the others. */
  at?(name: string): Value | undefined
}

/** One field of a card; reads no other. */
export const fieldAt = (row: Row, name: string): Value | undefined => (row.at ? row.at(name) : row.raw[name])

/** Whether a row is the stub of a hidden or moved card. */
export const isHidden = (row: Row): boolean =>
  (fieldAt(row, 'gone') ?? fieldAt(row, 'moved') ?? null) !== null

/** A row with other fields. */
export function withRaw({ id, kind, space, seq, by, made }: Omit<Row, 'raw'>, raw: Fields): Row {
  return { id, kind, space, seq, by, made, raw }
}

/** A row whose fields are read when somebody asks: ten thousand cards open in the time of their heads. */
export class WireRow implements Row {
  readonly space: number
  readonly id: Id
  readonly kind: string
  readonly seq: number
  readonly by: number | null
  readonly made: number
  readonly #unpacker: Unpacker
  readonly #from: number
  readonly #to: number
  #raw: Fields | undefined

  constructor(unpacker: Unpacker, space: number) {
    const more = unpacker.tuple(6)
    this.space = space
    this.id = unpacker.hex()
    this.kind = unpacker.str()
    this.seq = unpacker.int()
    this.by = unpacker.nil() ? null : unpacker.int()
    this.made = unpacker.int()
    this.#unpacker = unpacker
    this.#from = unpacker.at
    unpacker.skip()
    this.#to = unpacker.at
    unpacker.skip(more)
  }

  get packed(): Uint8Array {
    return this.#unpacker.bytes.subarray(this.#from, this.#to)
  }

  get raw(): Fields {
    if (this.#raw === undefined) {
      this.#unpacker.at = this.#from
      this.#raw = readFields(this.#unpacker)
    }
    return this.#raw
  }

  at(name: string): Value | undefined {
    if (this.#raw !== undefined) return this.#raw[name]
    const unpacker = this.#unpacker
    unpacker.at = this.#from
    for (let left = unpacker.map(); left > 0; left--) {
      if (unpacker.is(name)) return readValue(unpacker)
      unpacker.skip()
    }
    return undefined
  }
}

function readFields(unpacker: Unpacker): Fields {
  const fields: Record<string, Value> = {}
  for (let left = unpacker.map(); left > 0; left--) {
    const name = unpacker.str()
    const value = readValue(unpacker)
    if (name !== '__proto__') fields[name] = value
  }
  return fields
}

/** A value that may stand in a field. */
export function readValue(unpacker: Unpacker): Value {
  return asValue(unpacker.value())
}

function asValue(value: unknown): Value {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(asValue)
  malformed()
}
