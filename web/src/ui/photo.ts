import { joined } from '../bytes.ts'

/** Photos leave the device small and bare: at most 1600 px and 300 kB, no place, no camera, no time. */
const MAX_SIDE_PX = 1600
const MAX_BYTES = 300_000
const QUALITIES = [0.8, 0.7, 0.6, 0.5]

/** A picture as a small JPEG without hidden facts. Null when the device can't read it as a picture. */
export async function shrink(source: Blob | HTMLVideoElement): Promise<Uint8Array<ArrayBuffer> | null> {
  const picture = await createImageBitmap(source).catch(() => null)
  if (!picture) return null
  for (let side = MAX_SIDE_PX; ; side = Math.round(side * 0.75)) {
    const canvas = drawn(picture, side)
    for (const quality of QUALITIES) {
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality })
      const bytes = bare(new Uint8Array(await blob.arrayBuffer()))
      if (bytes.length <= MAX_BYTES) return bytes
    }
  }
}

function drawn(picture: ImageBitmap, side: number): OffscreenCanvas {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height))
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale))
  const brush = canvas.getContext('2d')
  if (brush) {
    brush.fillStyle = '#fff'
    brush.fillRect(0, 0, canvas.width, canvas.height)
    brush.drawImage(picture, 0, 0, canvas.width, canvas.height)
  }
  return canvas
}

const SOI = 0xd8
const EOI = 0xd9
const COM = 0xfe

/** The JPEG without any APPn or COM segment but JFIF and ICC, and without what follows its end. */
export function bare(jpeg: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept: Uint8Array[] = []
  let at = 0
  while (at + 1 < jpeg.length) {
    const marker = jpeg[at + 1] ?? EOI
    const end = marker === SOI || marker === EOI ? at + 2 : endOf(jpeg, at)
    if (!isHidden(jpeg, at, marker)) kept.push(jpeg.subarray(at, end))
    if (marker === EOI) break
    at = end
  }
  return joined(...kept)
}

/** Where the segment ends; the picture's own bytes after a scan header belong to it. */
function endOf(jpeg: Uint8Array, at: number): number {
  let end = at + 2 + (jpeg[at + 2] ?? 0) * 256 + (jpeg[at + 3] ?? 0)
  if (jpeg[at + 1] !== 0xda) return end
  const isMarker = (byte: number) => byte !== 0 && byte !== 0xff && (byte < 0xd0 || byte > 0xd7)
  while (end < jpeg.length && !(jpeg[end] === 0xff && isMarker(jpeg[end + 1] ?? EOI))) end++
  return end
}

function isHidden(jpeg: Uint8Array, at: number, marker: number): boolean {
  if (marker === COM) return true
  if (marker < 0xe0 || marker > 0xef) return false
  const name = String.fromCharCode(...jpeg.subarray(at + 4, at + 16))
  return !(marker === 0xe0 && name.startsWith('JFIF\0')) && !(marker === 0xe2 && name === 'ICC_PROFILE\0')
}
