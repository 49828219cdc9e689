import type { PlainKey } from '../t.ts'
import type { IconName } from './icons.tsx'

/** The closed word lists of the cards, as keys of the catalogue and pictures. */
export const STAGES = ['new', 'considering', 'trying', 'in_use'] as const
export const ALL_STAGES = [...STAGES, 'not_now'] as const
export type FlowStage = (typeof STAGES)[number]
export type BoardStage = (typeof ALL_STAGES)[number]

/** The keys of words that are called as their codes are, after the same beginning. */
export const wordsFor = <Start extends string, Code extends string>(start: Start, codes: readonly Code[]) =>
  Object.fromEntries(codes.map((code) => [code, `${start}${code}` as const]))

export const STAGE_WORDS: Readonly<Record<string, PlainKey>> = wordsFor('stage.', [...ALL_STAGES, 'merged'])

/** The look of a note follows its stage: what is being tried is a sprout, what is in use a practice. */
export const STAGE_LOOK: Readonly<Record<string, { tint: string; icon: IconName }>> = {
  new: { tint: 'idea', icon: 'lightbulb' },
  considering: { tint: 'idea', icon: 'lightbulb' },
  trying: { tint: 'pilot', icon: 'sprout' },
  in_use: { tint: 'practice', icon: 'book-open-check' },
  not_now: { tint: '', icon: 'circle-pause' },
  merged: { tint: '', icon: 'layers-2' },
}

export const SIZES = ['quick', 'complex', 'project'] as const
export const SIZE_WORDS: Readonly<Record<string, PlainKey>> = wordsFor('size.', SIZES)

export const OBSERVATION_TYPES = ['success', 'snag', 'client_said', 'tacit_know_how'] as const
export const OBSERVATION_WORDS: Readonly<Record<string, PlainKey>> = wordsFor(
  'observation.',
  OBSERVATION_TYPES,
)

export const ROLE_WORDS: Readonly<Record<string, PlainKey>> = wordsFor('role.', [
  'staff',
  'supervisor',
  'agent',
  'dev_lead',
  'management',
  'hr',
  'employee_rep',
  'admin',
  'owner',
])

export const FIELD_WORDS: Readonly<Record<string, PlainKey>> = {
  ...wordsFor('field.', [
    'title',
    'text',
    'stage',
    'size',
    'reply',
    'reason',
    'revisit',
    'owner',
    'goals',
    'need',
    'photos',
    'source',
    'lang',
    'type',
    'shared_edit',
    'gone',
  ]),
  i_help: 'react.i_help',
}

export const HIDE_REASONS = ['client_data', 'about_person', 'duplicate', 'other'] as const
export const HIDE_WORDS: Readonly<Record<string, PlainKey>> = {
  client_data: 'hide.client_data',
  about_person: 'hide.about_a_person',
  duplicate: 'hide.duplicate',
  other: 'hide.other',
  withdrawn: 'hide.withdrawn',
}

/** Initials for an avatar: two letters at most. */
export function initials(name: string): string {
  const parts = name.trim().split(/\s+/)
  const letters = parts.length > 1 ? [parts[0]?.[0], parts.at(-1)?.[0]] : [...(parts[0] ?? '?')].slice(0, 2)
  return letters.join('').toUpperCase()
}

/** A name of a team or goal in the language at hand, else in any. */
export const nameIn = (names: Readonly<Record<string, string | true>>, lang: string): string => {
  const found = names[lang] ?? names.fi ?? Object.values(names)[0]
  return typeof found === 'string' ? found : ''
}

export const NEEDS = ['client', 'staff', 'relative', 'partner', 'other'] as const
export const NEED_WORDS: Readonly<Record<string, PlainKey>> = wordsFor('need.', NEEDS)

/** Languages in their own names, the same in every language. */
export const LANG_NAMES = { fi: 'Suomi', sv: 'Svenska', en: 'English' } as const

/** The words of a field's value; an answer's are its first part. */
export function wordsOf(value: unknown): string {
  if (typeof value === 'string') return value
  return Array.isArray(value) && typeof value[0] === 'string' ? value[0] : ''
}

/** A word of the glossary at the head of a line. */
export const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)

export const COMMENT_WORDS: Readonly<Record<string, PlainKey>> = {
  plus: 'comment.plus',
  question: 'comment.question',
  suggestion: 'comment.suggestion',
  echo: 'comment.echo',
}
