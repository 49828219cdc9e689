import type { PlainKey } from '../t.ts'
import type { IconName } from './icons.tsx'

/** The closed word lists of the cards, as keys of the catalogue and pictures. */
export const STAGES = ['new', 'considering', 'trying', 'in_use'] as const
export const ALL_STAGES = [...STAGES, 'not_now'] as const
export type FlowStage = (typeof STAGES)[number]
export type BoardStage = (typeof ALL_STAGES)[number]

export const STAGE_WORDS: Readonly<Record<string, PlainKey>> = {
  new: 'stage.new',
  considering: 'stage.considering',
  trying: 'stage.trying',
  in_use: 'stage.in_use',
  not_now: 'stage.not_now',
  merged: 'stage.merged',
}

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
export const SIZE_WORDS: Readonly<Record<string, PlainKey>> = {
  quick: 'size.quick',
  complex: 'size.complex',
  project: 'size.project',
}

export const OBSERVATION_TYPES = ['success', 'snag', 'client_said', 'tacit_know_how'] as const
export const OBSERVATION_WORDS: Readonly<Record<string, PlainKey>> = {
  success: 'observation.success',
  snag: 'observation.snag',
  client_said: 'observation.client_said',
  tacit_know_how: 'observation.tacit_know_how',
}

export const ROLE_WORDS: Readonly<Record<string, PlainKey>> = {
  staff: 'role.staff',
  supervisor: 'role.supervisor',
  agent: 'role.agent',
  dev_lead: 'role.dev_lead',
  management: 'role.management',
  hr: 'role.hr',
  employee_rep: 'role.employee_rep',
  admin: 'role.admin',
  owner: 'role.owner',
}

export const REFUSAL_WORDS: Readonly<Record<string, PlainKey>> = {
  no_grant: 'refusal.no_grant',
  not_yours: 'refusal.not_yours',
  over_limit: 'refusal.over_limit',
  wrong_type: 'refusal.wrong_type',
  once: 'refusal.once',
  system_field: 'refusal.system_field',
  gone: 'refusal.gone',
  client_data: 'refusal.client_data',
  reason_required: 'refusal.reason_required',
  reply_incomplete: 'refusal.reply_incomplete',
  unknown_option: 'refusal.unknown_option',
  no_room: 'refusal.no_room',
  unknown_kind: 'refusal.unknown_kind',
  unknown_field: 'refusal.unknown_field',
  no_card: 'refusal.no_card',
  undecodable: 'refusal.undecodable',
  id_reused: 'refusal.id_reused',
  grant_revoked: 'refusal.grant_revoked',
  author_revoked: 'refusal.author_revoked',
  internal: 'refusal.internal',
}

export const FIELD_WORDS: Readonly<Record<string, PlainKey>> = {
  title: 'field.title',
  text: 'field.text',
  stage: 'field.stage',
  size: 'field.size',
  reply: 'field.reply',
  reason: 'field.reason',
  revisit: 'field.revisit',
  owner: 'field.owner',
  goals: 'field.goals',
  need: 'field.need',
  photos: 'field.photos',
  source: 'field.source',
  lang: 'field.lang',
  type: 'field.type',
  shared_edit: 'field.shared_edit',
  i_help: 'react.i_help',
  gone: 'field.gone',
}

export const HIDE_REASONS = ['client_data', 'about_a_person', 'duplicate', 'other'] as const
export const HIDE_WORDS: Readonly<Record<string, PlainKey>> = {
  client_data: 'hide.client_data',
  about_a_person: 'hide.about_a_person',
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
export const NEED_WORDS: Readonly<Record<string, PlainKey>> = {
  client: 'need.client',
  staff: 'need.staff',
  relative: 'need.relative',
  partner: 'need.partner',
  other: 'need.other',
}

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

export const KIND_WORDS: Readonly<Record<string, PlainKey>> = {
  idea: 'kind.idea',
  observation: 'kind.observation',
  comment: 'kind.comment',
}
