/** A stretch of words, and whether the other text lacks it. */
export interface Stretch {
  text: string
  differs: boolean
}

const MAX_CELLS = 1_000_000

/** Two texts as stretches of words, those that only one has marked. Spaces stay with the word before them. */
export function differences(one: string, other: string): readonly [Stretch[], Stretch[]] {
  const [a, b] = [wordsOf(one), wordsOf(other)]
  const [inA, inB] = a.length * b.length > MAX_CELLS ? [new Set<number>(), new Set<number>()] : common(a, b)
  return [stretches(a, inA), stretches(b, inB)]
}

const wordsOf = (text: string) => text.match(/\s*\S+\s*/gu) ?? []
const bare = (word: string | undefined) => word?.trim()

/** The places in both of a longest common run of words. */
function common(a: readonly string[], b: readonly string[]): [Set<number>, Set<number>] {
  const wide = b.length + 1
  const best = new Uint16Array((a.length + 1) * wide)
  const at = (i: number, j: number) => best[i * wide + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      best[i * wide + j] =
        bare(a[i]) === bare(b[j]) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const [inA, inB] = [new Set<number>(), new Set<number>()]
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (bare(a[i]) === bare(b[j])) {
      inA.add(i++)
      inB.add(j++)
    } else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return [inA, inB]
}

function stretches(words: readonly string[], shared: ReadonlySet<number>): Stretch[] {
  const all: Stretch[] = []
  words.forEach((word, i) => {
    const differs = !shared.has(i)
    const last = all.at(-1)
    if (last && last.differs === differs) last.text += word
    else all.push({ text: word, differs })
  })
  return all
}
