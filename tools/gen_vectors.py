"""Write tests/vectors/*.msgpack: cases that Python and TypeScript must read and write alike.

Each file but pins is an array of [name, why, bytes, plain, canonical]. `bytes` decode to `plain`: a value, or
a message as the array of its known elements. Where `canonical` is true, `plain` encodes to exactly `bytes`; where it is
false the bytes are another way to write it, as other or newer programs may; where it is nil they must be refused, and
plain is nil too. `pins` are [PIN, why it is refused, or nil] (D-53 of docs/devices.md).

    python tools/gen_vectors.py           writes the files
    python tools/gen_vectors.py --check   says which are stale, with exit code 1
"""

import random
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from sync.protocol import MAX_INT, Code, Refusal, encode  # noqa: E402  # found once the root is known

FOLDER = ROOT / "tests" / "vectors"
Case = tuple[str, str, bytes, object, bool | None]

WIDTHS = [0, 2**5, 2**7, 2**8, 2**15, 2**16, 2**31, 2**32, 2**52]
LENGTHS = [0, 1, 15, 16, 17, 31, 32, 33, 255, 256, 257, 65_535, 65_536]
LETTERS = {"ascii": "a", "finnish": "ä", "swedish": "å", "han": "漢", "emoji": "👍"}
TEXTS = [
    "Ostetaan uusi lamppu käytävään.",
    "Ääkköset: åäöÅÄÖ šž",
    "a\u0308 ja ä eivät ole samat",
    "👍🏽 👩‍⚕️ 🇫🇮",
    "\ufeffalussa merkki",
    "rivi\nrivi\r\n\tsarkain",
    "nolla \0 keskellä",
    'lainaus " ja \\ kenoviiva',
    "\u202eoikealta",
    "\uffff ja \U0010ffff",
    "Jag föreslår en ny lampa",
    " ",
    "__proto__",
    "constructor",
]
STRANGERS = [1.5, {"a": {"b": [None]}}, b"\0" * 300, "uutta", [[[]]], -(2**40)]
REFUSED_PINS = {
    "length": " 1 12345 1234567890123 12345a 12_456 ١٢٣٤٥٦",
    "repeated": "000000 111111 7777777 999999999999 121212 696969 123123 987987 12341234 010101 007007",
    "run": "123456 234567 456789 890123 7890123 654321 321098 987654 9876543210 0123456789 2109876",
    "keypad": "147258 369258 741852 159357 357951 147258369 789456 123789 123654 159951 25800852 963741852",
    "date": "010190 311299 290200 991231 000229 240675 750624 24061975 19750624 311225",
    "common": "001122 010203 102030 102938 1029384756 110120 112211 112233 11223344 1122334455 112358 113355 "
    "121314 12344321 123454321 123698 131415 134679 135246 135790 135791 1357924680 142536 147896 "
    "147896325 152535 192837 201314 202122 203040 221122 246800 246810 2468013579 271828 314159 "
    "31415926 332211 123401 445566 520131 5201314 556677 667788 778899 789632145 998877 111222 "
    "123000 100000",
}
GOOD_PINS = "739204 584917 94038271 3607915824 705913 862047 4918306 518293047615"
NAMES = ["title", "text", "stage", "need/client", "goals/" + "ab" * 16, "photos/" + "0f" * 32, "i_help/17"]
KINDS = ["idea", "observation", "comment", "uusi_laji"]


def main() -> int:
    """Write the files, or compare them."""
    checking = "--check" in sys.argv[1:]
    made = {"values": values, "changes": changes, "syncs": syncs, "frames": frames, "replies": replies}
    made["pins"] = pins
    stale = [
        path for name, cases in made.items() if _put(path := FOLDER / f"{name}.msgpack", cases, checking)
    ]
    for path in stale if checking else []:
        print(f"{path.relative_to(ROOT)} is stale: run `make types`")
    return int(bool(stale) and checking)


def _put(path: Path, cases: object, checking: bool) -> bool:
    listed = list(cases(random.Random(path.stem)))  # type: ignore[operator]  # one of the functions below
    assert len({case[0] for case in listed}) == len(listed), f"two cases of one name in {path.name}"
    written = encode(listed)
    is_stale = not path.exists() or path.read_bytes() != written
    if is_stale and not checking:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written)
    return is_stale


def pins(chance: random.Random) -> Iterator[tuple[str, str | None]]:
    """PIN codes that are refused and why, those that people choose most, and some that may be used."""
    for fault, codes in REFUSED_PINS.items():
        yield from ((pin, fault) for pin in codes.split(" "))
    yield from ((pin, None) for pin in GOOD_PINS.split())


