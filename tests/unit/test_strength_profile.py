"""One's own strength cards: private until shared card by card, taken back at will, and never a score (B13, H1, H4)."""

import re

import pytest
from msgspec import json

from server import export, people
from server.people import Seat
from server.store.frames import readable_spaces
from server.store.history import history_of
from server.t import LANGS, catalogue
from server.templates import render
from sync.cards import KINDS
from sync.protocol import Code, Refusal
from sync.strengths import Strength
from tests.town import Replica, Town

DECK = [strength.value for strength in Strength]
OWN, COPY = b"o" * 16, b"c" * 16
PRIVATE = "Näen kynnyksen, jota en uskalla sanoa"
SHOWN = "Näen pienet merkit iltakierroksella"
OTHERS = ("timo", "jorma", "agnes", "dora", "manu", "rauni", "adele", "outi")


def choose(town: Town, by: str = "aino", space: str | None = None, **fields: object):
    """Somebody chooses a card for oneself."""
    values = {"strength": "sharp_eye", "note": PRIVATE, "place": 1, **fields}
    sets = {name: (None, value) for name, value in values.items()}
    return town.send(by, sets, kind="strength_card", card=OWN, space=space or f"own of {by}")


def share(town: Town, by: str = "aino", space: str = "koivu", **fields: object):
    """Somebody shows a copy to a team, and remembers in the own card that they did."""
    sets = {name: (None, v) for name, v in {"strength": "sharp_eye", "note": SHOWN, **fields}.items()}
    verdict = town.send(by, sets, kind="shared_strength", card=COPY, space=space)
    if verdict.code == Code.DONE:
        mine = {f"shared/{town.spaces[space]}": (None, COPY.hex())}
        assert town.send(by, mine, kind="strength_card", card=OWN, space=f"own of {by}").code == Code.DONE
    return verdict


def choose_more(town: Town, *cards: int, base: int):
    """Aino chooses cards of the deck, all from one device that has seen so much; gives the last verdict."""
    for n in cards:
        sets = {"strength": (None, DECK[n]), "note": (None, f"Sana {n}"), "place": (None, n)}
        how = {"kind": "strength_card", "card": bytes([n]) * 16, "space": "own of aino", "base": base}
        verdict = town.send("aino", sets, **how)
    return verdict


def words(replica: Replica) -> str:
    """All that a device has of a space."""
    return str([card.fields for card in replica.cards.values()])


def reason(verdict) -> object:
    return (verdict.detail or {}).get("reason")


def test_h1_b13_a_chosen_card_lies_in_its_persons_own_space_and_nowhere_else(town):
    assert choose(town).code == Code.DONE
    assert reason(choose(town, "timo", "koivu")) == Refusal.NOT_YOURS
    assert reason(choose(town, "timo", "own of aino")) == Refusal.NO_GRANT
    own = town.spaces["own of aino"]
    for name in OTHERS:
        number = town.people[name].number
        assert own not in town.db.write(readable_spaces, number), name
        assert town.db.write(history_of, (own, OWN), number) is None, name
        for space in town.db.write(readable_spaces, number):
            assert PRIVATE not in words_of(town, space), name


def words_of(town: Town, space: int) -> str:
    replica = Replica(space)
    town.pull(replica)
    return words(replica)


def hide_own(town: Town, n: int, now: object = ("withdrawn", "")):
    """Aino takes card `n` out of her own, or brings it back."""
    own = town.replica("own of aino")
    gone = (own.cards[bytes([n]) * 16].fields.get("gone"), None if now is None else list(now))
    how = {"kind": "strength_card", "card": bytes([n]) * 16, "space": "own of aino"}
    return town.send("aino", {"gone": gone}, base=own.cursor, **how)


def test_b13_an_eighth_card_is_refused_to_who_has_seen_seven(town):
    assert choose_more(town, *range(1, 8), base=0).code == Code.DONE
    seen = town.replica("own of aino").cursor
    eighth = choose_more(town, 8, base=seen)
    assert (eighth.code, reason(eighth)) == (Code.REFUSED, Refusal.OVER_LIMIT)
    assert hide_own(town, 3).code == Code.DONE
    assert choose_more(town, 8, base=town.replica("own of aino").cursor).code == Code.DONE
    assert reason(hide_own(town, 3, None)) == Refusal.OVER_LIMIT
    assert hide_own(town, 8).code == Code.DONE
    assert hide_own(town, 3, None).code == Code.DONE
    assert town.value("note", b"\x03" * 16, "own of aino") == "Sana 3"


def test_b13_two_devices_that_choose_at_a_time_lose_no_word_and_may_exceed_seven(town):
    choose_more(town, *range(1, 6), base=0)
    seen = town.replica("own of aino").cursor
    assert choose_more(town, 6, 7, base=seen).code == Code.DONE
    assert choose_more(town, 8, 9, base=seen).code == Code.DONE
    own = town.replica("own of aino")
    assert {f"Sana {n}" for n in range(1, 10)} == {card.fields["note"] for card in own.cards.values()}
    late = {"note": ("Sana 9", "Sana 9 pitempänä")}
    how = {"kind": "strength_card", "card": b"\x09" * 16, "space": "own of aino", "base": own.cursor}
    assert town.send("aino", late, **how).code == Code.DONE
    assert choose_more(town, 10, base=own.cursor).code == Code.REFUSED


