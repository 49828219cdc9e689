// Made by tools/gen_types.py from sync/; edit there, then run `make types`.

import type { Value } from './protocol.ts';

export type { Value };
export type Who = 'author' | 'member' | 'supervisor' | 'agent' | 'dev_lead' | 'commenter' | 'shared' | 'standing' | 'own' | 'poster' | 'owner';
export type Role = 'staff' | 'supervisor' | 'agent' | 'dev_lead' | 'management' | 'hr' | 'employee_rep' | 'admin' | 'owner';
export type Id = string; // a card's 16 bytes as 32 hex characters
export type Law = 'once' | 'latest' | 'first' | 'either' | 'prose' | 'each' | 'tally';
export type FieldType = 'str' | 'int' | 'bool' | 'bytes' | 'list';

export interface Field {
  law: Law;
  type: FieldType;
  by: readonly Who[];
  required: boolean;
  default: Value;
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

/** Something to do between two workshops: for a whole team, alone or as a relay over shifts, or for one person.

    A person's task lies in that person's own space, where nobody else learns how far it is; `to` stands on the giver's
    copy in the giver's own space and says whom it was for, and `team` is there the number of the space itself.
    The baton says where a relay is: at which leg, with whom or for whom (nil: anybody), and after which written leg.
    Whoever takes it second is told, and what they write becomes a side note. */
export interface Task extends Card<'task'> {
  team: number;
  title: string;
  prompt: string;
  why: string;
  due: string | null;
  lang: 'fi' | 'sv' | 'en' | null;
  steps: Readonly<Record<string, string>>;
  relay: boolean;
  baton: readonly [leg: number, state: string, person: string | null, after: Uint8Array | null] | null;
  stage: 'open' | 'closed';
  done: number;
  to: string | null;
  origin: Id | null;
}

/** What one shift adds to a relay: shared with the team from the start. `after` is the leg that it goes on from. */
export interface RelayLeg extends Card<'relay_leg'> {
  on: Id;
  text: string;
  after: Id | null;
  to: string | null;
  photos: Readonly<Record<string, string>>;
  lang: 'fi' | 'sv' | 'en' | null;
}

/** What a person writes for oneself about a task: in the own space, for nobody else to read (H1).

    `on` and `of` are the task and its space; `shared` is the copy that the person has let the group read. */
export interface TaskAnswer extends Card<'task_answer'> {
  on: Id;
  of: number;
  text: string;
  lang: 'fi' | 'sv' | 'en' | null;
  done: boolean;
  ticks: Readonly<Record<string, true>>;
  shared: Id | null;
}

/** A copy of an answer that its writer shows to the group, until the writer takes it back. */
export interface TaskShare extends Card<'task_share'> {
  on: Id;
  text: string;
  lang: 'fi' | 'sv' | 'en' | null;
}

/** A thanks, made once for each receiver: in that person's own space, or in the team's.

    The sender is whoever made it. `origin` names the sender's copy, which lies in the sender's own space and says in
    `to` or `to_team` whom it was for; an answer names in `answers` the copy that it answers. With the sender's wish
    (`wall`) the receiver may put a copy on the wall of a team: it has the `sender`, and in `origin` the card that the
    receiver keeps. Nobody counts these. */
export interface Recognition extends Card<'recognition'> {
  text: string;
  lang: 'fi' | 'sv' | 'en' | null;
  strengths: Readonly<Record<string, true>>;
  relayed: boolean;
  wall: boolean;
  photos: Readonly<Record<string, string>>;
  to: Readonly<Record<string, true>>;
  to_team: number | null;
  origin: Id | null;
  answers: Id | null;
  sender: number | null;
}

/** A card of the deck that a person has chosen for oneself: in the own space, for nobody else to read (H1).

    `place` is where its person has put it, the lowest first. `shared` names the copies by the team that may read them. */
export interface StrengthCard extends Card<'strength_card'> {
  strength: 'knot_untier' | 'calm_bringer' | 'door_opener' | 'sharp_eye' | 'twinkle' | 'finisher' | 'first_to_try' | 'quiet_carrier' | 'word_finder' | 'skilled_hands' | 'asker' | 'rememberer' | 'rhythm_keeper' | 'brave_voice' | 'bridge_builder' | 'teacher_alongside' | 'hope_spotter' | 'everyday_inventor' | 'boundary_keeper' | 'newcomers_ally';
  note: string;
  place: number;
  shared: Readonly<Record<string, string>>;
}

/** A copy of one strength card that its person shows to a team by name, until they take it back. */
export interface SharedStrength extends Card<'shared_strength'> {
  strength: 'knot_untier' | 'calm_bringer' | 'door_opener' | 'sharp_eye' | 'twinkle' | 'finisher' | 'first_to_try' | 'quiet_carrier' | 'word_finder' | 'skilled_hands' | 'asker' | 'rememberer' | 'rhythm_keeper' | 'brave_voice' | 'bridge_builder' | 'teacher_alongside' | 'hope_spotter' | 'everyday_inventor' | 'boundary_keeper' | 'newcomers_ally';
  note: string;
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
  task: Task;
  relay_leg: RelayLeg;
  task_answer: TaskAnswer;
  task_share: TaskShare;
  recognition: Recognition;
  strength_card: StrengthCard;
  shared_strength: SharedStrength;
  person: Person;
  member: Member;
  team: Team;
  goal: Goal;
  mark: Mark;
}
export type KindName = keyof Kinds;

const ONCE: Law = 'once';
const LATEST: Law = 'latest';
const FIRST: Law = 'first';
const EITHER: Law = 'either';
const PROSE: Law = 'prose';
const EACH: Law = 'each';
const TALLY: Law = 'tally';
const STR: FieldType = 'str';
const INT: FieldType = 'int';
const BOOL: FieldType = 'bool';
const BYTES: FieldType = 'bytes';
const LIST: FieldType = 'list';
const MEMBER: readonly Who[] = ['member'];
const AUTHOR_SUPERVISOR_AGENT_DEV_LEAD: readonly Who[] = ['author', 'supervisor', 'agent', 'dev_lead'];
const AUTHOR_SUPERVISOR_AGENT: readonly Who[] = ['author', 'supervisor', 'agent'];
const COMMENTER: readonly Who[] = ['commenter'];
const SUPERVISOR_AGENT_DEV_LEAD_OWNER: readonly Who[] = ['supervisor', 'agent', 'dev_lead', 'owner'];
const AUTHOR_SUPERVISOR_AGENT_DEV_LEAD_OWNER: readonly Who[] = ['author', 'supervisor', 'agent', 'dev_lead', 'owner'];
const AUTHOR: readonly Who[] = ['author'];
const MEMBER_POSTER_OWNER: readonly Who[] = ['member', 'poster', 'owner'];
const AUTHOR_AGENT_OWNER: readonly Who[] = ['author', 'agent', 'owner'];
const SERVER: readonly Who[] = [];
const AUTHOR_SHARED: readonly Who[] = ['author', 'shared'];
const SUPERVISOR_STANDING: readonly Who[] = ['supervisor', 'standing'];
const SUPERVISOR: readonly Who[] = ['supervisor'];
const AUTHOR_SUPERVISOR: readonly Who[] = ['author', 'supervisor'];
const OWN: readonly Who[] = ['own'];
const MEMBER_OWNER: readonly Who[] = ['member', 'owner'];

const field = (
  law: Law,
  type: FieldType,
  by: readonly Who[],
  required = false,
  fallback: Value = null,
): Field => ({ law, type, by, required, default: fallback });

export const KINDS: Readonly<Record<KindName, Kind>> = {
  idea: {
    made_by: MEMBER,
    hidden_by: AUTHOR_SUPERVISOR_AGENT_DEV_LEAD,
    fields: {
      team: field(ONCE, INT, AUTHOR, true),
      title: field(EITHER, STR, AUTHOR_SHARED, true),
      text: field(PROSE, STR, AUTHOR_SHARED, false, ''),
      lang: field(LATEST, STR, AUTHOR),
      stage: field(LATEST, STR, SUPERVISOR_STANDING, false, 'new'),
      size: field(LATEST, STR, SUPERVISOR_STANDING),
      source: field(LATEST, STR, AUTHOR),
      owner: field(LATEST, STR, SUPERVISOR),
      revisit: field(LATEST, STR, SUPERVISOR),
      shared_edit: field(LATEST, BOOL, AUTHOR, false, false),
      reason: field(EITHER, STR, SUPERVISOR),
      reply: field(FIRST, LIST, SUPERVISOR),
      need: field(EACH, BOOL, AUTHOR),
      goals: field(EACH, BOOL, AUTHOR_SUPERVISOR),
      photos: field(EACH, STR, AUTHOR),
      i_help: field(EACH, BOOL, OWN),
      same_here: field(TALLY, INT, COMMENTER, false, 0),
      lets_try: field(TALLY, INT, COMMENTER, false, 0),
      origin: field(ONCE, BYTES, AUTHOR),
      merged_into: field(ONCE, BYTES, SUPERVISOR),
    },
  },
  observation: {
    made_by: MEMBER,
    hidden_by: AUTHOR_SUPERVISOR_AGENT,
    fields: {
      team: field(ONCE, INT, AUTHOR, true),
      text: field(PROSE, STR, AUTHOR, true),
      type: field(LATEST, STR, AUTHOR),
      lang: field(LATEST, STR, AUTHOR),
      goals: field(EACH, BOOL, AUTHOR_SUPERVISOR),
      photos: field(EACH, STR, AUTHOR),
      same_here: field(TALLY, INT, COMMENTER, false, 0),
    },
  },
  comment: {
    made_by: COMMENTER,
    hidden_by: AUTHOR_SUPERVISOR_AGENT_DEV_LEAD,
    hangs_on: 'on',
    fields: {
      on: field(ONCE, BYTES, AUTHOR, true),
      text: field(PROSE, STR, AUTHOR, true),
      type: field(LATEST, STR, AUTHOR),
      lang: field(LATEST, STR, AUTHOR),
    },
  },
  task: {
    made_by: SUPERVISOR_AGENT_DEV_LEAD_OWNER,
    hidden_by: AUTHOR_SUPERVISOR_AGENT_DEV_LEAD_OWNER,
    fields: {
      team: field(ONCE, INT, AUTHOR, true),
      title: field(EITHER, STR, AUTHOR_SUPERVISOR_AGENT_DEV_LEAD, true),
      prompt: field(PROSE, STR, AUTHOR_SUPERVISOR_AGENT_DEV_LEAD, true),
      why: field(PROSE, STR, AUTHOR_SUPERVISOR_AGENT_DEV_LEAD, false, ''),
      due: field(LATEST, STR, AUTHOR_SUPERVISOR_AGENT_DEV_LEAD),
      lang: field(LATEST, STR, AUTHOR_SUPERVISOR_AGENT_DEV_LEAD),
      steps: field(EACH, STR, AUTHOR_SUPERVISOR_AGENT_DEV_LEAD),
      relay: field(ONCE, BOOL, AUTHOR, false, false),
      baton: field(FIRST, LIST, MEMBER),
      stage: field(LATEST, STR, AUTHOR_SUPERVISOR_AGENT_DEV_LEAD, false, 'open'),
      done: field(TALLY, INT, MEMBER_OWNER, false, 0),
      to: field(ONCE, STR, AUTHOR),
      origin: field(ONCE, BYTES, AUTHOR),
    },
  },
  relay_leg: {
    made_by: MEMBER,
    hidden_by: AUTHOR_SUPERVISOR_AGENT_DEV_LEAD,
    hangs_on: 'on',
    fields: {
      on: field(ONCE, BYTES, AUTHOR, true),
      text: field(PROSE, STR, AUTHOR, true),
      after: field(ONCE, BYTES, AUTHOR),
      to: field(ONCE, STR, AUTHOR),
      photos: field(EACH, STR, AUTHOR),
      lang: field(LATEST, STR, AUTHOR),
    },
  },
  task_answer: {
    made_by: AUTHOR,
    hidden_by: AUTHOR,
    fields: {
      on: field(ONCE, BYTES, AUTHOR, true),
      of: field(ONCE, INT, AUTHOR, true),
      text: field(PROSE, STR, AUTHOR, false, ''),
      lang: field(LATEST, STR, AUTHOR),
      done: field(LATEST, BOOL, AUTHOR, false, false),
      ticks: field(EACH, BOOL, AUTHOR),
      shared: field(LATEST, BYTES, AUTHOR),
    },
  },
  task_share: {
    made_by: MEMBER,
    hidden_by: AUTHOR_SUPERVISOR_AGENT_DEV_LEAD,
    hangs_on: 'on',
    fields: {
      on: field(ONCE, BYTES, AUTHOR, true),
      text: field(PROSE, STR, AUTHOR, true),
      lang: field(LATEST, STR, AUTHOR),
    },
  },
  recognition: {
    made_by: MEMBER_POSTER_OWNER,
    hidden_by: AUTHOR_AGENT_OWNER,
    fields: {
      text: field(ONCE, STR, AUTHOR, true),
      lang: field(ONCE, STR, AUTHOR),
      strengths: field(EACH, BOOL, AUTHOR),
      relayed: field(ONCE, BOOL, AUTHOR, false, false),
      wall: field(ONCE, BOOL, AUTHOR, false, false),
      photos: field(EACH, STR, AUTHOR),
      to: field(EACH, BOOL, AUTHOR),
      to_team: field(ONCE, INT, AUTHOR),
      origin: field(ONCE, BYTES, AUTHOR),
      answers: field(ONCE, BYTES, AUTHOR),
      sender: field(ONCE, INT, AUTHOR),
    },
  },
  strength_card: {
    made_by: AUTHOR,
    hidden_by: AUTHOR,
    fields: {
      strength: field(ONCE, STR, AUTHOR, true),
      note: field(PROSE, STR, AUTHOR, false, ''),
      place: field(LATEST, INT, AUTHOR, false, 0),
      shared: field(EACH, STR, AUTHOR),
    },
  },
  shared_strength: {
    made_by: MEMBER,
    hidden_by: AUTHOR_SUPERVISOR_AGENT,
    fields: {
      strength: field(ONCE, STR, AUTHOR, true),
      note: field(PROSE, STR, AUTHOR, false, ''),
    },
  },
  person: {
    made_by: SERVER,
    hidden_by: SERVER,
    fields: {
      name: field(LATEST, STR, SERVER, true),
      colour: field(LATEST, INT, SERVER, false, 1),
      language: field(LATEST, STR, SERVER, false, 'fi'),
      own: field(ONCE, INT, SERVER),
    },
  },
  member: {
    made_by: SERVER,
    hidden_by: SERVER,
    fields: {
      person: field(ONCE, INT, SERVER, true),
      role: field(LATEST, STR, SERVER, true),
    },
  },
  team: {
    made_by: SERVER,
    hidden_by: SERVER,
    fields: {
      space: field(ONCE, INT, SERVER, true),
      names: field(EACH, STR, SERVER),
      area: field(LATEST, INT, SERVER),
      reply_days: field(LATEST, INT, SERVER, false, 7),
      standing_permission: field(LATEST, BOOL, SERVER, false, false),
    },
  },
  goal: {
    made_by: SERVER,
    hidden_by: SERVER,
    fields: {
      key: field(ONCE, STR, SERVER, true),
      names: field(EACH, STR, SERVER),
    },
  },
  mark: {
    made_by: SERVER,
    hidden_by: SERVER,
    fields: {
      on: field(ONCE, BYTES, SERVER, true),
      space: field(ONCE, INT, SERVER, true),
      marks: field(EACH, BOOL, SERVER),
    },
  },
};
