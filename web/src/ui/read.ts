/** Reading replies of the server's small calls: each throws on what it doesn't expect, and `call` says "no network". */

export function part(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) throw new TypeError(`no ${name}`)
  return Reflect.get(value, name) ?? null
}

export function asText(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a text')
  return value
}

export function asNumber(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('not a number')
  return value
}

export function asList<T>(value: unknown, of: (one: unknown) => T): T[] {
  if (!Array.isArray(value)) throw new TypeError('not a list')
  return value.map(of)
}