def test_b13_moving_a_card_by_hand_doesn_t_hide_from_the_count_that_it_was_seen(town):
    choose_more(town, *range(1, 8), base=0)
    seen = town.replica("own of aino").cursor
    for n in range(1, 8):
        how = {"kind": "strength_card", "card": bytes([n]) * 16, "space": "own of aino", "base": seen}
        town.send("aino", {"place": (n, 20 - n)}, **how)
    assert reason(choose_more(town, 8, base=seen)) == Refusal.OVER_LIMIT


def test_b13_seven_are_counted_for_each_person_alone(town):
    choose_more(town, *range(1, 8), base=0)
    assert choose(town, "timo").code == Code.DONE


def test_b13_a_card_is_shared_by_itself_and_without_what_is_private(town):
    choose(town)
    assert share(town).code == Code.DONE
    team = words(town.replica("koivu"))
    assert (SHOWN in team, PRIVATE in team) == (True, False)
    assert SHOWN not in words(town.replica("leppa"))
    assert town.replica("koivu").cards[COPY].by == town.people["aino"].number


def test_b13_a_copy_that_is_taken_back_leaves_every_device(town):
    choose(town)
    share(town)
    device = town.replica("koivu")
    town.send("aino", {"gone": (None, ["withdrawn", ""])}, kind="shared_strength", card=COPY)
    town.pull(device)
    assert SHOWN not in words(device)
    assert "strength" not in device.cards[COPY].fields
    key = town.spaces["koivu"], COPY
    readers = [name for name, who in town.people.items() if town.db.write(history_of, key, who.number)]
    assert readers == ["aino"]
    assert town.replica("own of aino").cards[OWN].fields["note"] == PRIVATE


def test_b13_what_somebody_showed_a_team_leaves_with_them_and_comes_back_by_their_hand_alone(town):
    choose(town)
    share(town)
    device, number, koivu = town.replica("koivu"), town.people["aino"].number, town.spaces["koivu"]
    town.db.write(people.remove, number, koivu, town.now)
    town.pull(device)
    assert SHOWN not in words(device)
    town.db.write(people.grant, number, Seat(koivu, "staff"), town.now)
    town.pull(device)
    assert SHOWN not in words(device)
    again = {"strength": (None, "sharp_eye"), "note": (None, SHOWN)}
    verdict = town.send("aino", again, kind="shared_strength", card=b"d" * 16)
    town.pull(device)
    assert (verdict.code, SHOWN in words(device)) == (Code.DONE, True)
    assert town.replica("own of aino").cards[OWN].fields["note"] == PRIVATE


def test_b13_nobody_else_s_shared_card_leaves_with_who_leaves(town):
    choose(town)
    share(town)
    town.db.write(people.remove, town.people["timo"].number, town.spaces["koivu"], town.now)
    assert town.value("note", COPY) == SHOWN


def test_h7_nobody_else_writes_in_a_shared_card_or_shares_for_somebody(town):
    choose(town)
    share(town)
    for name in ("jorma", "agnes", "timo"):
        changed = town.send(name, {"note": (SHOWN, "Muuta")}, kind="shared_strength", card=COPY)
        assert reason(changed) == Refusal.NOT_YOURS, name
    assert town.value("note", COPY) == SHOWN


@pytest.mark.parametrize("name", ["outi", "dora", "manu", "rauni", "adele"])
def test_b13_only_members_share_with_a_team(town, name):
    choose(town, name)
    assert share(town, name).code in (Code.REFUSED, Code.HELD)


def test_h1_the_own_export_has_the_cards_and_nobody_elses_does(town):
    choose(town)
    share(town)
    aino = town.db.write(export.collect, town.device("aino"), town.now)
    assert {PRIVATE, SHOWN} <= {card.fields.get("note") for card in aino.cards}
    page = render("export.html", export.words(aino))
    for line in (
        PRIVATE,
        SHOWN,
        catalogue("fi")["strength.sharp_eye"],
        catalogue("fi")["kind.strength_card"],
    ):
        assert line in page
    for name in OTHERS:
        other = town.db.write(export.collect, town.device(name), town.now)
        said = json.encode(other).decode() + render("export.html", export.words(other))
        assert (PRIVATE in said, SHOWN in said) == (False, False), name


def test_b13_h4_no_field_of_a_strength_is_a_score_and_no_word_speaks_of_one():
    assert set(KINDS["strength_card"].fields) == {"strength", "note", "place", "shared"}
    assert set(KINDS["shared_strength"].fields) == {"strength", "note"}
    assert not KINDS["strength_card"].tallies | KINDS["shared_strength"].tallies
    for lang in LANGS:
        said = {
            key: text for key, text in catalogue(lang).items() if key.startswith(("strength.", "strengths."))
        }
        assert len(said) > 40
        for key, text in said.items():
            assert not re.search(
                r"pistee|poäng|score|points|ranki|paras|bäst|\bbest\b|eniten|flest", text.lower()
            ), key
            assert "{count}" not in text, key
