import { useEffect, useState } from 'preact/hooks'
import { photo } from '../link.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'

/** A card's photos: those on this device at once, others when there is a network. */
export function Photos({ photos }: { photos: Readonly<Record<string, string | true>> }) {
  const all = Object.entries(photos)
  if (!all.length) return null
  return (
    <ul class="photos">
      {all.map(([sha, alt]) => (
        <li key={sha}>
          <Photo sha={sha} alt={typeof alt === 'string' ? alt : ''} />
        </li>
      ))}
    </ul>
  )
}

function Photo({ sha, alt }: { sha: string; alt: string }) {
  const [url, setUrl] = useState('')
  useEffect(() => {
    let made = ''
    photo(sha).then((blob) => {
      made = blob ? URL.createObjectURL(blob) : ''
      setUrl(made)
    })
    return () => URL.revokeObjectURL(made)
  }, [sha])
  if (url) return <img src={url} alt={alt || t('photo.no_alt')} />
  return (
    <div class="none" role="img" aria-label={alt || t('photo.not_here')}>
      <Icon name="image" size="l" />
    </div>
  )
}
