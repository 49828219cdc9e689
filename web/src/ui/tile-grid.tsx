import { useEffect, useRef, useState } from 'preact/hooks'
import type { Tile } from '../session/copies.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { initials } from './words.ts'

/** So many fit on a tablet; where there are more, the last place opens the rest. */
const SHOWN = 12

interface TileGridProps {
  tiles: readonly Tile[]
  choose: (tile: Tile) => void
  /** Somebody who has no copy here yet. */
  come: () => void
}

/** "Kuka olet?": whoever has a copy on this tablet, by first name and initial, in the order that they chose. */
export function TileGrid({ tiles, choose, come }: TileGridProps) {
  const [all, setAll] = useState(false)
  const [wanted, setWanted] = useState('')
  const isMany = tiles.length > SHOWN
  const some = isMany && !all ? tiles.slice(0, SHOWN - 1) : tiles
  const found = some.filter(({ name }) => isNamed(name, wanted))
  return (
    <section class="v gap4" aria-labelledby="who">
      <h1 id="who" tabIndex={-1}>
        {t('locked.title')}
      </h1>
      {isMany && all && <Search wanted={wanted} set={setWanted} found={found.length} />}
      <ul class="people">
        {found.map((tile) => (
          <li key={tile.db}>
            <PersonTile tile={tile} choose={choose} />
          </li>
        ))}
        {isMany && !all && (
          <li>
            <button type="button" class="tile others" onClick={() => setAll(true)}>
              <Icon name="users-round" />
              {t('locked.rest', { n: tiles.length - some.length })}
            </button>
          </li>
        )}
        <li>
          <button type="button" class="tile others" onClick={come}>
            <Icon name="plus" />
            {t('locked.new')}
          </button>
        </li>
      </ul>
    </section>
  )
}

/** What a name begins with, or any part of it. */
const isNamed = (name: string, wanted: string) =>
  ` ${name}`.toLocaleLowerCase().includes(` ${wanted.trim().toLocaleLowerCase()}`)

function PersonTile({ tile, choose }: { tile: Tile; choose: (tile: Tile) => void }) {
  return (
    <button type="button" class="tile" onClick={() => choose(tile)}>
      <Face of={tile} />
      <span class="t">
        {tile.name}
        {tile.state === 'shut' && <span class="d"> {t('locked.shut')}</span>}
      </span>
    </button>
  )
}

/** Two letters on a person's own calm colour; the name stands beside it. */
export function Face({ of: { name, colour }, size = 'l' }: { of: Tile; size?: 'l' | 'xl' }) {
  return (
    <span class={`who ${size}${colour > 1 ? ` w${colour}` : ''}`} aria-hidden="true">
      {initials(name)}
    </span>
  )
}

interface SearchProps {
  wanted: string
  set: (wanted: string) => void
  found: number
}

function Search({ wanted, set, found }: SearchProps) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  return (
    <div class="v gap2">
      <input
        ref={input}
        type="search"
        class="input"
        autocomplete="off"
        spellcheck={false}
        aria-label={t('locked.search')}
        placeholder={t('locked.search')}
        value={wanted}
        onInput={(event) => set(event.currentTarget.value)}
      />
      <p role="status">{found === 0 && t('locked.nobody')}</p>
    </div>
  )
}
