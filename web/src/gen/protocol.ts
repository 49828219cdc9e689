// Made by tools/gen_types.py from sync/; edit there, then run `make types`.

export const PROTOCOL = 1;
export const MAX_CHANGES = 500;
export const MAX_FIELDS = 64;
export const MAX_MEMBERS = 500;
export const MAX_MESSAGE_BYTES = 1_000_000;
export const MAX_CLOCK_AHEAD_MS = 60_000;

export type Value = null | boolean | number | string | Uint8Array | readonly Value[];
export type Touched = Readonly<Record<string, readonly [was: Value, now: Value]>>;
export type Change = readonly [
  id: Uint8Array,
  space: number,
  card: Uint8Array,
  kind: string,
  at: number,
  base: number,
  set: Touched,
];
export type Sync = readonly [
  version: number,
  epoch: Uint8Array | null,
  grants: number,
  cursors: ReadonlyMap<number, number>,
  changes: readonly Change[],
  sent: number,
];
export type Detail = { readonly fields?: readonly string[]; readonly reason?: string; readonly field?: string };
export type Verdict = readonly [id: Uint8Array, code: number, seq: number, detail: Detail | null];
export type Grant = readonly [space: number, role: string, kind: string, name: string];
export type Grants = readonly [version: number, spaces: readonly Grant[]];
export type Row = readonly [
  card: Uint8Array,
  kind: string,
  seq: number,
  by: number | null,
  made: number,
  fields: Readonly<Record<string, Value>>,
];
export type Frame = readonly [
  space: number,
  since: number,
  upto: number,
  rows: readonly Row[],
  count: number,
  sum: number,
];
export type Synced = readonly [
  epoch: Uint8Array,
  now: number,
  sent: number,
  grants: Grants | null,
  verdicts: readonly Verdict[],
  frames: readonly Frame[],
  behind: readonly number[],
  stable: ReadonlyMap<number, number>,
];

export const Code = {
  DONE: 0,
  MERGED: 1,
  FORKED: 2,
  STALE: 3,
  KEPT: 4,
  REFUSED: 5,
  HELD: 6,
} as const;
export type Code = (typeof Code)[keyof typeof Code];

export const REASONS = ['no_grant', 'not_yours', 'over_limit', 'wrong_type', 'once', 'system_field', 'gone', 'client_data', 'reason_required', 'reply_incomplete', 'unknown_option', 'no_room', 'receiver_left', 'too_many', 'unknown_kind', 'unknown_field', 'no_card', 'undecodable', 'id_reused', 'grant_revoked', 'author_revoked', 'internal'] as const;
export type Reason = (typeof REASONS)[number];
export const HELD: readonly Reason[] = ['author_revoked', 'grant_revoked', 'id_reused', 'internal', 'no_card', 'undecodable', 'unknown_field', 'unknown_kind'];
