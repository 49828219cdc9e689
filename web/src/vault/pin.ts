/** Which PIN codes are refused, and why (D-53). A PIN is never sent anywhere; it is judged here alone. */

export type PinFault = 'length' | 'repeated' | 'run' | 'keypad' | 'date' | 'common'

const LEAST = 6
const MOST = 12

/** Why a PIN is refused; null when it may be used. Tells the first reason that holds. */
export function pinFault(pin: string): PinFault | null {
  if (!/^\d+$/.test(pin) || pin.length < LEAST || pin.length > MOST) return 'length'
  if (isRepeated(pin)) return 'repeated'
  if (isRun(pin, 1) || isRun(pin, 9)) return 'run'
  if (isOfLines(pin)) return 'keypad'
  if (COMMON.has(pin)) return 'common'
  return isDate(pin) ? 'date' : null
}

/** One digit throughout, or the same half, third or pair again and again. */
const isRepeated = (pin: string) => /^(\d+)\1+$/.test(pin)

/** Each digit one more than the one before, or one less (which is nine more), also past nine to nought. */
const isRun = (pin: string, step: number) =>
  [...pin].every((digit, i) => i === 0 || Number(digit) === (Number(pin[i - 1]) + step) % 10)

const LINES = ['123', '456', '789', '147', '258', '369', '159', '357', '2580']
const EITHER_WAY = [...LINES, ...LINES.map((line) => [...line].reverse().join(''))]
const OF_LINES = new RegExp(`^(${EITHER_WAY.join('|')})+$`)

/** Rows, columns and diagonals of the keys, one after another. */
const isOfLines = (pin: string) => OF_LINES.test(pin)

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const DATES = [/^(?<d>\d\d)(?<m>\d\d)(?:\d\d)?\d\d$/, /^(?:\d\d)?\d\d(?<m>\d\d)(?<d>\d\d)$/]

/** DDMMYY, YYMMDD, and the same with four digits of the year. */
function isDate(pin: string): boolean {
  return DATES.some((shape) => {
    const { d = '0', m = '0' } = shape.exec(pin)?.groups ?? {}
    return Number(d) > 0 && Number(d) <= (DAYS[Number(m) - 1] ?? 0)
  })
}

/** Those that people choose most often, as far as the rules above let them pass. */
// biome-ignore format: as a table
const COMMON: ReadonlySet<string> = new Set([
  '001122', '010203', '102030', '102938', '1029384756', '110120', '112211', '112233', '11223344', '1122334455',
  '112358', '113355', '121314', '12344321', '123454321', '123698', '131415', '134679', '135246', '135790',
  '135791', '1357924680', '142536', '147896', '147896325', '152535', '192837', '201314', '202122', '203040',
  '221122', '246800', '246810', '2468013579', '271828', '314159', '31415926', '332211', '123401', '445566',
  '520131', '5201314', '556677', '667788', '778899', '789632145', '998877', '111222', '123000', '100000',
])
