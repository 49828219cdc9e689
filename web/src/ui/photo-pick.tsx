import { useEffect, useId, useState } from 'preact/hooks'
import { t } from '../t.ts'
import type { DraftPhoto } from './capture-draft.ts'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { shrink } from './photo.ts'

interface PhotoPickProps {
  photos: readonly DraftPhoto[]
  set: (photos: readonly DraftPhoto[]) => void
}

const MAX_PHOTOS = 3
const ALT_MAX = 200

/** A photo from the camera or the device, made small and bare here, with what is in it in words. */
export function PhotoPick({ photos, set }: PhotoPickProps) {
  const id = useId()
  const [fault, setFault] = useState('')
  const take = async (input: HTMLInputElement) => {
    const file = input.files?.[0]
    input.value = ''
    if (!file) return
    const bytes = await shrink(file)
    setFault(bytes ? '' : t('photo.unreadable'))
    if (bytes) set([...photos, { bytes, alt: '' }])
  }
  const describe = (at: number, alt: string) =>
    set(photos.map((photo, i) => (i === at ? { ...photo, alt } : photo)))
  return (
    <div class="v gap2">
      {photos.map((photo, i) => (
        <div class="h gap2" key={`${i}-${photo.bytes.length}`}>
          <Thumb bytes={photo.bytes} />
          <input
            class="input grow"
            value={photo.alt}
            maxLength={ALT_MAX}
            aria-label={t('photo.alt')}
            placeholder={t('photo.alt')}
            onInput={(event) => describe(i, event.currentTarget.value)}
          />
          <button
            type="button"
            class="iconbtn"
            aria-label={t('photo.remove')}
            onClick={() => set(photos.filter((_, at) => at !== i))}
          >
            <Icon name="trash-2" />
          </button>
        </div>
      ))}
      {photos.length < MAX_PHOTOS && (
        <label class="btn file" for={id}>
          <Icon name="camera" />
          {t('photo.add')}
          <input
            id={id}
            class="vh"
            type="file"
            accept="image/*"
            capture="environment"
            aria-describedby={`${id}-hint`}
            onChange={(event) => take(event.currentTarget)}
          />
        </label>
      )}
      <p class="sm soft" id={`${id}-hint`}>
        {t('photo.hint')}
      </p>
      <Fault words={fault} />
    </div>
  )
}

function Thumb({ bytes }: { bytes: Uint8Array<ArrayBuffer> }) {
  const [url, setUrl] = useState('')
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type: 'image/jpeg' }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [bytes])
  return <span class="thumb">{url && <img src={url} alt="" />}</span>
}
