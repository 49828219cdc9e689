/** MessagePack as the protocol uses it: nil, bool, int, str, bin, array, map. No floats and no extensions. */

export class Malformed extends Error {
  override readonly name = 'Malformed'
}

const utf8 = new TextEncoder()
const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const TWO_32 = 2 ** 32
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
  take(from = 0): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(from, this.at)
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
    } else if (typeof value === 'bigint') this.#long(value)
    else if (value instanceof Map) {
      this.map(value.size)
      for (const [key, item] of value) {
        this.value(key)
        this.value(item)
      }
    } else if (typeof value === 'object') this.record(value)
    else throw new Malformed(`cannot pack a ${typeof value}`)
  }

  record(value: object): void {
    const entries = Object.entries(value)
    this.map(entries.length)
    for (const [key, item] of entries) {
      this.str(key)
      this.value(item)
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
    if (!Number.isSafeInteger(value)) throw new Malformed('not a whole number')
    this.#room(9)
    if (value >= 0) this.#natural(value)
    else if (value >= -32) this.#bytes[this.at++] = value & 0xff
    else if (value >= -0x80) this.#sized(0xd0, 1, value)
    else if (value >= -0x8000) this.#sized(0xd1, 2, value)
    else if (value >= -0x80000000) this.#sized(0xd2, 4, value)
    else this.#wide(0xd3, value)
  }

  str(value: string): void {
    const length = value.length
    this.#room(length * 3 + 5)
    const start = this.at
    // A header of the size that an ASCII text needs; moved when the text turns out longer in UTF-8.
    const guess = length < 32 ? 1 : length < 256 ? 2 : length < 65536 ? 3 : 5
    let at = start + guess
    if (length < 48) {
      let i = 0
      for (; i < length; i++) {
        const unit = value.charCodeAt(i)
        if (unit > 0x7f) break
        this.#bytes[at++] = unit
      }
      if (i < length) at += utf8.encodeInto(value.slice(i), this.#bytes.subarray(at)).written
    } else at += utf8.encodeInto(value, this.#bytes.subarray(at)).written
    const size = at - start - guess
    const need = size < 32 ? 1 : size < 256 ? 2 : size < 65536 ? 3 : 5
    if (need !== guess) this.#bytes.copyWithin(start + need, start + guess, at)
    if (need === 1) this.#bytes[start] = 0xa0 | size
    else this.#head(size, 0, -1, 0xd9)
    this.at = start + need + size
  }

  #natural(value: number): void {
    if (value < 0x80) this.#bytes[this.at++] = value
    else if (value < 0x100) this.#sized(0xcc, 1, value)
    else if (value < 0x10000) this.#sized(0xcd, 2, value)
    else if (value < TWO_32) this.#sized(0xce, 4, value)
    else this.#wide(0xcf, value)
  }

  /** A length: in the first byte up to `most`, else behind `byte` (8 bits), `byte` + 1 (16) or `byte` + 2 (32). */
  #head(length: number, fix: number, most: number, byte: number): void {
    this.#room(5)
    if (length <= most) this.#bytes[this.at++] = fix | length
    else if (length < 0x100 && most < 0) this.#sized(byte, 1, length)
    else if (length < 0x10000) this.#sized(byte + 1, 2, length)
    else this.#sized(byte + 2, 4, length)
  }

  #sized(byte: number, size: 1 | 2 | 4, value: number): void {
    this.#bytes[this.at] = byte
    if (size === 1) this.#view.setUint8(this.at + 1, value)
    else if (size === 2) this.#view.setUint16(this.at + 1, value)
    else this.#view.setUint32(this.at + 1, value)
    this.at += size + 1
  }

  #wide(byte: number, value: number): void {
    this.#bytes[this.at] = byte
    this.#view.setInt32(this.at + 1, Math.floor(value / TWO_32))
    this.#view.setUint32(this.at + 5, value >>> 0)
    this.at += 9
  }

  /** Beyond 2^53: kept exact on the way through, never made by us. */
  #long(value: bigint): void {
    if (Number.isSafeInteger(Number(value))) this.int(Number(value))
    else {
      this.#room(9)
      this.#bytes[this.at] = value < 0n ? 0xd3 : 0xcf
      this.#view.setBigUint64(this.at + 1, BigInt.asUintN(64, value))
      this.at += 9
    }
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

/** Reads values from bytes. Every fault is a `Malformed`, also an end that comes too early. */
export class Unpacker {
  readonly bytes: Uint8Array
  readonly #view: DataView
  readonly #seen: string[] = new Array(512).fill('')
  #depth = 0
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get done(): boolean {
    return this.at >= this.bytes.length
  }

  value(): unknown {
    const byte = this.#next()
    if (byte < 0x80) return byte
    if (byte >= 0xe0) return byte - 0x100
    if (byte < 0x90) return this.#table(byte & 15)
    if (byte < 0xa0) return this.#list(byte & 15)
    if (byte < 0xc0) return this.#text(byte & 31)
    if (byte === 0xc0) return null
    if (byte === 0xc2) return false
    if (byte === 0xc3) return true
    if (byte >= 0xc4 && byte <= 0xc6) return this.#slice(this.#size(byte - 0xc4))
    if (byte >= 0xcc && byte <= 0xd3) return this.#number(byte)
    if (byte >= 0xd9 && byte <= 0xdb) return this.#text(this.#size(byte - 0xd9))
    if (byte === 0xdc || byte === 0xdd) return this.#list(this.#size(byte - 0xdb))
    if (byte === 0xde || byte === 0xdf) return this.#table(this.#size(byte - 0xdd))
    throw new Malformed(`unexpected byte ${byte}`)
  }

