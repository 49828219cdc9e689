// Made by tools/gen_types.py from sync/; edit there, then run `make types`.

import type { Value } from './protocol.ts';

export type { Value };
export type Who = 'author' | 'member' | 'supervisor' | 'agent' | 'dev_lead' | 'commenter' | 'shared' | 'standing' | 'own';
export type Role = 'staff' | 'supervisor' | 'agent' | 'dev_lead' | 'management' | 'hr' | 'employee_rep' | 'admin' | 'owner';
export type Id = string; // a card's 16 bytes as 32 hex characters
export type Law = 'once' | 'latest' | 'first' | 'either' | 'prose' | 'each' | 'tally';
export type FieldType = 'str' | 'int' | 'bool' | 'bytes' | 'list';

export interface Field {
  law: Law;
  type: FieldType;
  by: readonly Who[];
  required?: true;
  min?: number;
  max?: number;
  most?: number;
  options?: readonly string[];
  default?: Value;
}

export interface Kind {
  made_by: readonly Who[];
  hidden_by: readonly Who[];
  hangs_on?: string;
  fields: Readonly<Record<string, Field>>;
}

/** A losing value that waits for a person. */
export interface Fork {
  field: string;
  key: string;
  value: Value;
  by: number | null;
  at: number;
  rest: readonly (readonly [string, Value])[];
}

export interface Card<K extends string = string> {
  kind: K;
  id: Id;
  space: number;
  seq: number;
  by: number | null;
  made: number;
  changed: number;
  raw: Readonly<Record<string, Value>>;
  state: 'here' | 'sending' | 'delivered' | 'attention';
  gone: readonly [reason: string, text: string] | null;
  revived: boolean;
  forks: readonly Fork[];
}

/** Something a person wants changed.

    A supervisor answers it and moves it; a standing permission lets the team start quick deeds. */
export interface Idea extends Card<'idea'> {
  team: number;
  title: string;
  text: string;
  lang: 'fi' | 'sv' | 'en' | null;
  stage: 'new' | 'considering' | 'trying' | 'in_use' | 'not_now' | 'merged';
  size: 'quick' | 'complex' | 'project' | null;
  source: 'coffee_break' | 'shift_handover' | 'client_said' | 'difficult_situation' | 'workshop' | 'campaign' | 'other' | null;
  owner: string | null;
  revisit: string | null;
  shared_edit: boolean;
  reason: string | null;
  reply: readonly [text: string, date: string | null] | null;
  need: Readonly<Record<string, true>>;
  goals: Readonly<Record<string, true>>;
  photos: Readonly<Record<string, string>>;
  i_help: Readonly<Record<string, true>>;
  same_here: number;
  lets_try: number;
  origin: Id | null;
  merged_into: Id | null;
}

/** A small note from the day: what went well, what was hard, what a client said. No answer is promised. */
export interface Observation extends Card<'observation'> {
  team: number;
  text: string;
  type: 'success' | 'snag' | 'client_said' | 'tacit_know_how' | null;
  lang: 'fi' | 'sv' | 'en' | null;
  goals: Readonly<Record<string, true>>;
  photos: Readonly<Record<string, string>>;
  same_here: number;
}

/** What somebody says about a card, oldest first. */
export interface Comment extends Card<'comment'> {
  on: Id;
  text: string;
  type: 'plus' | 'question' | 'suggestion' | 'echo' | null;
  lang: 'fi' | 'sv' | 'en' | null;
}

/** Who somebody is to the others: a name, a colour, a language, and the number of the own space for posting. */
export interface Person extends Card<'person'> {
  name: string;
  colour: number;
  language: 'fi' | 'sv' | 'en';
  own: number | null;
}

/** That a person belongs to a team, and as what. */
export interface Member extends Card<'member'> {
  person: number;
  role: 'staff' | 'supervisor' | 'agent' | 'dev_lead' | 'management' | 'hr' | 'employee_rep' | 'admin' | 'owner';
}

/** A team: its names, its area, how soon it answers and whether it may start quick deeds by itself. */
export interface Team extends Card<'team'> {
  space: number;
  names: Readonly<Record<string, string>>;
  area: number | null;
  reply_days: number;
  standing_permission: boolean;
}

/** A goal that cards can be tagged with. */
export interface Goal extends Card<'goal'> {
  key: string;
  names: Readonly<Record<string, string>>;
}

/** In the own space: which marks this person has given to a card, so that all own devices know. */
export interface Mark extends Card<'mark'> {
  on: Id;
  space: number;
  marks: Readonly<Record<string, true>>;
}

export interface Kinds {
  idea: Idea;
  observation: Observation;
  comment: Comment;
  person: Person;
  member: Member;
  team: Team;
  goal: Goal;
  mark: Mark;
}
export type KindName = keyof Kinds;

