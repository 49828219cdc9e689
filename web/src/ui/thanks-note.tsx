import type { ComponentChildren } from 'preact'
import type { Recognition } from '../replica.ts'
import { t } from '../t.ts'
import { Avatar } from './avatar.tsx'
import { Icon } from './icons.tsx'
import { Photos } from './photos.tsx'
import { useShell } from './shell.ts'
import { STRENGTHS, strengthName } from './strengths.ts'
import { ago } from './when.ts'

interface NoteProps {
  of: Recognition
  /** Whose picture stands on it, and the sentence that says who thanked whom. */
  face: number | null
  title: string
  children?: ComponentChildren
}

/** One thanks as a note. */
export function ThanksNote({ of, face, title, children }: NoteProps) {
  const { now } = useShell()
  const tags = STRENGTHS.filter((key) => key in of.strengths)
  return (
    <article class="note thanks">
      <div class="h">
        <Avatar of={face} />
        <span class="grow">
          <b>{title}</b>
          <br />
          <span class="sm">{of.state === 'delivered' ? ago(of.made, now.value) : t('note.here')}</span>
        </span>
      </div>
      <p class="said" lang={of.lang || undefined}>
        {of.text}
      </p>
      <Photos photos={of.photos} />
      {(tags.length > 0 || of.relayed) && (
        <p class="h wrap">
          {tags.map((key) => (
            <span key={key} class="tag">
              {strengthName(key)}
            </span>
          ))}
          {of.relayed && (
            <span class="tag">
              <Icon name="message-circle" />
              {t('thanks.relayed_tag')}
            </span>
          )}
        </p>
      )}
      {children}
    </article>
  )
}
