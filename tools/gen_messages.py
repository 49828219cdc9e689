"""Writes web/src/gen/messages*.ts from locale/*.po; `--check` finds what is missing, empty, unused or stale.

A key counts as used when it stands in the sources as a whole string, or when a string that goes on with a
value (`stage.${x}`, f"error.{code}") begins it. Keys that only the server uses are not sent to browsers.
"""

import json
import re
import sys
from collections.abc import Collection
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from server.t import LANGS, catalogue  # noqa: E402 - found only after the line above

GEN = ROOT / "web" / "src" / "gen"
WHOLE = re.compile(r"""(['"`])([a-z0-9_.]+)\1""")
START = re.compile(r"""['"`]((?:[a-z0-9_]+\.)+)(?:\$?\{|['"`])""")
CALL = re.compile(r"""\bt\(\s*(?:(?:[\w.]+|"\w\w"|\w+\([^()]*\)),\s*)?(['"])([a-z0-9_.]+)\1(?!,\s*f?['"])""")
IMPORT = re.compile(r"""^(?:import|export)\s(?!type\b)[^;'"]*?['"](\.[^'"]+)['"]""", re.M)
NOTE = "// Generated from locale/*.po by `make types`; not edited by hand.\n"


def main(is_check: bool) -> int:
    """Write, or with `--check` only compare; says what is wrong, one line each, and returns how it went."""
    words = {lang: catalogue(lang) for lang in LANGS}
    files = generated(words)
    if not is_check:
        GEN.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
    wrong = [*catalogue_faults(words), *use_faults(set(words["fi"])), *stale(files)]
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong and is_check else 0


def catalogue_faults(words: dict[str, dict[str, str]]) -> list[str]:
    """Keys that a language lacks, has twice or leaves empty, and parameters that differ between languages."""
    faults = []
    for lang in LANGS:
        source = (ROOT / "locale" / f"{lang}.po").read_text(encoding="utf-8")
        keys = re.findall(r'^msgid "(.+)"$', source, re.M)
        faults += [f"{lang}: {key} is there twice" for key in sorted({k for k in keys if keys.count(k) > 1})]
        faults += [f"{lang}: {key} is missing" for key in sorted(words["fi"].keys() - words[lang].keys())]
        faults += [f"fi: {key} is missing" for key in sorted(words[lang].keys() - words["fi"].keys())]
        faults += [f"{lang}: {key} is empty" for key, text in words[lang].items() if not text]
        for key, text in words[lang].items():
            if not key.endswith(".one") and params(text) != params(words["fi"].get(key, "")):
                faults.append(f"{lang}: {key} has other parameters than Finnish")
            if "{count}" in text and base(key, words[lang]) == key:
                faults.append(f"{lang}: {key} counts and needs {key}.one and {key}.other")
    return faults


def use_faults(keys: set[str]) -> list[str]:
    """Keys that code asks for and no catalogue has, and keys that nothing asks for."""
    wanted = {m[2] for text in sources("web", "server", "sync") for m in CALL.finditer(text)}
    used = used_keys(keys, "web", "server", "sync")
    known = {base(key, keys) for key in keys}
    return [
        *(f"{key} is used and in no catalogue" for key in sorted(wanted - known)),
        *(f"{key} is in the catalogues and nowhere used" for key in sorted(keys - used)),
    ]


def used_keys(keys: set[str], *sides: str) -> set[str]:
    """Those of `keys` that the sources of these sides name."""
    return named_in(keys, sources(*sides))


def named_in(keys: set[str], texts: list[str]) -> set[str]:
    """Those of `keys` that the texts name, whole or by how they begin."""
    found = {m[2] for text in texts for m in WHOLE.finditer(text)}
    starts = tuple({m[1] for text in texts for m in START.finditer(text)})
    return {key for key in keys if key in found or base(key, keys) in found or key.startswith(starts)}


