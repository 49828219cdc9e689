"""Writes web/src/gen/{protocol,cards}.ts and docs/kinds.md from the structs of sync/; run by `make types`.

With --check it writes nothing and fails if a file is out of date.
"""

import json
import sys
from pathlib import Path

from sync import PROTOCOL, protocol
from sync.cards import KINDS
from sync.kinds import Field, Kind, LawName, Role, Who
from sync.protocol import HELD, Code, Refusal

ROOT = Path(__file__).parent.parent
HEAD = "// Made by tools/gen_types.py from sync/; edit there, then run `make types`.\n\n"
TYPES = {"str": "string", "int": "number", "bool": "boolean", "bytes": "Id", "list": "readonly Value[]"}
LIMITS = ("MAX_CHANGES", "MAX_FIELDS", "MAX_MEMBERS", "MAX_MESSAGE_BYTES", "MAX_CLOCK_AHEAD_MS")

MESSAGES = """export type Value = null | boolean | number | string | Uint8Array | readonly Value[];
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
"""

BASE = """export type Id = string; // a card's 16 bytes as 32 hex characters
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
"""

FIELD = """const field = (
  law: Law,
  type: FieldType,
  by: readonly Who[],
  required = false,
  fallback: Value = null,
): Field => ({ law, type, by, required, default: fallback });
"""


def main() -> int:
    """Write or check every generated file."""
    made = {
        ROOT / "web/src/gen/protocol.ts": protocol_ts(),
        ROOT / "web/src/gen/cards.ts": cards_ts(),
        ROOT / "docs/kinds.md": kinds_md(),
    }
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date: run `make types`")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[path])
    return 0


def protocol_ts() -> str:
    """Messages, codes, reasons and limits."""
    codes = "".join(f"  {c.name}: {c.value},\n" for c in Code)
    limits = "".join(f"export const {name} = {_number(getattr(protocol, name))};\n" for name in LIMITS)
    return (
        f"{HEAD}export const PROTOCOL = {PROTOCOL};\n{limits}\n{MESSAGES}\n"
        f"export const Code = {{\n{codes}}} as const;\n"
        f"export type Code = (typeof Code)[keyof typeof Code];\n\n"
        f"export const REASONS = {_list(r.value for r in Refusal)} as const;\n"
        "export type Reason = (typeof REASONS)[number];\n"
        f"export const HELD: readonly Reason[] = {_list(sorted(r.value for r in HELD))};\n"
    )


def cards_ts() -> str:
    """The view types of every kind, and the table of laws, limits and rights."""
    whos = " | ".join(f"'{w.name.lower()}'" for w in Who if w.name)
    roles = " | ".join(f"'{r.value}'" for r in Role)
    views = "\n".join(_view(kind) for kind in KINDS.values())
    names = "".join(f"  {k.name}: {_type_name(k)};\n" for k in KINDS.values())
    table = "".join(_kind_row(kind) for kind in KINDS.values())
    return (
        f"{HEAD}import type {{ Value }} from './protocol.ts';\n\nexport type {{ Value }};\n"
        f"export type Who = {whos};\nexport type Role = {roles};\n{BASE}\n{views}\n"
        f"export interface Kinds {{\n{names}}}\nexport type KindName = keyof Kinds;\n\n"
        f"{_who_lists()}\n{FIELD}\n"
        f"export const KINDS: Readonly<Record<KindName, Kind>> = {{\n{table}}};\n"
    )


def kinds_md() -> str:
    """The same for people."""
    parts = ["# Card kinds\n\nMade by `make types` from `sync/cards.py`.\n"]
    for kind in KINDS.values():
        most = f" At most {kind.most} in a space, of those that the writer has seen." if kind.most else ""
        rights = f"Made by {_who(kind.made_by)}; hidden by {_who(kind.hidden_by)}.{most}"
        parts.append(f"\n## {kind.name}\n\n{kind.doc}\n\n{rights}\n")
        parts.append("\n| field | law | type | limits | written by |\n| --- | --- | --- | --- | --- |\n")
        parts += [_md_row(f) for f in kind.fields.values()]
    return "".join(parts)


def _md_row(f: Field) -> str:
    limits = [f"{f.min or 0}–{f.max} characters"] if f.max else []
    limits += [", ".join(f.options)] if f.options else []
    limits += ["required"] if f.required else []
    limits += (
        [f"at most {f.law.most} in one change"] if f.member and f.law.most < protocol.MAX_MEMBERS else []
    )
    return f"| `{f.name}` | {f.law.name.value} | {f.type} | {'; '.join(limits)} | {_who(f.law.by)} |\n"


def _who(by: Who) -> str:
    return ", ".join(w.name.lower().replace("_", " ") for w in by if w.name) or "the server"


def _type_name(kind: Kind) -> str:
    return kind.struct.__name__


def _view(kind: Kind) -> str:
    rows = "".join(f"  {f.name}: {_view_type(f)};\n" for f in kind.fields.values())
    return (
        f"/** {kind.doc} */\nexport interface {_type_name(kind)} extends Card<'{kind.name}'> {{\n{rows}}}\n"
    )


def _view_type(f: Field) -> str:
    base = " | ".join(f"'{o}'" for o in f.options) if f.options else TYPES[f.type]
    if f.member:
        return f"Readonly<Record<string, {'true' if f.type == 'bool' else base}>>"
    if f.name == "baton":
        return "readonly [leg: number, state: string, person: string | null, after: Uint8Array | null] | null"
    if f.name == "reply":
        return "readonly [text: string, date: string | null] | null"
    return base if f.required or f.default is not None else f"{base} | null"


def _who_lists() -> str:
    """Each law, type and list of writers once, as a constant: minified, the table is half as long for it."""
    laws = "".join(f"const {law.name}: Law = '{law}';\n" for law in LawName)
    types = "".join(f"const {type_.upper()}: FieldType = '{type_}';\n" for type_ in TYPES)
    lists = {by: f"const {_by(by)}: readonly Who[] = {_whos(by)};\n" for by in _all_who()}
    return laws + types + "".join(lists.values())


def _all_who() -> list[Who]:
    kinds = KINDS.values()
    return [
        *(by for kind in kinds for by in (kind.made_by, kind.hidden_by)),
        *(field.law.by for kind in kinds for field in kind.fields.values()),
    ]


def _by(by: Who) -> str:
    return "_".join(w.name for w in by if w.name) or "SERVER"


def _kind_row(kind: Kind) -> str:
    rows = "".join(f"      {f.name}: {_field_row(f)},\n" for f in kind.fields.values())
    hangs = f"    hangs_on: '{kind.hangs_on}',\n" if kind.hangs_on else ""
    return (
        f"  {kind.name}: {{\n    made_by: {_by(kind.made_by)},\n    hidden_by: {_by(kind.hidden_by)},\n"
        f"{hangs}    fields: {{\n{rows}    }},\n  }},\n"
    )


def _field_row(f: Field) -> str:
    more = [_literal(f.required)] if f.required or _has_default(f) else []
    more += [_literal(f.default)] if _has_default(f) else []
    parts = [f.law.name.upper(), f.type.upper(), _by(f.law.by), *more]
    return f"field({', '.join(parts)})"


def _has_default(f: Field) -> bool:
    return f.default is not None and not f.member


def _whos(by: Who) -> str:
    return _list(w.name.lower() for w in by if w.name)


def _list(items: object) -> str:
    return "[" + ", ".join(f"'{i}'" for i in items) + "]"  # type: ignore[attr-defined]  # any iterable of strings


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)


def _number(value: int) -> str:
    return f"{value:_}"


if __name__ == "__main__":
    sys.exit(main())
