/** How this device shows things: theme and text size. Not about anybody, so plain local storage will do. */
export type Theme = 'system' | 'light' | 'dark'
export type TextSize = 'm' | 'l' | 'xl'
export interface Look {
  theme: Theme
  text: TextSize
}

const KEY = 'v-look'
const isTheme = (value: string | undefined): value is Theme =>
  value === 'system' || value === 'light' || value === 'dark'
const isText = (value: string | undefined): value is TextSize =>
  value === 'm' || value === 'l' || value === 'xl'

export function keptLook(): Look {
  const [theme, text] = (localStorage.getItem(KEY) ?? '').split(' ')
  return { theme: isTheme(theme) ? theme : 'system', text: isText(text) ? text : 'm' }
}

/** Show it so, and keep it for the next start. */
export function wear({ theme, text }: Look): void {
  const { dataset } = document.documentElement
  if (theme === 'system') delete dataset.theme
  else dataset.theme = theme
  dataset.text = text
  localStorage.setItem(KEY, `${theme} ${text}`)
}
