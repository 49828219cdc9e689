"""What somebody may write to make a program of ours do something: words for every place, and what to look for after."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator

from sync.kinds import Field

WORDS = {
    "script": "<script>ran()</script>",
    "image": "<img src=x onerror=ran()>",
    "svg": '"><svg onload=ran()>',
    "attribute": "' onmouseover='ran()' autofocus onfocus='ran()' x='",
    "details": "<details open ontoggle=ran()>",
    "frame": '<iframe srcdoc="<script>parent.ran()</script>"></iframe>',
    "style": "</style><style>*{display:none!important}</style>",
    "css": "};*{background:url(//paha.example/x)}",
    "script link": "javascript:ran()",
    "hidden script link": "java\tscript:ran()",
    "data link": "data:text/html,<script>ran()</script>",
    "refresh": '<meta http-equiv=refresh content="0;url=javascript:ran()">',
    "base": "<base href=//paha.example/>",
    "comment": "<!--><img src=x onerror=ran()>-->",
    "closing tags": "</textarea></title></template></dialog><img src=x onerror=ran()>",
    "mutation": "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror=ran()>'>",
    "template": "{{constructor.constructor('ran()')()}} ${ran()} <%= ran() %> #{ran()}",
    "server template": "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "format": "%s%n%x {0.__class__} {name}",
    "formula =": '=HYPERLINK("http://paha.example";"Avaa")',
    "formula +": "+cmd|' /C calc'!A0",
    "formula -": "-2+3+cmd|' /C calc'!A0",
    "formula @": "@SUM(1+1)*cmd|' /C calc'!A0",
    "formula behind a tab": "\t=1+1",
    "formula behind a return": "\r=1+1",
    "formula behind a quote": '"=1+1',
    "wide formula": "\uff1d1+1",
    "another cell": '";"=1+1"\n=1+1;"',
    "another event": "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:b",
    "backwards": "alku \u202egnihtemos \u2066\u202eesrever",
    "no width": "\u200b\u200d\ufeff\u2060",
    "nul": "a\0b",
    "controls": "".join(map(chr, range(1, 32))) + "\x7f\x85\x9b31m",
    "terminal": "\x1b[31m\x1b]0;otsikko\x07",
    "no characters": "\ufffe\uffff\U0010ffff\ue000",
    "tower": "Z" + "\u0301\u0334\u0361\u0489" * 19,
    "one word": "W" * 78,
    "wide letters": "\ufdfd" * 40 + "\U0001242b" * 30,
    "families": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 12,
    "prototype": "__proto__",
    "constructor": "constructor",
    "path": "../../../../etc/passwd",
    "sql": "'; DROP TABLE card; --",
    "quotes": "\"'`\\\u2019\u2028\u2029",
}
TOO_LONG = "x" * 100_000
FORMULA = re.compile(r"^[\s'\"\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
NUMBER = re.compile(r"^[+-]?\d+([.,]\d+)?$")


def fitted(field: Field, word: str) -> object:
    """The word as a value of a field: cut to its longest, filled to its shortest; of a list it is the first part."""
    if field.type == "list":
        return [word[:600].ljust(10, "."), None]
    return word[: field.max or 200].ljust(field.min, ".") if field.type == "str" else word


def faults_in_file(name: str, content: bytes) -> Iterator[str]:
    """What is wrong in something to be taken away: formulas in tables, broken calendars, the same in archives."""
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                if inner.startswith("/") or ".." in inner.split("/"):
                    yield f"{inner} leads out of the archive"
                yield from faults_in_file(inner, archive.read(inner))
    elif name.endswith(".csv"):
        yield from faults_in_table(content.decode("utf-8-sig"))
    elif name.endswith(".ics"):
        yield from faults_in_calendar(content.decode())
    elif name.endswith(".json"):
        json.loads(content)


def faults_in_table(text: str) -> Iterator[str]:
    """Cells that a spreadsheet would take for a formula.

    >>> list(faults_in_table("nimi;luku\\r\\n=1+1;-5\\r\\n'=1+1;2"))
    ['line 2: =1+1']
    """
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=";" if ";" in text else ","), 1):
        for cell in row:
            if FORMULA.search(cell) and not cell.startswith("'") and not NUMBER.match(cell):
                yield f"line {number}: {cell}"


def faults_in_calendar(text: str) -> Iterator[str]:
    """Events that begin or end where no program of ours wrote so: a line of one is folded and escaped.

    >>> list(faults_in_calendar("BEGIN:VCALENDAR\\r\\nBEGIN:VEVENT\\r\\nEND:VEVENT\\r\\nEND:VEVENT\\r\\nEND:VCALENDAR"))
    ['END:VEVENT ends what was not begun']
    """
    opened: list[str] = []
    for line in re.split(r"\r\n|\n|\r", text):
        verb, _, what = line.partition(":")
        if verb == "BEGIN":
            opened.append(what)
        elif verb == "END" and (not opened or opened.pop() != what):
            yield f"{line} ends what was not begun"
            return
