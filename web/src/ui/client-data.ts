/**
 * A look for a client's details in what somebody writes. Runs here only: nothing is sent, logged or remembered.
 * A valid personal identity code can't be saved; everything else is a gentle question and never blocks.
 */
export interface ClientHint {
  /** A Finnish personal identity code with a true date and check mark, as it stands in the text. */
  code: string | null
  /** The first thing that may be about a client, as it stands in the text. */
  maybe: string | null
}

const MARKS = '0123456789ABCDEFHJKLMNPRSTUVWXY'
const CODE = /(?<![\p{L}\d])(\d(?:\s?\d){5})\s?([-–+A-FU-Y])\s?(\d\s?\d\s?\d)\s?([\dA-Y])(?![\p{L}\d])/giu
const ILLNESSES =
  'dementia|demens|alzheimer\\w*|parkinson\\w*|diabete\\w+|diabeet\\w+|skitsofren\\w+|schizofren\\w+|epilepsi\\w+|' +
  'masennu\\w+|depressio\\w*|syöpä\\w*|syövän|cancer\\w*|hiv|hepatiit\\w+|hepatit\\w*|infarkt\\w+|psykoos\\w+'
const GENTLE: readonly RegExp[] = [
  /(?<!\d)(?:\+358[\s-]?\d|0\d)(?:[\s-]?\d){5,10}(?!\d)/u,
  /[\w.+-]+@[\w-]+\.[\w.]+/u,
  /(?<!\p{L})\p{Lu}\p{Ll}+(?:katu|tie|kuja|polku|raitti|rinne|gatan|vägen|gränden?|stigen)\s+\d+/u,
  /(?<!\p{L})(?:huone|huoneessa|huoneen|rum|rummet|room|paikka|paikalla|plats|sänky|bädd)\s+\d+/iu,
  /(?<!\p{L})(?:[Rr]ouva|[Hh]erra|[Nn]eiti|[Ff]ru|[Hh]err|[Mm]rs?\.?)\s+\p{Lu}/u,
  /(?<!\d)(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.(?:19\d\d|200\d|201\d)(?!\d)/u,
  new RegExp(`(?<!\\p{L})(?:${ILLNESSES})(?!\\p{L})`, 'iu'),
]

export function clientHint(text: string): ClientHint {
  let wrong: string | null = null
  for (const found of text.matchAll(CODE)) {
    if (isCode(found)) return { code: found[0], maybe: null }
    wrong ??= found[0]
  }
  for (const pattern of GENTLE) wrong ??= pattern.exec(text)?.[0] ?? null
  return { code: null, maybe: wrong }
}

function isCode([, date = '', sign = '', order = '', mark = '']: RegExpExecArray): boolean {
  const digits = `${date}${order}`.replace(/\s/g, '')
  return isDay(digits.slice(0, 6), sign.toUpperCase()) && MARKS[Number(digits) % 31] === mark.toUpperCase()
}

/** Whether the day existed in the century that the sign names. */
function isDay(digits: string, sign: string): boolean {
  const century = sign === '+' ? 1800 : /[A-F]/.test(sign) ? 2000 : 1900
  const [day, month, year] = [0, 2, 4].map((i) => Number(digits.slice(i, i + 2)))
  if (day === undefined || month === undefined || year === undefined) return false
  const date = new Date(Date.UTC(century + year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}
