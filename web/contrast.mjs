// Checks the colour pairs in src/tokens.css, for every theme. Run: node contrast.mjs
import { readFileSync } from 'node:fs'

const css = readFileSync(new URL('./src/tokens.css', import.meta.url), 'utf8').replace(
  /\/\*[\s\S]*?\*\//g,
  '',
)
const vars = (body) =>
  Object.fromEntries([...body.matchAll(/--v-([\w-]+):\s*(#[0-9a-f]{6})/gi)].map((m) => [m[1], m[2]]))
const blocks = (selector) =>
  [...css.matchAll(new RegExp(`${selector}\\s*\\{([^}]*)\\}`, 'g'))].map((m) => vars(m[1]))
const [light, ...moreLight] = blocks('(?<![\\w\\]):])\\s:root')
const systemDark = blocks(':root:not\\(\\[data-theme="light"\\]\\)'),
  chosenDark = blocks(':root\\[data-theme="dark"\\]')
if (JSON.stringify(systemDark) !== JSON.stringify(chosenDark)) {
  console.error('The dark blocks differ.')
  process.exit(1)
}
const themes = {
  light,
  dark: { ...light, ...chosenDark[0] },
  'light, more contrast': Object.assign({}, light, ...moreLight),
  'dark, more contrast': { ...light, ...chosenDark[0], ...chosenDark[1] },
}
const lin = (byte) => {
  const v = byte / 255
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
}
const lum = (hex) =>
  [1, 3, 5].reduce((s, i, n) => s + [0.2126, 0.7152, 0.0722][n] * lin(parseInt(hex.slice(i, i + 2), 16)), 0)
const ratio = (a, b) => {
  const [x, y] = [lum(a), lum(b)].sort((p, q) => q - p)
  return (x + 0.05) / (y + 0.05)
}
const kinds = [
  'idea',
  'task',
  'thanks',
  'pilot',
  'practice',
  'notice',
  'ok',
  'wait',
  'danger',
  'who-1',
  'who-2',
  'who-3',
  'who-4',
  'who-5',
  'who-6',
]
const text = [],
  graphic = []
for (const ground of ['paper', 'surface', 'sunken']) {
  for (const ink of ['ink', 'ink-soft', 'flow', 'flow-strong', 'spark-strong', 'danger-ink'])
    text.push([ink, ground])
  for (const mark of ['line-strong', 'spark', 'focus', 'flow', 'danger']) graphic.push([mark, ground])
}
for (const kind of kinds)
  text.push([`${kind}-ink`, `${kind}-bg`], ['ink', `${kind}-bg`], ['ink-soft', `${kind}-bg`])
for (const kind of kinds.slice(0, 9)) text.push([`${kind}-ink`, 'surface'], [`${kind}-ink`, 'paper'])
text.push(
  ['on-flow', 'flow'],
  ['on-flow', 'flow-strong'],
  ['on-spark', 'spark'],
  ['on-spark', 'spark-strong'],
  ['on-danger', 'danger'],
  ['flow', 'flow-soft'],
  ['flow-strong', 'flow-soft'],
  ['ink', 'flow-soft'],
  ['ink-soft', 'flow-soft'],
  ['spark-strong', 'spark-soft'],
  ['ink', 'spark-soft'],
  ['paper', 'ink'],
  ['toast-action', 'ink'],
  ['on-scale-5', 'scale-5'],
  ...[1, 2, 3, 4].map((n) => ['on-scale', `scale-${n}`]),
  ...['band-1', 'band-2', 'band-3', 'band-wait'].map((b) => ['ink', b]),
)
graphic.push(
  ['flow', 'flow-line'],
  ...['ring-1', 'ring-2', 'ring-3'].map((r) => [r, 'paper']),
  ['focus', 'flow-soft'],
  ['spark', 'flow-soft'],
  ['flow', 'idea-bg'],
  ['line-strong', 'flow-soft'],
)
let bad = 0
for (const [name, t] of Object.entries(themes)) {
  let low = 99,
    pair = ''
  for (const [list, need] of [
    [text, 4.5],
    [graphic, 3],
  ])
    for (const [a, b] of list) {
      const r = ratio(t[a], t[b])
      if (!(r >= need)) {
        bad++
        console.log(`FAIL ${name}: ${a} on ${b} ${r.toFixed(2)} < ${need}`)
      }
      if (need > 3 && r < low) {
        low = r
        pair = `${a} on ${b}`
      }
    }
  console.log(`${name}: ${text.length + graphic.length} pairs, lowest text pair ${low.toFixed(2)} (${pair})`)
}
process.exit(bad ? 1 : 0)
