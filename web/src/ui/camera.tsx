import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../t.ts'
import { Fault } from './fault.tsx'
import { Icon } from './icons.tsx'
import { shrink } from './photo.ts'
import { Sheet } from './sheet.tsx'

interface CameraProps {
  taken: (bytes: Uint8Array<ArrayBuffer>) => void
  close: () => void
}

const WANTED = { audio: false, video: { facingMode: 'environment', width: { ideal: 1920 } } }

/** The camera inside the page: a picture that no gallery of a shared tablet keeps (D-16). */
export function Camera({ taken, close }: CameraProps) {
  const video = useRef<HTMLVideoElement>(null)
  const [isOn, setOn] = useState(false)
  const [fault, setFault] = useState('')
  useEffect(() => {
    let stop = () => {}
    let isOver = false
    const show = async () => {
      const stream = await navigator.mediaDevices.getUserMedia(WANTED)
      stop = () => {
        for (const track of stream.getTracks()) track.stop()
      }
      if (isOver || !video.current) return stop()
      video.current.srcObject = stream
      await video.current.play()
      setOn(true)
    }
    show().catch(() => {
      if (!isOver) setFault(t('photo.no_camera'))
    })
    return () => {
      isOver = true
      stop()
    }
  }, [])
  const take = async () => {
    const bytes = video.current && (await shrink(video.current))
    if (!bytes) return setFault(t('photo.unreadable'))
    taken(bytes)
    close()
  }
  return (
    <Sheet title={t('photo.add')} close={close}>
      <div class="v gap4">
        <video ref={video} class="camera" muted playsInline />
        <p class="sm soft">{t('photo.not_in_gallery')}</p>
        <Fault words={fault} />
        <button type="button" class="btn pri full big" disabled={!isOn} onClick={take}>
          <Icon name="camera" />
          {t('photo.take')}
        </button>
      </div>
    </Sheet>
  )
}
