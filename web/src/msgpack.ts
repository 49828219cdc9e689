/** MessagePack as the protocol uses it: nil, bool, int, str, bin, array, map. No floats and no extensions. */

export class Malformed extends Error {
  override readonly name = 'Malformed'
}

const utf8 = new TextEncoder()
const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const MAX_DEPTH = 32

/** Writes values into one growing buffer; integers and lengths always take their shortest form. */
export class Packer {
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView
  at = 0

  constructor(size = 1024) {
    this.#bytes = new Uint8Array(size)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** What was written so far, as bytes of its own. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.at)
  }

  value(value: unknown): void {
    if (value === null || value === undefined) this.#byte(0xc0)
    else if (typeof value === 'string') this.str(value)
    else if (typeof value === 'number') this.int(value)
    else if (typeof value === 'boolean') this.#byte(value ? 0xc3 : 0xc2)
    else if (value instanceof Uint8Array) this.bin(value)
    else if (Array.isArray(value)) {
      this.array(value.length)
      for (const item of value) this.value(item)
    } else if (value instanceof Map) {
      this.map(value.size)
      for (const [key, item] of value) {
        this.value(key)
        this.value(item)
      }
    } else if (isRecord(value)) this.record(value)
    else throw new Malformed('not a value')
  }

  record(value: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(value)
    this.map(keys.length)
    for (const key of keys) {
      this.str(key)
      this.value(value[key])
    }
  }

  array(length: number): void {
    this.#head(length, 0x90, 15, 0xdc - 1)
  }

  map(length: number): void {
    this.#head(length, 0x80, 15, 0xde - 1)
  }

  bin(value: Uint8Array): void {
    this.#head(value.length, 0, -1, 0xc4)
    this.raw(value)
  }

  /** Bytes that are MessagePack already. */
  raw(value: Uint8Array): void {
    this.#room(value.length)
    this.#bytes.set(value, this.at)
    this.at += value.length
  }

  int(value: number): void {
    if (!Number.isSafeInteger(value)) throw new Malformed('not an int')
    const [from, base] = value < 0 ? [-32, 0xd0] : [0, 0xcc]
    this.#room(9)
    if (value >= from && value < 0x80) this.#bytes[this.at++] = value
    else {
      // How many values fit: one byte holds half as many where there is a sign.
      const bits = value < 0 ? -value * 2 - 1 : value
      const width = bits < 0x100 ? 0 : bits < 0x10000 ? 1 : bits < 2 ** 32 ? 2 : 3
      if (width === 3) this.#view.setBigInt64(this.at + 1, BigInt(value))
      this.#sized(base + width, 1 << width, value)
    }
  }

