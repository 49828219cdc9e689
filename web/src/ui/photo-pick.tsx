import { useEffect, useId, useState } from 'preact/hooks'
import { onTablet } from '../session.ts'
import { t } from '../t.ts'
import type { DraftPhoto } from './capture-draft.ts'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { lazy } from './lazy.tsx'
import { shrink } from './photo.ts'

const Camera = lazy(async () => (await import('./camera.tsx')).Camera)

interface PhotoPickProps {
  photos: readonly DraftPhoto[]
  set: (photos: readonly DraftPhoto[]) => void
}

const MAX_PHOTOS = 3
const ALT_MAX = 200

/**
 * A photo from the camera or the device, made small and bare here, with what is in it in words. On a shared tablet from
 * the camera alone, in the page: the system's own would leave it in the gallery for everybody (D-16).
 */
export function PhotoPick({ photos, set }: PhotoPickProps) {
  const id = useId()
  const [fault, setFault] = useState('')
  const [isCameraOpen, openCamera] = useState(false)
  const add = (bytes: DraftPhoto['bytes']) => set([...photos, { bytes, alt: '' }])
  const take = async (input: HTMLInputElement) => {
    const file = input.files?.[0]
    input.value = ''
    if (!file) return
    const bytes = await shrink(file)
    setFault(bytes ? '' : t('photo.unreadable'))
    if (bytes) add(bytes)
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
            autocomplete="off"
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
      {photos.length < MAX_PHOTOS && onTablet.value && (
        <button type="button" class="btn" aria-describedby={`${id}-hint`} onClick={() => openCamera(true)}>
          <Icon name="camera" />
          {t('photo.add')}
        </button>
      )}
      {isCameraOpen && <Camera taken={add} close={() => openCamera(false)} />}
      {photos.length < MAX_PHOTOS && !onTablet.value && (
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
