"""An account goes when its 30 days are over: no name is left where it was not kept, and no figure changes."""

import re

import pytest
from sqlalchemy import select

from server import leaving, people
from server.leaving import ERASED_AFTER_DAYS, Wish
from server.parting import Parting
from server.refusals import Refused
from server.store import audit
from server.store import people as stored
from server.store.audit import Event, Told
from server.store.invitations import Invitation
from server.store.people import Device
from server.store.retention import Pace
from server.tables import card, metadata, passkey, session, snapshot
from server.world import World
from sync.protocol import encode
from tests.changes import COMMENT, DAY, IDEA
from tests.town import SECRET, resident

NAME = "Ainomarjatta"
OWN = "Vain omiin silmiin"


@pytest.fixture
def aino(town):
    """Somebody with a name of her own, who has left traces everywhere."""
    town.people["marja"] = town.db.write(resident, "marja", town.spaces["koivu"], "staff")
    town.spaces["own of marja"] = town.people["marja"].own
    marja = town.people["marja"]
    me = Device(marja.device, marja.number, "fi", b"t" * 32)
    town.db.write(people.update_me, me, {"name": NAME}, town.now)
    town.idea("marja")
    town.idea("marja", space="org", team=town.spaces["koivu"])
    fields = {"on": (None, IDEA), "text": (None, "Hyvä!")}
    town.deliver([("marja", encode(town.change("marja", fields, card=COMMENT, kind="comment")))])
    town.send("marja", {"same_here": (None, True)})
    town.send("timo", {"same_here": (None, True)})
    town.idea("marja", space="own of marja", title=OWN)
    town.deliver([("marja", b"\xc1" + NAME.encode())])
    town.db.write(_traces, marja, town.now)
    return me


def _traces(txn, marja, now):
    stored.start_session(txn, Device(marja.device, marja.number, "fi", b"t" * 32), now)
    values = {
        "id": b"k",
        "person": marja.number,
        "public_key": b"p",
        "sign_count": 0,
        "label": f"{NAME}n avain",
    }
    txn.connection.execute(passkey.insert().values(**values, synced=True, made_on=1, used_on=1))
    audit.note(txn, Event("invited", 1, marja.number, None, {"role": NAME}), now)
    audit.tell(txn, marja.number, Told("signed_in", {"device": f"{NAME}n puhelin"}), now)
    offer = Invitation(marja.own, "staff", marja.number, NAME, 1, now + DAY, None)
    people.invitations.add_invitation(txn, b"h" * 32, offer)
    snap = {"space": 1, "upto": 1, "made_at": now, "body": NAME.encode()}
    txn.connection.execute(snapshot.insert().values(snap))


def wish(town, me, *spaces):
    keep = [town.spaces[name] for name in spaces]
    return town.db.write(leaving.ask_erasure, me, Wish(keep), World(town.now, bytes, "", SECRET))


def erase(town):
    while not town.db.write(leaving.erase_due, town.now, Pace(20, lambda: False)).is_done:
        pass


def dump(town):
    """Every value of every table, by table."""

    def read(txn):
        return {
            table.name: [tuple(row) for row in txn.connection.execute(table.select())]
            for table in metadata.sorted_tables
        }

    return town.db.write(read)


def traces(town, words):
    found = []
    for table, rows in dump(town).items():
        for row in rows:
            raw = b"|".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
            if re.search(words.encode(), raw, re.I):
                found.append(table)
    return found


def figures(town):
    """What teams are told: cards and their sums, without who."""
    return {
        name: sorted(
            (c.kind, encode({f: v for f, v in c.fields.items() if f != "name"}))
            for c in town.replica(name).cards.values()
        )
        for name in ("koivu", "org", "north")
    }


def test_an_account_goes_after_thirty_days_and_leaves_no_name(town, aino):
    assert {"person", "card", "notice", "passkey", "quarantine", "audit", "invitation"} <= set(
        traces(town, NAME)
    )
    before = figures(town)
    day = wish(town, aino)
    assert day == town.now // DAY + ERASED_AFTER_DAYS
    town.now += ERASED_AFTER_DAYS * DAY
    erase(town)
    assert traces(town, NAME) == []
    after = figures(town)
    assert [c for c in before["koivu"] if c[0] != "member"] == [c for c in after["koivu"] if c[0] != "member"]
    assert before["org"] == after["org"]
    assert town.value("same_here") == 2
    assert town.value("text", COMMENT) == "Hyvä!"


