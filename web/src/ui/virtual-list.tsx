import type { ComponentChildren, RefObject } from 'preact'
import { useEffect, useMemo, useReducer, useRef } from 'preact/hooks'

interface VirtualListProps<T> {
  items: readonly T[]
  keyOf: (item: T) => string
  /** A guess of one row's height in px, until it has been measured. */
  guess: number
  render: (item: T) => ComponentChildren
  /** The element that scrolls; the window when left out. */
  within?: RefObject<HTMLElement | null>
  label?: string
}

const SPARE_PX = 350
const FIRST_ROWS = 7

/** Only the rows near the view are in the page, so that 10,000 cards cost as much as twenty. */
export function VirtualList<T>({ items, keyOf, guess, render, within, label }: VirtualListProps<T>) {
  const list = useRef<HTMLUListElement>(null)
  const heights = useRef(new Map<string, number>())
  const [version, redraw] = useReducer((n: number) => n + 1, 0)
  const tops = useMemo(() => topsOf(items, keyOf, heights.current, guess), [items, version, guess])
  const span = useRef({ from: 0, to: FIRST_ROWS })
  const look = () => {
    const next = spanOf(list.current, within?.current ?? null, tops)
    const same = next.from === span.current.from && next.to === span.current.to
    span.current = next
    return !same
  }
  // After the paint: what is seen is right already, only the room above and below is still a guess.
  useEffect(() => {
    const learned = measure(list.current, heights.current)
    if (learned || look()) redraw(0)
  })
  useScroll(within, () => look() && redraw(0))
  const { from, to } = span.current
  const end = Math.min(to, items.length)
  const start = Math.min(from, end)
  const total = tops[items.length] ?? 0
  return (
    <ul
      ref={list}
      aria-label={label}
      style={{ paddingTop: `${tops[start] ?? 0}px`, paddingBottom: `${total - (tops[end] ?? total)}px` }}
    >
      {items.slice(start, end).map((item, i) => (
        <li
          key={keyOf(item)}
          data-row={keyOf(item)}
          class="spaced"
          aria-setsize={items.length}
          aria-posinset={start + i + 1}
        >
          {render(item)}
        </li>
      ))}
    </ul>
  )
}

/** Where every row begins; one more at the end for the whole height. */
function topsOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  known: Map<string, number>,
  guess: number,
) {
  const tops = new Float64Array(items.length + 1)
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    const height = item === undefined ? guess : (known.get(keyOf(item)) ?? guess)
    tops[i + 1] = (tops[i] ?? 0) + height
  }
  return tops
}

/** The rows that touch the view and a little around it. */
function spanOf(list: HTMLElement | null, scroller: HTMLElement | null, tops: Float64Array) {
  if (!list || list.offsetParent === null) return { from: 0, to: FIRST_ROWS }
  const above = scroller ? scroller.getBoundingClientRect().top : 0
  const high = scroller ? scroller.clientHeight : innerHeight
  const offset = above - list.getBoundingClientRect().top
  return { from: rowAt(tops, offset - SPARE_PX), to: rowAt(tops, offset + high + SPARE_PX) + 1 }
}

/** The last row that begins at or above `y`, by halving. */
function rowAt(tops: Float64Array, y: number): number {
  let low = 0
  let high = Math.max(0, tops.length - 2)
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((tops[middle] ?? 0) <= y) low = middle
    else high = middle - 1
  }
  return low
}

/** Learn the true heights of the rows now in the page; true if any differs from what we thought. */
function measure(list: HTMLElement | null, known: Map<string, number>): boolean {
  let changed = false
  for (const row of list?.children ?? []) {
    const key = row.getAttribute('data-row') ?? ''
    const height = row.getBoundingClientRect().height
    // Nothing is high that is not shown just now.
    if (height > 0 && Math.abs((known.get(key) ?? -1) - height) > 0.5) {
      known.set(key, height)
      changed = true
    }
  }
  return changed
}

function useScroll(within: RefObject<HTMLElement | null> | undefined, moved: () => void) {
  const latest = useRef(moved)
  latest.current = moved
  useEffect(() => {
    const target = within?.current ?? window
    const on = () => latest.current()
    target.addEventListener('scroll', on, { passive: true })
    addEventListener('resize', on)
    return () => {
      target.removeEventListener('scroll', on)
      removeEventListener('resize', on)
    }
  }, [within])
}
