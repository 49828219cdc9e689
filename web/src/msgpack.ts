/** MessagePack as the protocol uses it: nil, bool, int, str, bin, array, map. No floats and no extensions. */

export class Malformed extends Error {}

/** Whatever is wrong with the bytes, or can't be said in them. */
export function malformed(): never {
  throw new Malformed('not as agreed')
}

const utf8 = new TextEncoder()
const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const MAX_DEPTH = 32
const TWO_32 = 4_294_967_296

/** Writes values into one growing buffer; integers and lengths always take their shortest form. */
export class Packer {
  #bytes = new Uint8Array(1024)
  at = 0

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
    else malformed()
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
    if (!Number.isSafeInteger(value)) malformed()
    if (value < 0x80 && value >= -32) this.#byte(value)
    else {
      // How many values fit: one byte holds half as many where there is a sign.
      const bits = value < 0 ? -value * 2 - 1 : value
      const width = bits < 0x100 ? 0 : bits < 0x10000 ? 1 : bits < TWO_32 ? 2 : 3
      this.#sized((value < 0 ? 0xd0 : 0xcc) + width, 1 << width, value)
    }
  }

  str(value: string): void {
    const { length } = value
    this.#room(length * 3 + 5)
    if (length < 32 && this.#ascii(value)) return
    // Most texts have nearly as many bytes as letters: then they stand where they belong at once.
    const start = this.at
    const from = start + headOf(length)
    const { written } = utf8.encodeInto(value, this.#bytes.subarray(from))
    if (headOf(written) > headOf(length))
      this.#bytes.copyWithin(start + headOf(written), from, from + written)
    if (written < 32) this.#byte(0xa0 | written)
    else this.#head(written, 0, -1, 0xd9)
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
    if (length <= most) this.#byte(fix | length)
    else if (length < 0x100 && most < 0) this.#sized(byte, 1, length)
    else if (length < 0x10000) this.#sized(byte + 1, 2, length)
    else this.#sized(byte + 2, 4, length)
  }

  #sized(byte: number, size: number, value: number): void {
    this.#byte(byte)
    this.#room(size)
    for (let i = size, rest = value; i > 0; rest = Math.floor(rest / 256)) this.#bytes[this.at + --i] = rest
    this.at += size
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
  }
}

/** How many bytes stand before a text of so many. */
const headOf = (size: number) => (size < 32 ? 1 : size < 0x100 ? 2 : size < 0x10000 ? 3 : 5)

/** What begins with a byte from 0xc0 on, and how many bytes then tell its length or number. */
const SORTS = 'n!ftbbbxxxeeuuuuiiiieeeeessslldd'
const WIDTHS = '00001241240012481248000001242424'

/** Short texts that came before, by a cheap hash: field names and stages come again and again. */
const seen: string[] = new Array(512).fill('')

/** Reads values from bytes. Every fault is a `Malformed`, also an end that comes too early. */
export class Unpacker {
  readonly bytes: Uint8Array
  /** Length or number of what was opened last. */
  #size = 0
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get done(): boolean {
    return this.at >= this.bytes.length
  }