export const KINDS: Readonly<Record<KindName, Kind>> = {
  idea: {
    made_by: ['member'],
    hidden_by: ['author', 'supervisor', 'agent', 'dev_lead'],
    fields: {
      team: { law: 'once', type: 'int', by: ['author'], required: true },
      title: { law: 'either', type: 'str', by: ['author', 'shared'], required: true, min: 1, max: 80 },
      text: { law: 'prose', type: 'str', by: ['author', 'shared'], max: 1000, default: '' },
      lang: { law: 'latest', type: 'str', by: ['author'], options: ['fi', 'sv', 'en'] },
      stage: { law: 'latest', type: 'str', by: ['supervisor', 'standing'], options: ['new', 'considering', 'trying', 'in_use', 'not_now', 'merged'], default: 'new' },
      size: { law: 'latest', type: 'str', by: ['supervisor', 'standing'], options: ['quick', 'complex', 'project'] },
      source: { law: 'latest', type: 'str', by: ['author'], options: ['coffee_break', 'shift_handover', 'client_said', 'difficult_situation', 'workshop', 'campaign', 'other'] },
      owner: { law: 'latest', type: 'str', by: ['supervisor'], max: 80 },
      revisit: { law: 'latest', type: 'str', by: ['supervisor'], max: 10 },
      shared_edit: { law: 'latest', type: 'bool', by: ['author'], default: false },
      reason: { law: 'either', type: 'str', by: ['supervisor'], min: 10, max: 500 },
      reply: { law: 'first', type: 'list', by: ['supervisor'] },
      need: { law: 'each', type: 'bool', by: ['author'] },
      goals: { law: 'each', type: 'bool', by: ['author', 'supervisor'], most: 3 },
      photos: { law: 'each', type: 'str', by: ['author'], most: 3 },
      i_help: { law: 'each', type: 'bool', by: ['own'] },
      same_here: { law: 'tally', type: 'int', by: ['commenter'], default: 0 },
      lets_try: { law: 'tally', type: 'int', by: ['commenter'], default: 0 },
      origin: { law: 'once', type: 'bytes', by: ['author'] },
      merged_into: { law: 'once', type: 'bytes', by: ['supervisor'] },
    },
  },
  observation: {
    made_by: ['member'],
    hidden_by: ['author', 'supervisor', 'agent'],
    fields: {
      team: { law: 'once', type: 'int', by: ['author'], required: true },
      text: { law: 'prose', type: 'str', by: ['author'], required: true, min: 1, max: 500 },
      type: { law: 'latest', type: 'str', by: ['author'], options: ['success', 'snag', 'client_said', 'tacit_know_how'] },
      lang: { law: 'latest', type: 'str', by: ['author'], options: ['fi', 'sv', 'en'] },
      goals: { law: 'each', type: 'bool', by: ['author', 'supervisor'], most: 3 },
      photos: { law: 'each', type: 'str', by: ['author'], most: 3 },
      same_here: { law: 'tally', type: 'int', by: ['commenter'], default: 0 },
    },
  },
  comment: {
    made_by: ['commenter'],
    hidden_by: ['author', 'supervisor', 'agent', 'dev_lead'],
    hangs_on: 'on',
    fields: {
      on: { law: 'once', type: 'bytes', by: ['author'], required: true },
      text: { law: 'prose', type: 'str', by: ['author'], required: true, min: 1, max: 500 },
      type: { law: 'latest', type: 'str', by: ['author'], options: ['plus', 'question', 'suggestion', 'echo'] },
      lang: { law: 'latest', type: 'str', by: ['author'], options: ['fi', 'sv', 'en'] },
    },
  },
  person: {
    made_by: [],
    hidden_by: [],
    fields: {
      name: { law: 'latest', type: 'str', by: [], required: true, max: 80 },
      colour: { law: 'latest', type: 'int', by: [], default: 1 },
      language: { law: 'latest', type: 'str', by: [], options: ['fi', 'sv', 'en'], default: 'fi' },
      own: { law: 'once', type: 'int', by: [] },
    },
  },
  member: {
    made_by: [],
    hidden_by: [],
    fields: {
      person: { law: 'once', type: 'int', by: [], required: true },
      role: { law: 'latest', type: 'str', by: [], required: true, options: ['staff', 'supervisor', 'agent', 'dev_lead', 'management', 'hr', 'employee_rep', 'admin', 'owner'] },
    },
  },
  team: {
    made_by: [],
    hidden_by: [],
    fields: {
      space: { law: 'once', type: 'int', by: [], required: true },
      names: { law: 'each', type: 'str', by: [] },
      area: { law: 'latest', type: 'int', by: [] },
      reply_days: { law: 'latest', type: 'int', by: [], default: 7 },
      standing_permission: { law: 'latest', type: 'bool', by: [], default: false },
    },
  },
  goal: {
    made_by: [],
    hidden_by: [],
    fields: {
      key: { law: 'once', type: 'str', by: [], required: true, max: 64 },
      names: { law: 'each', type: 'str', by: [] },
    },
  },
  mark: {
    made_by: [],
    hidden_by: [],
    fields: {
      on: { law: 'once', type: 'bytes', by: [], required: true },
      space: { law: 'once', type: 'int', by: [], required: true },
      marks: { law: 'each', type: 'bool', by: [] },
    },
  },
};
