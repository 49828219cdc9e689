import type { Recognition } from '../replica.ts'

/** What a new thanks begins from: a received one that is answered, or one that is passed on. */
export interface Giving {
  answers?: Recognition
  onward?: Recognition
}

/** Apart for an answer and for passing on: what is half written in one must never stand in the other (H9). */
export const keyOf = ({ answers, onward }: Giving): string =>
  answers ? `a:${answers.id}` : onward ? `o:${onward.id}` : ''
