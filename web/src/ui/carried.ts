/** Words on their way from the capture form to the drop box, in memory alone. */
let words = ''

export const carry = (text: string) => {
  words = text
}

/** What came along, once. */
export function takeCarried(): string {
  const taken = words
  words = ''
  return taken
}