def values(chance: random.Random) -> Iterator[Case]:
    """Values that a field may hold, in their shortest form and in others, and bytes that are none."""
    for value in (None, True, False):
        yield _same(f"{value}", "a plain value", value)
    numbers = {sign * w + d for w in WIDTHS for d in (-2, -1, 0, 1) for sign in (1, -1)} | {MAX_INT, -MAX_INT}
    for number in sorted(n for n in numbers if abs(n) <= MAX_INT):
        yield _same(f"int {number}", "a border of a width", number)
        yield from _wider(number)
    for length in LENGTHS:
        for script, letter in LETTERS.items():
            if length <= 300 or script == "ascii":
                yield _same(f"{length} {script} letters", "a border of a length", letter * length)
        yield _same(f"{length} bytes", "a border of a length", bytes(k % 256 for k in range(length)))
        if length <= 300:
            yield _same(f"array of {length}", "a border of a length", [k % 7 or None for k in range(length)])
            yield from _longer(length)
    for k, text in enumerate(TEXTS):
        yield _same(f"text {k}", "a text with something special", text)
    for depth in (1, 2, 8, 20):
        yield _same(f"depth {depth}", "arrays in arrays", _nested(depth))
    for k in range(40):
        yield _same(f"mixed {k}", "values as they come", _value(chance, 3))
    yield from _refused(values_that_are_none())


def values_that_are_none() -> dict[str, bytes]:
    """Bytes that hold no value, or more than one."""
    whole = encode(["Ääkköset", 2**40, b"123", [None, True]])
    cut = {f"cut after {k} bytes": whole[:k] for k in range(len(whole))}
    texts = [
        b"\xff",
        b"\xc3",
        b"\xc3\x28",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xf0\x9f\x91",
    ]
    broken = {f"text {text.hex()}": bytes([0xA0 | len(text)]) + text for text in texts}
    return {**cut, **broken, "never used": b"\xc1", "two values": b"\x01\x02", "deep": b"\x91" * 5_000}


def changes(chance: random.Random) -> Iterator[Case]:
    """Changes: [id, space, card, kind, at, base, set]."""
    for k in range(40):
        plain = _change(chance)
        yield _same(f"change {k}", "as devices send it", plain)
        yield from _newer(f"change {k}", plain, chance)
    for name, plain in {
        "empty set": [b"i" * 12, 1, b"c" * 16, "idea", 0, 0, {}],
        "largest numbers": [b"\xff" * 12, 2**31 - 1, b"\xff" * 16, "idea", MAX_INT, MAX_INT, {}],
        "was and now nil": [b"i" * 12, 1, b"c" * 16, "idea", 1, 1, {"title": [None, None]}],
        "64 fields": [
            b"i" * 12,
            1,
            b"c" * 16,
            "idea",
            1,
            1,
            {f"i_help/{k}": [None, True] for k in range(64)},
        ],
        "fork settled": [b"i" * 12, 1, b"c" * 16, "idea", 1, 1, {"fork/title/1f": [["a", 1, 2], None]}],
    }.items():
        yield _same(name, "a border of what a change may be", plain)
    whole = _change(chance)
    for k in range(7):
        yield f"first {k} elements", "a change has seven", encode(whole[:k]), None, None
    for k, wrong in enumerate([7, "seitsemän", 7, 7, "eilen", "eilen", []]):
        yield (
            f"element {k} of a wrong type",
            "must be held alone",
            encode([*whole[:k], wrong, *whole[k + 1 :]]),
            None,
            None,
        )
    yield "a field without now", "must be held alone", encode([*whole[:6], {"title": [None]}]), None, None


def syncs(chance: random.Random) -> Iterator[Case]:
    """Syncs: [version, epoch, grants, cursors, changes, sent]."""
    for k in range(25):
        cursors = {chance.randrange(1, 2**31): chance.randrange(MAX_INT) for _ in range(chance.randrange(4))}
        listed = [_change(chance) for _ in range(chance.randrange(4))]
        epoch = chance.choice([None, chance.randbytes(8)])
        plain = [1, epoch, chance.randrange(300), cursors, listed, chance.randrange(2**32)]
        yield _same(f"sync {k}", "as devices send it", plain)
        yield from _newer(f"sync {k}", plain, chance)
    short = [1, None, 0, {}, []]
    yield "without sent", "older programs leave it out", encode(short), [*short, 0], False


def frames(chance: random.Random) -> Iterator[Case]:
    """Frames: [space, since, upto, rows, count, sum]; a row is [card, kind, seq, by, made, fields]."""
    for k in range(40):
        plain = _frame(chance)
        yield _same(f"frame {k}", "as the server sends it", plain)
        yield from _newer(f"frame {k}", plain, chance)
        if plain[3]:
            rows = [[*row, *chance.sample(STRANGERS, 2)] for row in plain[3]]
            yield (
                f"frame {k} with longer rows",
                "unknown elements are passed over",
                encode([*plain[:3], rows, *plain[4:]]),
                plain,
                False,
            )
    yield _same("poke", "there is more: pull", [3, 17, 17, [], 0, 0])
    yield _same("purged", "an empty row", [3, 0, 9, [[b"c" * 16, "", 9, None, 0, {}]], 0, 0])
    yield _same(
        "anonymous", "nobody wrote it", [3, 0, 9, [[b"c" * 16, "idea", 9, None, 0, {"title": "X"}]], 1, 9]
    )
    whole = _frame(chance)
    for k in range(6):
        yield f"first {k} elements", "a frame has six", encode(whole[:k]), None, None


