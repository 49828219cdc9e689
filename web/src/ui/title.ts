/** An idea's title is its first sentence, unless the person writes another. */
export const TITLE_MAX = 80
const FIRST = /^[^\n]*?(?:[.!?…](?=\s)|(?=\n)|$)/u

/** The title and what is left for the text. A first sentence that is too long is cut and kept whole in the text. */
export function titleOf(text: string): { title: string; rest: string } {
  const whole = text.trim()
  const first = FIRST.exec(whole)?.[0].trim() ?? ''
  const bare = first.replace(/[.…]+$/u, '')
  if ([...bare].length <= TITLE_MAX) return { title: bare, rest: whole.slice(first.length).trim() }
  const cut = [...bare].slice(0, TITLE_MAX - 1).join('')
  const end = cut.lastIndexOf(' ')
  return { title: `${(end > TITLE_MAX / 2 ? cut.slice(0, end) : cut).trimEnd()}…`, rest: whole }
}
