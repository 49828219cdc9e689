"""Thanks go a year after they were given, and from a team's wall after 60 days (docs/domain.md section 9)."""

import pytest
from sqlalchemy import func, select

from server.export import collect
from server.store import rounds
from server.store.purge import purge
from server.store.retention import Pace
from server.tables import card, change, photo
from sync.protocol import Code, Refusal
from tests.changes import DAY
from tests.town import SECRET, Town

GIVEN, KEPT, SHOWN = b"t" * 16, b"k" * 16, b"w" * 16
WORDS = "Jäit vartiksi auttamaan, kun kaksi kutsua soi."
FREE = Pace(10_000, lambda: False)


def give(town: Town, name: str, space: str, card: bytes, **fields: object):
    how = {"space": space, "kind": "recognition", "card": card}
    at = fields.pop("at", town.now)
    return town.send(name, {n: (None, v) for n, v in {"text": WORDS, **fields}.items()}, at=at, **how)


def put_on_wall(town: Town):
    return give(town, "aino", "koivu", SHOWN, sender=town.people["timo"].number, origin=GIVEN)


def tend(town: Town) -> None:
    """What a round does with cards in every space where something is due."""
    for where, name in town.db.write(rounds.due, list(town.spaces.values()), town.now):
        while name == rounds.HIDDEN and not town.db.write(purge, where, town.now, FREE, SECRET).is_done:
            pass


def rows(town: Town, *where: object) -> int:
    return town.db.write(lambda txn: txn.connection.execute(select(func.count()).where(*where)).scalar_one())


@pytest.fixture
def thanked(town):
    """Timo has thanked Aino: her card, his copy, and her copy on the wall."""
    assert give(town, "timo", "own of aino", GIVEN, wall=True, origin=KEPT).code == Code.DONE
    assert (
        give(town, "timo", "own of timo", KEPT, **{f"to/{town.people['aino'].number}": True}).code
        == Code.DONE
    )
    assert put_on_wall(town).code == Code.DONE
    return town


def test_f11_a_thanks_leaves_the_wall_after_60_days_and_every_device_at_its_next_sync(thanked):
    jorma, aino = thanked.replica("koivu"), thanked.replica("own of aino")
    thanked.now += 60 * DAY
    tend(thanked)
    assert thanked.value("text", SHOWN) == WORDS
    thanked.now += 1
    tend(thanked)
    thanked.pull(jorma)
    thanked.pull(aino)
    assert (SHOWN in jorma.cards, GIVEN in aino.cards) == (False, True)
    assert jorma.board() == thanked.replica("koivu").board()


def test_f11_a_thanks_to_a_team_lies_on_its_wall_and_goes_as_one(town):
    give(town, "sari", "koivu", GIVEN, origin=KEPT)
    give(town, "sari", "own of sari", KEPT, to_team=town.spaces["koivu"])
    town.now += 61 * DAY
    tend(town)
    assert GIVEN not in town.replica("koivu").cards
    assert town.value("text", KEPT, "own of sari") == WORDS


def test_f11_a_thanks_goes_a_year_after_it_was_given_from_receiver_and_sender(thanked):
    thanked.now += 365 * DAY
    tend(thanked)
    own = thanked.replica("own of aino"), thanked.replica("own of timo")
    assert (GIVEN in own[0].cards, KEPT in own[1].cards) == (True, True)
    thanked.now += 1
    tend(thanked)
    for replica, id_ in zip(own, (GIVEN, KEPT), strict=True):
        thanked.pull(replica)
        assert id_ not in replica.cards
    assert rows(thanked, change.c.body.is_not(None)) == 0
    assert rows(thanked, card.c.kind == "recognition") == 0


def test_an_owner_keeps_a_copy_by_the_export_as_long_as_the_thanks_is_there(thanked):
    thanked.now += 364 * DAY
    tend(thanked)
    for name in ("aino", "timo"):
        own = thanked.db.write(collect, thanked.device(name), thanked.now)
        assert WORDS in [one.fields.get("text") for one in own.cards if one.kind == "recognition"]
    thanked.now += 2 * DAY
    tend(thanked)
    for name in ("aino", "timo"):
        own = thanked.db.write(collect, thanked.device(name), thanked.now)
        assert own.cards == []


def test_what_a_phone_with_a_slow_clock_brings_today_is_not_old(town):
    give(town, "timo", "own of aino", GIVEN, wall=True, at=town.now - 800 * DAY)
    tend(town)
    assert town.value("text", GIVEN, "own of aino") == WORDS
    town.now += 366 * DAY
    tend(town)
    assert GIVEN not in town.replica("own of aino").cards


def test_a_picture_goes_with_its_thanks(town):
    give(town, "timo", "own of aino", GIVEN, **{f"photos/{'ab' * 32}": "Kahvikuppi"})
    assert rows(town, photo.c.card == GIVEN) == 1
    town.now += 366 * DAY
    tend(town)
    assert rows(town, photo.c.card == GIVEN) == 0


def test_time_takes_no_other_card_and_no_fresh_thanks(thanked):
    thanked.idea()
    thanked.now += 300 * DAY
    give(thanked, "jorma", "own of aino", b"w" * 16)
    thanked.now += 100 * DAY
    tend(thanked)
    assert thanked.value("title") == "Lamppu käytävään"
    assert thanked.value("text", b"w" * 16, "own of aino") == WORDS


def test_a_thanks_that_went_is_not_written_to_nor_put_on_a_wall(thanked):
    thanked.now += 366 * DAY
    tend(thanked)
    late = {"gone": (None, ["withdrawn", ""])}
    verdict = thanked.send("aino", late, space="own of aino", kind="recognition", card=GIVEN)
    assert verdict.detail["reason"] == Refusal.GONE
    again = give(thanked, "aino", "koivu", b"z" * 16, sender=thanked.people["timo"].number, origin=GIVEN)
    assert again.detail["reason"] == Refusal.GONE
