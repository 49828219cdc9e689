"""Tasks between workshops: private answers, copies that are shared, progress, and the relay over shifts."""

import msgspec
import pytest

from server import people
from server.store.frames import readable_spaces
from server.store.history import history_of
from sync.protocol import Code, Refusal
from tests.changes import DAY
from tests.town import Replica, Town

TASK, ANSWER, SHARE = b"t" * 16, b"a" * 16, b"s" * 16
PRIVATE = "Minua pelottaa yövuoroon jääminen"


def task(town: Town, by: str = "jorma", **fields: object):
    """A task of the team Koivu."""
    values = {"team": town.spaces["koivu"], "title": "Hiljainen raportti", "prompt": "Kokeile.", **fields}
    return town.send(by, {n: (None, v) for n, v in values.items()}, kind="task", card=TASK)


def answer(town: Town, by: str = "aino", space: str | None = None, **fields: object):
    """What somebody writes for oneself about the task."""
    values = {"on": TASK, "of": town.spaces["koivu"], "text": PRIVATE, **fields}
    sets = {n: (None, v) for n, v in values.items()}
    return town.send(by, sets, kind="task_answer", card=ANSWER, space=space or f"own of {by}")


def share(town: Town, text: str = "Raportti lyheni"):
    """Aino shows a chosen answer to the team."""
    sets = {"on": (None, TASK), "text": (None, text)}
    return town.send("aino", sets, kind="task_share", card=SHARE)


def leg(town: Town, by: str, number: int, **fields: object):
    """A leg of the relay; its card is called by its number."""
    sets = {"on": TASK, "text": f"Osuus {number}", **fields}
    return town.send(by, {n: (None, v) for n, v in sets.items()}, kind="relay_leg", card=bytes([number]) * 16)


def baton(town: Town, by: str, was: object, now: object):
    """Somebody moves the baton, with what was before their eyes."""
    return town.send(by, {"baton": (was, now)}, kind="task", card=TASK)


def words(replica: Replica) -> str:
    """All that a device has of a space."""
    return str([card.fields for card in replica.cards.values()])


def reason(verdict) -> object:
    return (verdict.detail or {}).get("reason")


@pytest.mark.parametrize(("by", "code"), [("jorma", Code.DONE), ("agnes", Code.DONE), ("aino", Code.REFUSED)])
def test_c6_a_task_is_made_by_who_leads_or_helps_the_team(town, by, code):
    assert task(town, by).code == code


def test_c6_a_step_is_a_cell_of_its_own_and_its_key_says_its_place(town):
    assert task(town, **{"steps/01": "Sovi päivä", "steps/02": "Kysy kahdelta"}).code == Code.DONE
    assert reason(town.send("jorma", {"steps/eka": (None, "?")}, kind="task", card=TASK)) is not None


def test_h1_a_private_answer_lies_in_its_writers_own_space_and_nowhere_else(town):
    task(town)
    assert answer(town).code == Code.DONE
    assert reason(answer(town, "timo", space="koivu")) == Refusal.NOT_YOURS
    assert reason(answer(town, "timo", space="north")) == Refusal.NOT_YOURS
    assert reason(answer(town, "timo", space="own of aino")) == Refusal.NO_GRANT

    for name, person in town.people.items():
        spaces = town.db.write(readable_spaces, person.number)
        read = [town.replica(place) for place, number in town.spaces.items() if number in spaces]
        found = [PRIVATE in words(replica) for replica in read]
        assert any(found) == (name == "aino"), name
        key = town.spaces["own of aino"], ANSWER
        assert (town.db.write(history_of, key, person.number) is None) == (name != "aino"), name


def test_a13_sharing_copies_the_chosen_words_and_revoking_hides_the_copy(town):
    task(town)
    answer(town, shared=SHARE)
    assert share(town).code == Code.DONE
    seen = town.replica().cards[SHARE]
    assert (seen.fields["text"], seen.by) == ("Raportti lyheni", town.people["aino"].number)
    assert PRIVATE not in words(town.replica())

    assert (
        town.send("aino", {"gone": (None, ["withdrawn", ""])}, kind="task_share", card=SHARE).code
        == Code.DONE
    )
    assert town.value("gone", SHARE) == ["withdrawn", ""]
    assert town.value("text", ANSWER, "own of aino") == PRIVATE
    assert readers_of_history(town, SHARE) == ["aino"]


def readers_of_history(town: Town, card: bytes) -> list[str]:
    """Who is given the history of a card of the team."""
    key = town.spaces["koivu"], card
    return [name for name, who in town.people.items() if town.db.write(history_of, key, who.number)]


def test_a13_what_somebody_showed_the_group_leaves_with_them(town):
    task(town)
    answer(town, shared=SHARE)
    share(town)
    device, koivu = town.replica("koivu"), town.spaces["koivu"]
    town.db.write(people.remove, town.people["timo"].number, koivu, town.now)
    assert town.value("gone", SHARE) is None
    town.db.write(people.remove, town.people["aino"].number, koivu, town.now)
    town.pull(device)
    assert "Raportti lyheni" not in words(device)
    assert town.value("gone", SHARE) == ["withdrawn", ""]
    assert town.value("text", ANSWER, "own of aino") == PRIVATE