def test_a_name_stays_where_its_person_wishes_and_nowhere_else(town, aino):
    wish(town, aino, "koivu")
    town.now += ERASED_AFTER_DAYS * DAY
    erase(town)
    assert set(traces(town, NAME)) == {"card"}
    named = people.card_id("person", aino.person)
    assert town.replica("koivu").cards[named].fields["name"] == NAME
    assert town.replica("org").cards[named].fields["name"] == ""


def test_h1_the_space_of_one_s_own_is_erased_with_its_log(town, aino):
    assert set(traces(town, OWN)) == {"card", "change"}
    wish(town, aino)
    town.now += ERASED_AFTER_DAYS * DAY
    erase(town)
    assert traces(town, OWN) == []
    own = town.people["marja"].own
    count = town.db.write(
        lambda txn: len(txn.connection.execute(select(card.c.id).where(card.c.space == own)).all())
    )
    assert count == 0


def test_nothing_is_erased_before_its_day(town, aino):
    wish(town, aino)
    before = dump(town)
    town.now += ERASED_AFTER_DAYS * DAY - DAY
    erase(town)
    assert dump(town) == before


def test_whoever_signs_in_again_keeps_the_account(town, aino):
    wish(town, aino)
    town.now += 10 * DAY
    town.db.write(stored.start_session, Device(aino.id, aino.person, "fi", b"n" * 32), town.now)
    town.now += ERASED_AFTER_DAYS * DAY
    erase(town)
    assert town.db.write(stored.person_of, aino.person).name == NAME


def test_d44_all_devices_of_who_deletes_the_account_hear_gone_and_one_may_sign_in_anew(town, aino):
    wish(town, aino)
    assert town.db.write(stored.device_of_session, b"t" * 32, town.now).gone
    town.now += 10 * DAY
    town.db.write(stored.start_session, Device(aino.id, aino.person, "fi", b"n" * 32), town.now)
    assert not town.db.write(stored.device_of_session, b"n" * 32, town.now).gone
    assert town.db.write(stored.device_of_session, b"t" * 32, town.now).gone


def test_d44_a_device_that_comes_after_the_account_is_erased_hears_gone(town, aino):
    wish(town, aino)
    town.now += ERASED_AFTER_DAYS * DAY
    erase(town)
    town.now += 60 * DAY
    assert town.db.write(stored.device_of_session, b"t" * 32, town.now).gone


def test_h5_of_an_ended_session_no_hour_is_kept(town, aino):
    wish(town, aino)
    query = select(session.c.made_at, session.c.ended_at, session.c.proved_at)
    (row,) = town.db.write(lambda txn: txn.connection.execute(query).all())
    assert (row.made_at % DAY, row.ended_at % DAY, row.proved_at) == (0, 0, None)


def test_a_name_can_t_be_kept_where_one_doesn_t_read(town, aino):
    for name in ("pihlaja", "own of marja"):
        with pytest.raises(Refused) as refusal:
            wish(town, aino, name)
        assert (refusal.value.code, refusal.value.field) == ("invalid", "keep_names")


def test_an_erased_person_is_a_member_of_nothing_and_can_t_come_back(town, aino):
    wish(town, aino)
    town.now += ERASED_AFTER_DAYS * DAY
    erase(town)
    assert town.db.write(stored.person_of, aino.person) is None
    assert aino.person not in {number for number, *_ in town.db.write(stored.members, town.spaces["koivu"])}


def test_leaving_the_organisation_ends_every_seat_and_way_in(town, aino):
    jorma, world = town.device("jorma"), World(town.now, bytes, "", SECRET)
    assert town.db.write(leaving.leave, jorma, Parting(aino.person), world) == 90
    assert town.db.write(stored.person_of, aino.person) is None
    assert town.db.write(stored.device_of_session, b"t" * 32, town.now).gone
    assert traces(town, "n avain") == []


@pytest.mark.parametrize("name", ["timo", "outi", "agnes", "marja"])
def test_only_who_leads_all_their_teams_lets_somebody_leave(town, aino, name):
    with pytest.raises(Refused) as refusal:
        town.db.write(
            leaving.leave, town.device(name), Parting(aino.person), World(town.now, bytes, "", SECRET)
        )
    assert refusal.value.code == "not_allowed"


def test_who_is_in_another_team_too_is_only_removed_from_one_s_own(town, aino):
    seat = people.Seat(town.spaces["leppa"], "staff")
    town.db.write(people.grant, aino.person, seat, town.now)
    with pytest.raises(Refused):
        town.db.write(
            leaving.leave, town.device("jorma"), Parting(aino.person), World(town.now, bytes, "", SECRET)
        )
    assert town.db.write(stored.person_of, aino.person) is not None
