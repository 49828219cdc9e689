"""The message catalogue: outcomes become words here and nowhere else."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LANGS = ("fi", "sv", "en")
FOLDER = Path(__file__).parent.parent / "locale"


def t(lang: str, key: str, params: Mapping[str, str | int] | None = None) -> str:
    """The words of a key with its {names} filled in; `count` chooses between `key.one` and `key.other`.

    An unknown language speaks Finnish; an unknown key says itself (`make check` knows every key).

    >>> t("sv", "stage.trying")
    'Vi provar'
    """
    words = catalogue(lang if lang in LANGS else LANGS[0])
    given = params or {}
    if "count" in given:
        key = f"{key}.one" if given["count"] == 1 else f"{key}.other"
    return re.sub(r"\{(\w+)\}", lambda m: str(given.get(m[1], m[0])), words.get(key, key))


def choose(accept_language: str) -> str:
    """The first of our languages that an Accept-Language header names; Finnish if none.

    >>> choose("nb, sv-FI;q=0.9, en;q=0.8")
    'sv'
    """
    wanted = [part.split(";")[0].strip().lower()[:2] for part in accept_language.split(",")]
    return next((lang for lang in wanted if lang in LANGS), LANGS[0])


@cache
def catalogue(lang: str) -> dict[str, str]:
    """key → words of one language, read from its file once."""
    with (FOLDER / f"{lang}.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale=lang) if m.id}
