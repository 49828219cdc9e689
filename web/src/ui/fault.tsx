import { Icon } from './icons.tsx'

/** What went wrong, in words, said at once; nothing while there is nothing to say. */
export function Fault({ words }: { words: string }) {
  if (!words) return null
  return (
    <p class="fault" role="alert">
      <Icon name="circle-alert" size="s" />
      {words}
    </p>
  )
}
