"""The merge for any change at all: what holds whatever people and programs send (docs/protocol.md section 4)."""

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from sync.cards import KINDS
from sync.laws import is_value
from sync.protocol import HELD, Code, Refusal, encode
from tests.changes import AGNES, AINO, DORA, IDEA, JORMA, NOW, OUTI, PAULI, TIMO, Flat

PEOPLE = st.sampled_from([AINO, TIMO, JORMA, AGNES, OUTI, DORA, PAULI])
TIMES = st.integers(0, 2**45)
TEXTS = st.lists(st.sampled_from(["yksi", "kaksi", "kolme", "ä", "👍"]), min_size=1, max_size=6).map(" ".join)
HEX = st.sampled_from(["ab" * 16, "0f" * 32, "1", "2", "client", "x", ""])
NAMES = st.sampled_from([n for kind in KINDS.values() for n in kind.fields]) | st.sampled_from(
    ["gone", "moved", "fork/title/1", "fork/text/2", "fork/reply/3", "fork", "by", "", "/", "dots", "title/x"]
)
FIELD = st.one_of(NAMES, st.tuples(NAMES, HEX).map("/".join))
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    TEXTS,
    st.text(max_size=5),
    st.binary(max_size=17),
)
LIKELY = st.sampled_from(
    [
        "new",
        "not_now",
        "quick",
        "fi",
        ["withdrawn", ""],
        ["client_data", "x"],
        ["Kiitos ideasta!", None],
        True,
    ]
)
VALUE = st.recursive(
    st.one_of(LIKELY, PLAIN, st.floats(), st.just({"a": 1})),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)
SETS = st.dictionaries(FIELD, st.tuples(VALUE, VALUE), max_size=4)
ANY = st.tuples(PEOPLE, st.sampled_from([*KINDS, "pilot"]), SETS, TIMES, st.integers(0, 20))
SOUND = st.one_of(
    st.tuples(PEOPLE, st.just("title"), TEXTS, TEXTS, TIMES),
    st.tuples(PEOPLE, st.just("text"), TEXTS, TEXTS, TIMES),
    st.tuples(st.just(JORMA), st.just("stage"), *[st.sampled_from(["new", "trying", "in_use"])] * 2, TIMES),
    st.tuples(PEOPLE, st.just("same_here"), *[st.sampled_from([True, None])] * 2, TIMES),
    st.tuples(st.just(AINO), st.just("need/client"), *[st.sampled_from([True, None])] * 2, TIMES),
)


def started() -> Flat:
    """The idea, which the team may edit."""
    flat = Flat()
    flat.idea(text="yksi kaksi kolme", shared_edit=True)
    return flat


def write(flat, change):
    by, field, was, now, at = change
    return flat.write(by, {field: (was, now)}, at=at)


def cells(flat):
    return {id_: dict(card.cells) for id_, card in flat.cards.items()}


@given(st.lists(ANY, max_size=5))
def test_no_change_breaks_the_merge(changes):
    flat = started()
    for by, kind, sets, at, base in changes:
        before = deepcopy(cells(flat))
        ruling = flat.write(by, sets, kind=kind, at=at, base=base)
        if ruling.code >= Code.REFUSED:
            assert isinstance(ruling.reason, Refusal)
            assert (ruling.reason in HELD) == (ruling.code is Code.HELD)
            assert cells(flat) == before
        assert all(is_value(c.value) for card in flat.cards.values() for c in card.cells.values())


@given(st.lists(SOUND, max_size=6))
def test_a_repeated_change_that_has_landed_changes_nothing(changes):
    flat = started()
    for change in changes:
        seen = flat.value(change[1])
        ruling = write(flat, (change[0], change[1], seen, change[3], change[4]))
        if ruling.code is Code.DONE:
            before = deepcopy(cells(flat))
            assert write(flat, change).code in (Code.DONE, Code.REFUSED)
            assert cells(flat) == before


@given(st.lists(SOUND, max_size=6))
def test_what_stands_is_always_a_value_that_somebody_wrote(changes):
    flat = started()
    written = {"stage": {None}, "title": {"Lamppu käytävään"}}
    for change in changes:
        write(flat, change)
        written.setdefault(change[1], {None}).add(change[3])
    for field in ("stage", "title", "need/client"):
        assert flat.value(field) in written.get(field, {None})


@given(st.lists(SOUND, min_size=1, max_size=6))
def test_a_seq_is_given_to_what_writes_and_to_nothing_else(changes):
    flat = started()
    for change in changes:
        before, seq = deepcopy(cells(flat)), flat.seq
        ruling = write(flat, change)
        assert (flat.seq == seq + 1) == ruling.wrote == (cells(flat) != before)


@given(st.permutations([("new", 1), ("trying", 2), ("in_use", 3)]))
def test_concurrent_writes_of_latest_end_alike_in_any_order(order):
    flat = started()
    flat.write(JORMA, {"stage": (None, "considering")}, at=0)
    for stage, at in order:
        flat.write(JORMA, {"stage": ("?", stage)}, at=NOW + at)
    assert flat.value("stage") == "in_use"


@given(st.permutations([("a", 3), ("b", 1), ("c", 2)]))
def test_concurrent_titles_show_the_same_one_in_any_order_and_keep_the_others(order):
    flat = started()
    for name, at in order:
        flat.write(AINO, {"title": ("?", name)}, at=NOW + 10_000 + at)
    kept = {fork[0] for fork in flat.forks().values()}
    assert (flat.value("title"), kept) == ("a", {"b", "c", "Lamppu käytävään"})


@given(st.lists(st.tuples(PEOPLE, st.sampled_from([True, None]), TIMES), max_size=12))
def test_a_tally_is_the_number_of_people_whose_mark_stands(wishes):
    flat = started()
    for by, wish, at in wishes:
        flat.write(by, {"same_here": ("?", wish)}, at=at)
    standing = [marks for marks in flat.marks.values() if "same_here" in marks and marks["same_here"].value]
    assert (flat.value("same_here") or 0) == len(standing)


@given(st.text(max_size=1_200))
def test_a_text_is_stored_byte_for_byte_or_refused(text):
    flat = started()
    ruling = flat.write(AINO, {"text": (flat.value("text"), text)})
    assert (ruling.code is Code.DONE) == (len(text) <= 1_000)
    if ruling.code is Code.DONE:
        assert encode(flat.cards[IDEA].value("text")) == encode(text)
