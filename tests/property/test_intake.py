"""Whatever bytes a device sends as a change, it gets a verdict, and its neighbours land (promise P7)."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.intake import arrival
from sync.protocol import Code, encode
from tests.property.test_merge import FIELD, VALUE
from tests.town import is_settled

SETS = st.dictionaries(FIELD, st.tuples(VALUE, VALUE), max_size=3)
ANYTHING = st.one_of(
    st.binary(max_size=60),
    st.lists(VALUE, max_size=8).map(encode),
    st.tuples(
        st.binary(min_size=12, max_size=12), st.integers(0, 9), st.just(b"i" * 16), st.just("idea")
    ).flatmap(lambda head: SETS.map(lambda sets: encode([*head, 1, 0, sets]))),
)
DAMAGE = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=4)


def damaged(raw: bytes, damage: list[tuple[int, int]]) -> bytes:
    """The bytes with a few of them changed."""
    listed = bytearray(raw)
    for at, byte in damage:
        if listed:
            listed[at % len(listed)] = byte
    return bytes(listed)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=ANYTHING, damage=DAMAGE, title=st.text(min_size=1, max_size=5))
def test_bytes_of_any_sort_get_a_verdict_and_their_neighbours_land(town, raw, damage, title):
    if not town.replica().cards.get(b"i" * 16):
        town.idea()
    broken = damaged(raw, damage)
    neighbours = [encode(town.change("aino", {"title": ("?", title)}, at=town.now + k)) for k in (1, 2)]
    town.now += 10
    verdicts = town.deliver([("aino", neighbours[0]), ("aino", broken), ("aino", neighbours[1])])
    assert is_settled(verdicts[0]) and is_settled(verdicts[2])
    assert verdicts[1].code in set(Code)
    assert arrival(town.device("aino"), broken).raw == broken
    town.pull(town.replica())