def test_a13_h9_progress_reaches_others_as_a_sum_and_oneself_as_a_mark(town):
    task(town)
    for name in ("aino", "timo", "jorma"):
        assert town.send(name, {"done": (None, True)}, kind="task", card=TASK).code == Code.DONE
    town.send("jorma", {"done": (True, None)}, kind="task", card=TASK)
    assert town.value("done", TASK) == 2

    fields = town.replica().cards[TASK].fields

    assert not {n for n in fields if n.startswith("done/")}
    history = town.db.write(history_of, (town.spaces["koivu"], TASK), town.people["jorma"].number)
    assert [row[1] for row in history or []] == [town.people["jorma"].number]
    marks = [c for c in town.replica("own of aino").cards.values() if c.kind == "mark"]
    assert [mark.fields["marks/done"] for mark in marks] == [True]


def test_a13_who_only_reads_the_team_has_no_part_in_its_progress(town):
    task(town)
    for name in ("outi", "dora", "adele"):
        assert town.send(name, {"done": (None, True)}, kind="task", card=TASK).code == Code.REFUSED, name


def test_f5_the_baton_is_with_one_at_a_time_and_the_second_taker_keeps_the_words(town):
    task(town, relay=True)
    aino, timo = (str(town.people[name].number) for name in ("aino", "timo"))
    assert baton(town, "aino", None, [1, "held", aino, None]).code == Code.DONE

    late = baton(town, "timo", None, [1, "held", timo, None])
    assert late.code == Code.FORKED
    assert leg(town, "timo", 9).code == Code.DONE
    assert (
        baton(town, "timo", [1, "held", timo, None], [2, "waiting", None, b"\x09" * 16]).code == Code.FORKED
    )
    assert town.value("baton", TASK) == [1, "held", aino, None]
    assert town.value("text", b"\x09" * 16) == "Osuus 9"


def test_f5_four_legs_are_read_back_in_their_order_from_the_baton(town):
    task(town, relay=True)
    held, before = None, None
    for number, name in enumerate(("aino", "timo", "agnes", "aino"), 1):
        me, card = str(town.people[name].number), bytes([number]) * 16
        taken = [number, "held", me, before]
        assert baton(town, name, held, taken).code == Code.DONE
        assert leg(town, name, number, **({"after": before} if before else {})).code == Code.DONE
        before, is_last = card, number == 4
        held = [number, "finished", None, card] if is_last else [number + 1, "waiting", None, card]
        assert baton(town, name, taken, held).code == Code.DONE
        town.now += DAY // 3

    cards, chain = town.replica().cards, []
    at = cards[TASK].fields["baton"][3]
    while at:
        chain.append(cards[at].fields["text"])
        at = cards[at].fields.get("after")
    assert chain == ["Osuus 4", "Osuus 3", "Osuus 2", "Osuus 1"]


def test_f5_only_a_relay_has_a_baton_and_at_most_ten_legs(town):
    task(town)
    me = str(town.people["aino"].number)
    assert reason(baton(town, "aino", None, [1, "held", me, None])) == Refusal.NOT_YOURS
    sets = {"team": town.spaces["koivu"], "title": "Viesti", "prompt": "Vie", "relay": True}
    made = {n: (None, v) for n, v in sets.items()}
    other = b"u" * 16
    assert town.send("jorma", made, kind="task", card=other).code == Code.DONE
    for value, why in (
        ([11, "held", me, None], Refusal.OVER_LIMIT),
        ([1, "lost", me, None], Refusal.UNKNOWN_OPTION),
        ([1, "held", "x", None], Refusal.WRONG_TYPE),
    ):
        assert reason(town.send("aino", {"baton": (None, value)}, kind="task", card=other)) == why


def test_f5_a_baton_is_taken_for_oneself_alone_and_goes_on_from_its_holder_leg_by_leg(town):
    task(town, relay=True)
    aino, timo = (str(town.people[name].number) for name in ("aino", "timo"))
    free, held, card = [2, "waiting", timo, b"l" * 16], [1, "held", aino, None], b"l" * 16
    for was, now in (
        (None, [1, "held", timo, None]),
        (None, [1, "held", None, None]),
        (None, [2, "held", aino, None]),
        (None, [1, "held", aino, card]),
        (None, [2, "waiting", None, card]),
        (None, [9, "finished", None, None]),
        (["x", "held", aino, None], [2, "waiting", None, card]),
        ([1, "finished", None, card], [1, "held", aino, card]),
        (held, [3, "waiting", None, card]),
        (held, [1, "finished", aino, card]),
        (held, None),
        ([1, "held", timo, None], [1, "finished", None, card]),
        ([1, "held", timo, None], free),
    ):
        assert reason(baton(town, "aino", was, now)) == Refusal.NOT_YOURS, (was, now)
    assert town.value("baton", TASK) is None


def test_f5_who_waits_in_vain_takes_the_baton_over_from_who_went_home(town):
    task(town, relay=True)
    aino, timo = (str(town.people[name].number) for name in ("aino", "timo"))
    held, mine = [1, "held", aino, None], [1, "held", timo, None]
    assert baton(town, "aino", None, held).code == Code.DONE
    assert baton(town, "timo", held, mine).code == Code.DONE
    assert baton(town, "aino", held, [2, "waiting", None, b"l" * 16]).code == Code.FORKED
    assert baton(town, "timo", mine, [1, "finished", None, b"l" * 16]).code == Code.DONE


def test_h5_no_kind_of_a_relay_keeps_a_roster_of_shifts(town):
    task(town, relay=True)
    leg(town, "aino", 1, to=str(town.people["timo"].number))
    fields = msgspec.to_builtins(dict(town.replica().cards[b"\x01" * 16].fields), str_keys=True)
    assert set(fields) == {"on", "text", "to"}