  int(): number {
    const value = this.value()
    if (typeof value !== 'number') throw new Malformed('not an int')
    return value
  }

  str(): string {
    const value = this.value()
    if (typeof value !== 'string') throw new Malformed('not a str')
    return value
  }

  bin(): Uint8Array {
    const value = this.value()
    if (!(value instanceof Uint8Array)) throw new Malformed('not bytes')
    return value
  }

  /** Bytes as hexadecimal text: what ids are in memory. */
  hex(): string {
    const byte = this.#next()
    if (byte !== 0xc4) throw new Malformed('not a short bin')
    const from = this.at + 1
    this.#past(this.#size(0))
    return hex(this.bytes, from, this.at)
  }

  /** The length of an array that starts here. */
  array(): number {
    const byte = this.#next()
    if (byte >= 0x90 && byte < 0xa0) return byte & 15
    if (byte === 0xdc || byte === 0xdd) return this.#size(byte - 0xdb)
    throw new Malformed('not an array')
  }

  /** The length of a map that starts here. */
  map(): number {
    const byte = this.#next()
    if (byte >= 0x80 && byte < 0x90) return byte & 15
    if (byte === 0xde || byte === 0xdf) return this.#size(byte - 0xdd)
    throw new Malformed('not a map')
  }

  /** True, and past it, when a nil starts here. */
  nil(): boolean {
    if (this.bytes[this.at] !== 0xc0) return false
    this.at++
    return true
  }

  /** Past one value of any sort, also of those that we don't read (newer versions may send them). */
  skip(): void {
    const byte = this.#next()
    if (byte < 0x80 || byte >= 0xe0 || byte === 0xc0 || byte === 0xc2 || byte === 0xc3) return
    if (byte < 0x90) this.#skipAll((byte & 15) * 2)
    else if (byte < 0xa0) this.#skipAll(byte & 15)
    else if (byte < 0xc0) this.#past(byte & 31)
    else if (byte >= 0xc4 && byte <= 0xc6) this.#past(this.#size(byte - 0xc4))
    else if (byte >= 0xc7 && byte <= 0xc9) this.#past(this.#size(byte - 0xc7) + 1)
    else if (byte === 0xca || byte === 0xcb) this.#past(byte === 0xca ? 4 : 8)
    else if (byte >= 0xcc && byte <= 0xd3) this.#past(1 << (byte & 3))
    else if (byte >= 0xd4 && byte <= 0xd8) this.#past((1 << (byte - 0xd4)) + 1)
    else if (byte >= 0xd9 && byte <= 0xdb) this.#past(this.#size(byte - 0xd9))
    else if (byte === 0xdc || byte === 0xdd) this.#skipAll(this.#size(byte - 0xdb))
    else if (byte === 0xde || byte === 0xdf) this.#skipAll(this.#size(byte - 0xdd) * 2)
    else throw new Malformed(`unexpected byte ${byte}`)
  }

  #skipAll(count: number): void {
    if (++this.#depth > MAX_DEPTH) throw new Malformed('too deep')
    for (let i = 0; i < count; i++) this.skip()
    this.#depth--
  }

  #list(length: number): unknown[] {
    if (++this.#depth > MAX_DEPTH) throw new Malformed('too deep')
    const list: unknown[] = []
    for (let i = 0; i < length; i++) list.push(this.value())
    this.#depth--
    return list
  }

  #table(length: number): unknown {
    if (++this.#depth > MAX_DEPTH) throw new Malformed('too deep')
    const named: Record<string, unknown> = {}
    let numbered: Map<unknown, unknown> | undefined
    for (let i = 0; i < length; i++) {
      const key = this.value()
      const value = this.value()
      if (typeof key === 'string' && numbered === undefined) {
        if (key !== '__proto__') named[key] = value
      } else {
        numbered ??= new Map(Object.entries(named))
        numbered.set(key, value)
      }
    }
    this.#depth--
    return numbered ?? named
  }

  #number(byte: number): unknown {
    const at = this.at
    this.#past(1 << (byte & 3))
    switch (byte) {
      case 0xcc:
        return this.#view.getUint8(at)
      case 0xcd:
        return this.#view.getUint16(at)
      case 0xce:
        return this.#view.getUint32(at)
      case 0xd0:
        return this.#view.getInt8(at)
      case 0xd1:
        return this.#view.getInt16(at)
      case 0xd2:
        return this.#view.getInt32(at)
      default: {
        const high = byte === 0xcf ? this.#view.getUint32(at) : this.#view.getInt32(at)
        const value = high * TWO_32 + this.#view.getUint32(at + 4)
        if (Number.isSafeInteger(value)) return value
        return byte === 0xcf ? this.#view.getBigUint64(at) : this.#view.getBigInt64(at)
      }
    }
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

  #slice(length: number): Uint8Array {
    const start = this.at
    this.#past(length)
    return this.bytes.slice(start, start + length)
  }

  /** A length of 8, 16 or 32 bits (width 0, 1, 2). */
  #size(width: number): number {
    const at = this.at
    this.#past(1 << width)
    return width === 0
      ? this.#view.getUint8(at)
      : width === 1
        ? this.#view.getUint16(at)
        : this.#view.getUint32(at)
  }

  #next(): number {
    const byte = this.bytes[this.at++]
    if (byte === undefined) throw new Malformed('ends too early')
    return byte
  }

  #past(size: number): void {
    this.at += size
    if (this.at > this.bytes.length) throw new Malformed('ends too early')
  }
}

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
  if (!unpacker.done) throw new Malformed('something follows')
  return value
}