def replies(chance: random.Random) -> Iterator[Case]:
    """Synceds: [epoch, now, sent, grants, verdicts, frames, behind, stable]."""
    verdicts = [[b"i" * 12, code, 17, None] for code in Code]
    verdicts += [[b"i" * 12, 5, 0, {"reason": reason, "field": "title"}] for reason in Refusal]
    verdicts += [
        [b"", 6, 0, {"reason": "undecodable"}],
        [b"i" * 12, 2, MAX_INT, {"fields": ["title", "text"]}],
    ]
    for k, verdict in enumerate(verdicts):
        plain = [b"epoch001", 1_767_225_600_000, k, None, [verdict], [], [], {}]
        yield _same(f"verdict {k}", "every code and every reason", plain)
        shortened = [plain[0], plain[1], k, None, [[*verdict, "uutta"]], [], [], {}]
        yield (
            f"verdict {k} of a newer server",
            "unknown elements are passed over",
            encode(shortened),
            plain,
            False,
        )
    for k in range(30):
        grants = [k, [[n + 1, "staff", "team", chance.choice(TEXTS)] for n in range(chance.randrange(4))]]
        listed = [_frame(chance) for _ in range(chance.randrange(3))]
        numbers = [chance.randrange(1, 2**31) for _ in range(chance.randrange(3))]
        stable = {n: chance.randrange(MAX_INT) for n in numbers}
        head = [chance.randbytes(8), chance.randrange(2**45), k, chance.choice([None, grants])]
        plain = [*head, chance.sample(verdicts, 3), listed, numbers, stable]
        yield _same(f"reply {k}", "as the server sends it", plain)
        yield from _newer(f"reply {k}", plain, chance)
    yield (
        "short verdict",
        "seq and detail may be left out",
        encode([*plain[:4], [[b"i" * 12, 0]], *plain[5:]]),
        [*plain[:4], [[b"i" * 12, 0, 0, None]], *plain[5:]],
        False,
    )


def _same(name: str, why: str, plain: object) -> Case:
    return name, why, encode(plain), plain, True


def _newer(name: str, plain: list[object], chance: random.Random) -> Iterator[Case]:
    longer = [*plain, *chance.sample(STRANGERS, chance.randrange(1, 4))]
    yield f"{name} of a newer program", "unknown elements are passed over", encode(longer), plain, False


def _refused(cases: dict[str, bytes]) -> Iterator[Case]:
    for name, packed in cases.items():
        yield f"refused: {name}", "not one whole value", packed, None, None


def _wider(number: int) -> Iterator[Case]:
    forms = {0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}
    for first, form in forms.items():
        try:
            packed = bytes([first]) + struct.pack(form, number)
        except struct.error:
            continue
        if packed != encode(number):
            yield f"int {number} as {first:x}", "a longer form than needed", packed, number, False


def _longer(length: int) -> Iterator[Case]:
    text, list_ = "a" * length, [None] * length
    heads = [
        (0xDB, text.encode(), text),
        (0xDD, b"\xc0" * length, list_),
        (0xC6, b"\0" * length, bytes(length)),
    ]
    for first, body, plain in heads:
        packed = bytes([first]) + struct.pack(">I", length) + body
        yield f"{length} after {first:x}", "a longer head than needed", packed, plain, False


def _nested(depth: int) -> object:
    return [_nested(depth - 1), depth] if depth else "pohja"


def _value(chance: random.Random, depth: int) -> object:
    made = chance.randrange(7 if depth else 6)
    if made == 6:
        return [_value(chance, depth - 1) for _ in range(chance.randrange(5))]
    number = chance.choice([1, -1]) * chance.randrange(2 ** chance.randrange(1, 54) - 1 or 1)
    return [None, True, number, chance.choice(TEXTS), chance.randbytes(chance.randrange(20)), False][made]


def _change(chance: random.Random) -> list[object]:
    fields = chance.sample(NAMES, chance.randrange(1, 5))
    sets = {name: [_value(chance, 2), _value(chance, 2)] for name in fields}
    at, base = chance.randrange(2**45), chance.randrange(2**20)
    return [
        chance.randbytes(12),
        chance.randrange(1, 2**31),
        chance.randbytes(16),
        chance.choice(KINDS),
        at,
        base,
        sets,
    ]


def _frame(chance: random.Random) -> list[object]:
    rows = []
    for _ in range(chance.randrange(4)):
        fields = {name: _value(chance, 2) for name in chance.sample(NAMES, chance.randrange(5))}
        head = [chance.randbytes(16), chance.choice(KINDS), chance.randrange(2**40)]
        rows.append([*head, chance.choice([None, 1, 2**31]), chance.randrange(2**45), fields])
    since = chance.randrange(2**20)
    return [
        chance.randrange(1, 2**31),
        since,
        since + len(rows),
        rows,
        chance.randrange(2**20),
        chance.randrange(MAX_INT),
    ]


if __name__ == "__main__":
    sys.exit(main())
