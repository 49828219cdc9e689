/** Giving thanks, and what a receiver does with one. Each resolves when it survives a crash on this device. */

import type { Clock } from './clock.ts'
import type { Fields, Id, Touched } from './codec.ts'
import { fromHex } from './codec.ts'
import type { Author, NewPhoto } from './intents.ts'
import { author, withdrawing } from './intents.ts'
import type { Draft } from './outbox.ts'
import { commit } from './outbox.ts'
import type { Card, Recognition } from './replica.ts'
import { cards } from './replica.ts'
import { grants } from './session.ts'
import { sha256 } from './vault.ts'

export interface NewThanks {
  /** Persons who receive it, by number; or a team, by its space. */
  to: readonly number[]
  team: number | null
  text: string
  lang: string
  strengths: readonly string[]
  relayed: boolean
  /** The sender's wish: the receiver may put it on the wall. */
  wall: boolean
  photos: readonly NewPhoto[]
  /** The sender's copy of the thanks that this answers. */
  answers: Id | null
}

const COPIED = /^(text|lang|relayed|(strengths|photos)\/.+)$/

/** The space of my own, where lies what I have received and sent; 0 where there is none. */
export const ownSpace = (): number => grants.value.find(({ kind }) => kind === 'own')?.space ?? 0

/** One card into each receiver's own space or the team's, and a copy into mine, all in one transaction. */
export async function thank(given: NewThanks, clock: Clock, by: Author = author()): Promise<void> {
  const { team } = given
  const photos = await Promise.all(
    given.photos.map(async ({ bytes, alt }) => ({ sha: await sha256(bytes), bytes, alt })),
  )
  const words: Fields = {
    text: given.text.normalize('NFC'),
    lang: given.lang,
    ...Object.fromEntries(given.strengths.map((key) => [`strengths/${key}`, true])),
    ...Object.fromEntries(photos.map(({ sha, alt }) => [`photos/${sha}`, alt.normalize('NFC')])),
    ...(given.relayed ? { relayed: true } : {}),
    ...(given.wall ? { wall: true } : {}),
    ...(given.answers ? { answers: fromHex(given.answers) } : {}),
  }
  const copy = clock.cardId()
  const places = team === null ? given.to.flatMap(ownOf) : [team]
  const drafts = places.map((space) => made(space, clock.cardId(), { ...words, origin: fromHex(copy) }))
  const to = Object.fromEntries(given.to.map((number) => [`to/${number}`, true]))
  drafts.push(made(ownSpace(), copy, { ...words, ...(team === null ? to : { to_team: team }) }))
  await commit(by, drafts, photos)
}

/** The receiver agrees too: a copy for the team to read, under both names. */
export async function putOnWall(thanks: Recognition, team: number, clock: Clock, by = author()) {
  const said = Object.entries(thanks.raw).filter(([name, value]) => COPIED.test(name) && value !== null)
  const from: Fields = { sender: thanks.by, origin: fromHex(thanks.id) }
  await commit(by, [made(team, clock.cardId(), { ...Object.fromEntries(said), ...from })])
}

/** The copies of a thanks that I have put on a wall: one, unless two of my devices did it apart. */
export const onWall = (thanks: Recognition, person: number): readonly Recognition[] =>
  cards('recognition').value.filter(
    (one) => one.by === person && one.sender !== null && one.origin === thanks.id,
  )

/** Take these away: what I have received, or what I have put on a wall. */
export async function takeAway(away: readonly Card[], by: Author = author()): Promise<void> {
  await commit(by, away.map(withdrawing))
}

/** The own space of a person that this device knows of, for posting into. */
export const ownOf = (number: number): readonly number[] => {
  const own = cards('person').value.find((one) => numberOf(one) === number)?.own
  return own ? [own] : []
}

/** The number of the person whom a `person` card is about: it stands in the card's id. */
export const numberOf = ({ id }: Card): number => Number.parseInt(id.slice(16), 16)

function made(space: number, card: Id, fields: Fields): Draft {
  const set: Touched = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, [null, value] as const]),
  )
  return { space, card, kind: 'recognition', set }
}
