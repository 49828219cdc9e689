"""Nothing that arrived is dropped: what is held is found by its card, judged again in one go, and has a bound."""

import pytest

from server.commands import HeldForm, ReplayForm, list_held, replay_some
from server.refusals import Refused
from server.store import acceptance as accepting
from server.store import quarantine
from server.world import World
from sync.cards import KINDS
from sync.protocol import HELD, Code, Refusal, decode_change, encode
from tests.changes import COMMENT, DAY, IDEA
from tests.town import SECRET

TITLE = {"title": ("Lamppu käytävään", "Uusi otsikko")}


def world(town):
    return World(town.now, bytes, "", SECRET)


def held(town):
    return town.db.write(list_held, HeldForm(), world(town))


def replayed(town, reason="", after=0):
    return town.db.write(replay_some, ReplayForm(reason, after), world(town))


def unreadable(number: int) -> bytes:
    return b"\xc1" + number.to_bytes(4)


def test_a_new_card_reads_only_what_waits_for_it(town, monkeypatch):
    read = []
    monkeypatch.setattr(accepting, "decode_change", lambda raw: read.append(raw) or decode_change(raw))
    town.deliver([("aino", encode(town.change("aino", TITLE, card=b"other%011d" % n))) for n in range(20)])
    town.deliver([("aino", encode(town.change("aino", TITLE)))])
    town.deliver([("timo", encode(comment(town)))])
    town.idea()
    assert len(read) == 2
    assert town.value("title") == "Uusi otsikko"
    assert town.value("text", COMMENT) == "Hyvä!"
    assert len(held(town)) == 20


def comment(town, **how):
    sets = {"on": (None, IDEA), "text": (None, "Hyvä!")}
    return town.change("timo", sets, **{"card": COMMENT, "kind": "comment", **how})


def test_many_that_wait_for_one_card_land_with_it(town):
    late = [town.change("timo", {f"need/n{n}": (None, True)}) for n in range(4)]
    late += [comment(town, card=b"comment%09d" % n) for n in range(60)]
    late += [
        town.change("timo", {"text": ("Hyvä!", f"Hyvä {n}!")}, card=b"comment%09d" % n, kind="comment")
        for n in range(60)
    ]
    verdicts = town.deliver([("timo", encode(change)) for change in reversed(late)])
    assert {v.code for v in verdicts} == {Code.HELD}
    town.idea()
    left = {row.reason for row in held(town)}
    assert left <= {Refusal.UNKNOWN_FIELD, Refusal.NOT_YOURS}
    texts = [c.fields["text"] for c in town.replica().cards.values() if c.kind == "comment"]
    assert sorted(texts) == sorted(f"Hyvä {n}!" for n in range(60))


def test_every_reason_for_holding_says_what_to_do():
    assert set(quarantine.WHAT_TO_DO) == HELD
    for text in quarantine.WHAT_TO_DO.values():
        assert text.endswith("."), text


def test_what_is_offered_again_keeps_the_time_when_it_first_came(town):
    town.deliver([("aino", unreadable(1))])
    first = held(town)
    town.now += DAY
    town.deliver([("aino", unreadable(1))])
    assert held(town) == first


def test_all_of_one_reason_are_judged_again_a_few_at_a_time(town, monkeypatch):
    monkeypatch.setattr("server.commands.MOST_AT_ONCE", 3)
    town.idea()
    kind = KINDS.pop("comment")
    town.deliver([("timo", encode(comment(town, card=b"comment%09d" % n))) for n in range(7)])
    town.deliver([("timo", unreadable(1))])
    KINDS["comment"] = kind
    done, after, rounds = [], 0, 0
    while rounds == 0 or after:
        some = replayed(town, Refusal.UNKNOWN_KIND.value, after)
        done, after, rounds = done + some.done, some.last, rounds + 1
    assert [one.verdict for one in done] == ["done"] * 7
    assert rounds == 3
    assert [row.reason for row in held(town)] == [Refusal.UNDECODABLE]
    assert [one.verdict for one in replayed(town).done] == ["held"]


def test_a_replay_of_all_lands_what_waits_for_another(town):
    kind = KINDS.pop("idea")
    town.deliver([("timo", encode(comment(town)))])
    town.idea()
    KINDS["idea"] = kind
    assert [one.verdict for one in replayed(town).done] == ["done", "done"]
    assert held(town) == []


def test_an_unknown_reason_is_refused(town):
    with pytest.raises(Refused):
        replayed(town, "because")


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(quarantine, "MOST_A_DAY", 3)


def test_a_person_s_quarantine_is_full_for_a_day(town, small):
    raws = [("aino", unreadable(n)) for n in range(5)]
    verdicts = town.deliver(raws)
    assert [v.code for v in verdicts] == [Code.HELD] * 3 + [Code.REFUSED] * 2
    assert verdicts[-1].detail["reason"] == Refusal.NO_ROOM
    assert town.deliver([("timo", unreadable(9))])[0].code == Code.HELD, "others have room"
    assert town.deliver(raws[:1])[0].code == Code.HELD, "what is there stays there"
    town.now += DAY
    assert town.deliver(raws[4:])[0].code == Code.HELD
    assert len(held(town)) == 5


def test_what_found_no_room_is_judged_anew_when_it_comes_again(town, small):
    town.deliver([("aino", unreadable(n)) for n in range(3)])
    raw = encode(town.change("aino", TITLE))
    assert town.deliver([("aino", raw)])[0].detail["reason"] == Refusal.NO_ROOM
    town.idea()
    assert town.deliver([("aino", raw)])[0].code == Code.DONE
    assert town.value("title") == "Uusi otsikko"


def test_sound_changes_land_while_the_quarantine_is_full(town, small):
    town.deliver([("aino", unreadable(n)) for n in range(9)])
    assert town.idea().code == Code.DONE


def test_large_changes_fill_the_quarantine_sooner(town, monkeypatch):
    monkeypatch.setattr(quarantine, "MOST_BYTES_A_DAY", 1_000)
    verdicts = town.deliver([("aino", unreadable(n) + bytes(400)) for n in range(4)])
    assert [v.code for v in verdicts] == [Code.HELD] * 2 + [Code.REFUSED] * 2