  str(value: string): void {
    const { length } = value
    this.#room(length * 3 + 5)
    if (length < 32 && this.#ascii(value)) return
    const start = this.at
    const { written } = utf8.encodeInto(value, this.#bytes.subarray(start + 5))
    if (written < 32) this.#byte(0xa0 | written)
    else this.#head(written, 0, -1, 0xd9)
    this.#bytes.copyWithin(this.at, start + 5, start + 5 + written)
    this.at += written
  }

  /** Most short texts are field names and the like. False, with nothing written, where one is not. */
  #ascii(value: string): boolean {
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i)
      if (unit > 0x7f) return false
      this.#bytes[this.at + 1 + i] = unit
    }
    this.#bytes[this.at] = 0xa0 | value.length
    this.at += value.length + 1
    return true
  }

  /** A length: in the first byte up to `most`, else behind `byte` (8 bits), `byte` + 1 (16) or `byte` + 2 (32). */
  #head(length: number, fix: number, most: number, byte: number): void {
    this.#room(5)
    if (length <= most) this.#bytes[this.at++] = fix | length
    else if (length < 0x100 && most < 0) this.#sized(byte, 1, length)
    else if (length < 0x10000) this.#sized(byte + 1, 2, length)
    else this.#sized(byte + 2, 4, length)
  }

  #sized(byte: number, size: number, value: number): void {
    this.#bytes[this.at] = byte
    if (size < 8) for (let i = size, rest = value; i > 0; i--, rest >>= 8) this.#bytes[this.at + i] = rest
    this.at += size + 1
  }

  #byte(value: number): void {
    this.#room(1)
    this.#bytes[this.at++] = value
  }

  #room(size: number): void {
    if (this.at + size <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.at + size))
    grown.set(this.#bytes)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

/** What begins with a byte from 0xc0 on, and how many bytes then tell its length or number. */
const SORTS = 'n!ftbbbxxxeeuuuuiiiieeeeessslldd'
const WIDTHS = [
  0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0, 0, 1, 2, 4, 8, 1, 2, 4, 8, 0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4,
]
const FIXED = [4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 5, 9, 17]

/** Reads values from bytes. Every fault is a `Malformed`, also an end that comes too early. */
export class Unpacker {
  readonly bytes: Uint8Array
  readonly #view: DataView
  readonly #seen: string[] = new Array(512).fill('')
  #depth = 0
  /** Length or number of what was opened last. */
  #size = 0
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get done(): boolean {
    return this.at >= this.bytes.length
  }

  value(): unknown {
    const sort = this.#open()
    const size = this.#size
    if (sort === 's') return this.#text(size)
    if ((sort === 'i' || sort === 'u') && Number.isSafeInteger(size)) return size
    if (sort === 'n') return null
    if (sort === 't' || sort === 'f') return sort === 't'
    if (sort === 'b') return this.bytes.slice(this.at, this.#past(size))
    if (sort === 'l') return this.#inside(() => this.#list(size))
    if (sort === 'd') return this.#inside(() => this.#table(size))
    throw new Malformed('not a value')
  }

  int(): number {
    const value = this.value()
    if (typeof value !== 'number') throw new Malformed('not an int')
    return value
  }

  str(): string {
    this.#expect('s')
    return this.#text(this.#size)
  }

  /** Bytes as hexadecimal text: what ids are in memory. */
  hex(): string {
    const size = this.#expect('b')
    return hex(this.bytes, this.at, this.#past(size))
  }

  /** The length of an array that starts here. */
  array(): number {
    return this.#expect('l')
  }

  /** The length of a map that starts here. */
  map(): number {
    return this.#expect('d')
  }

  /** True, and past it, when a nil starts here. */
  nil(): boolean {
    if (this.bytes[this.at] !== 0xc0) return false
    this.at++
    return true
  }

  /** Past one value of any sort, also of those that we don't read (newer versions may send them). */
  skip(): void {
    const sort = this.#open()
    const size = this.#size
    if (sort === 's' || sort === 'b' || sort === 'e') this.#past(size)
    else if (sort === 'x') this.#past(size + 1)
    else if (sort === 'l' || sort === 'd') {
      this.#inside(() => {
        for (let left = sort === 'l' ? size : size * 2; left > 0; left--) this.skip()
      })
    } else if (sort === '!') throw new Malformed('not a value')
  }

  #expect(sort: string): number {
    if (this.#open() !== sort) throw new Malformed('not as agreed')
    return this.#size
  }

  /** Read the head of a value: what it is, with its length or number in `#size`. */
  #open(): string {
    const byte = this.bytes[this.#past(1) - 1] ?? 0
    if (byte < 0x80 || byte > 0xdf) {
      this.#size = byte > 0x7f ? byte - 0x100 : byte
      return 'i'
    }
    if (byte < 0xc0) {
      this.#size = byte & (byte < 0xa0 ? 15 : 31)
      return byte < 0x90 ? 'd' : byte < 0xa0 ? 'l' : 's'
    }
    const sort = SORTS[byte & 31] ?? '!'
    const width = WIDTHS[byte & 31] ?? 0
    this.#size = sort === 'e' ? (FIXED[(byte & 31) - 10] ?? 0) : this.#number(width, sort === 'i')
    return sort
  }

  #number(width: number, signed: boolean): number {
    const at = this.at
    const end = this.#past(width)
    if (width === 8) return Number(signed ? this.#view.getBigInt64(at) : this.#view.getBigUint64(at))
    let value = 0
    for (let i = at; i < end; i++) value = value * 256 + (this.bytes[i] ?? 0)
    return signed && value >= 2 ** (width * 8 - 1) ? value - 2 ** (width * 8) : value
  }

  #inside<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new Malformed('too deep')
    const value = read()
    this.#depth--
    return value
  }

  #list(length: number): unknown[] {
    const list: unknown[] = []
    for (let i = 0; i < length; i++) list.push(this.value())
    return list
  }

  #table(length: number): unknown {
    const pairs: [unknown, unknown][] = []
    for (let i = 0; i < length; i++) pairs.push([this.value(), this.value()])
    return pairs.every(([key]) => typeof key === 'string') ? Object.fromEntries(pairs) : new Map(pairs)
  }

  /** Short texts come again and again (field names, stages): one string each, found by a cheap hash. */
  #text(length: number): string {
    const start = this.at
    this.#past(length)
    if (length > 24) return this.#decode(start, length)
    if (length === 0) return ''
    const bytes = this.bytes
    const last = bytes[start + length - 1] ?? 0
    const slot =
      (length * 31 + (bytes[start] ?? 0) * 7 + last * 13 + (bytes[start + (length >> 1)] ?? 0) * 3) & 511
    const seen = this.#seen[slot]
    if (seen?.length === length) {
      let i = 0
      while (i < length && seen.charCodeAt(i) === bytes[start + i]) i++
      if (i === length) return seen
    }
    let value = ''
    for (let i = start; i < start + length; i++) {
      const byte = bytes[i] ?? 0
      if (byte > 0x7f) return this.#decode(start, length)
      value += String.fromCharCode(byte)
    }
    this.#seen[slot] = value
    return value
  }

  #decode(start: number, length: number): string {
    try {
      return text.decode(this.bytes.subarray(start, start + length))
    } catch {
      throw new Malformed('not UTF-8')
    }
  }

  /** Move on; the answer is the new place. */
  #past(size: number): number {
    this.at += size
    if (this.at > this.bytes.length) throw new Malformed('too short')
    return this.at
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object'

const DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/** Bytes as hexadecimal text. */
export function hex(bytes: Uint8Array, from = 0, to = bytes.length): string {
  const codes: number[] = []
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0
    codes.push(DIGITS[byte >> 4] ?? 0, DIGITS[byte & 15] ?? 0)
  }
  return String.fromCharCode.apply(null, codes)
}

/** One value as MessagePack. Refuses floats and whatever has no place in a message. */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  const packer = new Packer()
  packer.value(value)
  return packer.take()
}

/** The value that the bytes hold; a map with text keys becomes an object, any other a Map. */
export function decode(bytes: Uint8Array): unknown {
  const unpacker = new Unpacker(bytes)
  const value = unpacker.value()
  if (!unpacker.done) throw new Malformed('too long')
  return value
}