def base(key: str, keys: Collection[str]) -> str:
    """The key as code writes it: without its plural form, if it has both forms."""
    stem = re.sub(r"\.(one|other)$", "", key)
    return stem if f"{stem}.one" in keys and f"{stem}.other" in keys else key


def sources(*sides: str) -> list[str]:
    """The texts of every source file of these sides, generated ones left out."""
    folders = {"web": ROOT / "web" / "src", "server": ROOT / "server", "sync": ROOT / "sync"}
    paths = [p for side in sides for p in sorted(folders[side].rglob("*"))]
    wanted = [p for p in paths if p.suffix in (".ts", ".tsx", ".py", ".html") and p.parent != GEN]
    return [path.read_text(encoding="utf-8") for path in wanted]


def first_sources() -> list[str]:
    """The texts of what the first screen loads: main.tsx and all that it imports at once, not when it is needed."""
    texts: dict[Path, str] = {}
    paths = [ROOT / "web" / "src" / "main.tsx"]
    while paths:
        path = paths.pop()
        if path in texts or path.parent == GEN:
            continue
        texts[path] = path.read_text(encoding="utf-8")
        paths += [(path.parent / name).resolve() for name in IMPORT.findall(texts[path])]
    return list(texts.values())


def generated(words: dict[str, dict[str, str]]) -> dict[Path, str]:
    """Path → text of the key table and of one module for each language."""
    keys = set(words["fi"])
    only_server = used_keys(keys, "server") - used_keys(keys, "web")
    shown = sorted(keys - only_server - worker_keys(keys))
    named = [(base(key, keys), params_type(words["fi"][key])) for key in shown]
    rows = {name: f"  '{name}': {wanted}\n" for name, wanted in named}
    fields = "".join(rows.values())
    table = f"{NOTE}export interface Messages {{\n{fields}}}\nexport type MessageKey = keyof Messages\n"
    at_once = named_in(keys, first_sources())
    first = [key for key in shown if key in at_once]
    later = [key for key in shown if key not in at_once]
    modules = {GEN / f"messages.{lang}.ts": module(first, words[lang]) for lang in LANGS}
    modules |= {GEN / f"messages.later.{lang}.ts": module(later, words[lang]) for lang in LANGS}
    return {GEN / "messages.ts": table, **modules, GEN / "messages.worker.ts": worker(words)}


def worker_keys(keys: set[str]) -> set[str]:
    """What the service worker says: it carries these words itself, in all languages, as no page may be open."""
    return {key for key in keys if key.startswith("worker.")}


def worker(words: dict[str, dict[str, str]]) -> str:
    """The module of those."""
    said = {
        lang: {key: words[lang].get(key, "") for key in sorted(worker_keys(set(words["fi"])))}
        for lang in LANGS
    }
    text = json.dumps(said, ensure_ascii=False, indent=2)
    return f"{NOTE}export const words: Readonly<Record<string, Readonly<Record<string, string>>>> = {text}\n"


def module(keys: list[str], words: dict[str, str]) -> str:
    """One language as a module of its own, loaded when it is chosen."""
    text = json.dumps({key: words.get(key, "") for key in keys}, ensure_ascii=False, indent=2)
    return f"{NOTE}export const messages: Readonly<Record<string, string>> = {text}\n"


def params_type(text: str) -> str:
    """The TypeScript type of what a text wants filled in."""
    fields = "; ".join(
        f"{name}: {'number' if name == 'count' else 'string | number'}" for name in params(text)
    )
    return f"{{ {fields} }}" if fields else "null"


def params(text: str) -> list[str]:
    """The {names} of a text, each once."""
    return sorted(set(re.findall(r"\{(\w+)\}", text)))


def stale(files: dict[Path, str]) -> list[str]:
    """Files that don't hold what would be written now."""
    differs = [p for p, text in files.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    return [f"{path.relative_to(ROOT)} is stale: make types" for path in differs]


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