  value(depth = 0): unknown {
    const sort = this.#open()
    const size = this.#size
    if (sort === 's') return this.#text(size)
    if ((sort === 'i' || sort === 'u') && Number.isSafeInteger(size)) return size
    if (sort === 'n') return null
    if (sort === 't' || sort === 'f') return sort === 't'
    if (sort === 'b') return this.bytes.slice(this.at, this.#past(size))
    if (depth >= MAX_DEPTH) malformed()
    if (sort === 'l') return this.#list(size, depth + 1)
    if (sort === 'd') return this.#table(size, depth + 1)
    malformed()
  }

  int(): number {
    const value = this.value()
    if (typeof value !== 'number') malformed()
    return value
  }

  str(): string {
    return this.#text(this.#expect('s'))
  }

  /** Past a text; whether it is this one, of ASCII. */
  is(name: string): boolean {
    const size = this.#expect('s')
    const from = this.#past(size) - size
    return size === name.length && same(name, this.bytes, from)
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

  /** An array, each of its items read by `read`. */
  list<T>(read: () => T): T[] {
    return Array.from({ length: this.array() }, read)
  }

  /** Opens an array of at least so many; how many more there are, which a newer version has added. */
  tuple(least: number): number {
    const more = this.array() - least
    if (more < 0) malformed()
    return more
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

  /** Past so many values of any sort, also of those that we don't read (newer versions may send them). */
  skip(count = 1): void {
    const { bytes } = this
    for (let left = count; left > 0; left--) {
      // Most of what is skipped is short text, found here in one look.
      const byte = bytes[this.at] ?? 0
      if (byte >= 0xa0 && byte < 0xc0) {
        this.at += byte - 0x9f
        continue
      }
      const sort = this.#open()
      if (sort === 's' || sort === 'b' || sort === 'e') this.at += this.#size
      else if (sort === 'x') this.at += this.#size + 1
      else if (sort === 'l') left += this.#size
      else if (sort === 'd') left += this.#size * 2
      else if (sort === '!') malformed()
    }
    this.#past(0)
  }

  #expect(sort: string): number {
    if (this.#open() !== sort) malformed()
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
    // Floats, and extensions of a fixed size behind their sort.
    if (sort === 'e') this.#size = byte < 0xd0 ? 4 << (byte & 1) : (1 << (byte - 0xd4)) + 1
    else this.#size = this.#number(Number(WIDTHS[byte & 31]), sort === 'i')
    return sort
  }

  #number(width: number, signed: boolean): number {
    const end = this.#past(width)
    const high = width === 8 ? this.#digits(end - 8, end - 4) : 0
    const low = this.#digits(Math.max(end - 4, end - width), end)
    if (!signed) return high * TWO_32 + low
    const spare = Math.max(0, 32 - width * 8)
    return width === 8 ? (high | 0) * TWO_32 + low : (low << spare) >> spare
  }

  #digits(from: number, to: number): number {
    let value = 0
    for (let i = from; i < to; i++) value = value * 256 + (this.bytes[i] ?? 0)
    return value
  }

  #list(length: number, depth: number): unknown[] {
    const list: unknown[] = []
    for (let i = 0; i < length; i++) list.push(this.value(depth))
    return list
  }

  #table(length: number, depth: number): unknown {
    const pairs: [unknown, unknown][] = []
    for (let i = 0; i < length; i++) pairs.push([this.value(depth), this.value(depth)])
    return pairs.every(([key]) => typeof key === 'string') ? Object.fromEntries(pairs) : new Map(pairs)
  }

  #text(length: number): string {
    const from = this.at
    const to = this.#past(length)
    if (length > 24) return this.#decode(from, to)
    if (length === 0) return ''
    const bytes = this.bytes
    const [first = 0, middle = 0, last = 0] = [bytes[from], bytes[from + (length >> 1)], bytes[to - 1]]
    const slot = (length * 31 + first * 7 + last * 13 + middle * 3) & 511
    const before = seen[slot] ?? ''
    if (before.length === length && same(before, bytes, from)) return before
    const value = this.#decode(from, to)
    // Shorter than its bytes: not ASCII, and not to be found by them.
    if (value.length === length) seen[slot] = value
    return value
  }

  #decode(from: number, to: number): string {
    try {
      return text.decode(this.bytes.subarray(from, to))
    } catch {
      malformed()
    }
  }

  /** Move on; the answer is the new place. */
  #past(size: number): number {
    this.at += size
    if (this.at > this.bytes.length) malformed()
    return this.at
  }
}

/** Whether a text of ASCII stands in the bytes. */
function same(value: string, bytes: Uint8Array, from: number): boolean {
  let i = 0
  while (i < value.length && value.charCodeAt(i) === bytes[from + i]) i++
  return i === value.length
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
  if (!unpacker.done) malformed()
  return value
}
