import { readMe } from '../link/me.ts'
import { call, type Result, sendNow } from '../link.ts'
import { dropCopy, leave, renew } from '../session/signing.ts'
import type { Me } from '../session.ts'
import { t } from '../t.ts'
import type { DutiesTo } from './leading.ts'
import { callProved } from './proof.tsx'
import { asNumber, asText, part } from './read.ts'

/** What a link leads to, before anybody has used it. */
export interface Look {
  team: Readonly<Record<string, string>> | null
  role: string
  name: string | null
  /** The language that whoever invites has chosen for them. */
  lang: string
}

export interface Invitation {
  url: string
  until: number
  svg: { size: number; path: string }
}

/** What an invitation opens, without using it up. */
export const lookAt = (code: string): Promise<Result<Look>> =>
  call('POST', '/api/join/look', { code }, asLook)

/** Whom a link or a code is for: anybody, somebody by name, or somebody who is here already. */
export interface Inviting {
  space: number
  role: string
  name?: string
  uses?: number
  person?: number
}

export const invite = (asked: Inviting): Promise<Result<Invitation>> =>
  callProved('POST', '/api/invitations', asked, asInvitation)

/** Change my name, colour or language; the other devices hear of it too. */
export async function saveMe(part: { name?: string; colour?: number; lang?: string }): Promise<Result<Me>> {
  const saved = await call('PATCH', '/api/me', part, readMe)
  if (saved.ok) await renew(saved.value)
  return saved
}

/** Give up my place in a team; its cards leave this device with the next word from the server. */
export async function leaveTeam(person: number, space: number, duties_to: DutiesTo): Promise<Result<null>> {
  const left = await call('DELETE', `/api/persons/${person}/grants/${space}`, { duties_to }, () => null)
  if (left.ok) sendNow()
  return left
}

/** End this session. What waits here stays on this device; a session that has ended already is no hindrance. */
export async function signOut(waiting: number): Promise<Result<null>> {
  const out = await call('POST', '/api/logout', { waiting }, () => null)
  if (!out.ok && out.status !== 401) return out
  await (await import('./push.ts')).endWoken()
  await leave()
  return { ok: true, value: null }
}

/**
 * My account goes in 30 days: every session ends now, and the copy on this device goes. What had not left goes sealed.
 * The name stays in the spaces that are named; open duties go to others at once.
 */
export async function deleteAccount(
  keep_names: readonly number[],
  duties_to: DutiesTo,
): Promise<Result<null>> {
  const done = await callProved('DELETE', '/api/me', { keep_names, duties_to }, () => null)
  if (!done.ok) return done
  await (await import('./push.ts')).endWoken()
  await dropCopy()
  return done
}

/** Why it did not work, in words: the server's, or that there is no network. */
export const whyNot = (failed: { message: string }) => failed.message || t('net.needed')

function asLook(value: unknown): Look {
  const team = part(value, 'team')
  const name = part(value, 'name')
  return {
    team: team === null ? null : asNames(team),
    role: asText(part(value, 'role')),
    name: typeof name === 'string' ? name : null,
    lang: String(part(value, 'lang') ?? ''),
  }
}

function asInvitation(value: unknown): Invitation {
  const svg = part(value, 'svg')
  return {
    url: asText(part(value, 'url')),
    until: asNumber(part(value, 'until')),
    svg: { size: asNumber(part(svg, 'size')), path: asText(part(svg, 'path')) },
  }
}

export function asNames(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) throw new TypeError('no names')
  return Object.fromEntries(Object.entries(value).map(([lang, name]) => [lang, asText(name)]))
}
