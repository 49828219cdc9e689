"""What time lets go of, and what it must not: the log, hidden cards, sessions (docs/protocol.md section 5)."""

from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import Table, delete, func, select, update

from server import people
from server.commands import HeldForm, list_held
from server.people import Seat
from server.store import retention, trust
from server.store.frames import frames_after, keep_snapshot, stale_snapshots, whole_frame
from server.store.history import history_of
from server.store.invitations import Invitation, add_invitation, invitation_of
from server.store.moves import Move, move
from server.store.people import Device, device_of_session, start_session
from server.store.purge import purge, raise_floor
from server.store.retention import Batch, Pace
from server.store.sessions import revoke_device
from server.store.subscriptions import Subscribed, subscribe
from server.tables import card, change, grants, mark, session, snapshot, subscription
from server.world import World
from sync.protocol import Code, Frame, Refusal, encode
from tests.changes import COMMENT, DAY, IDEA
from tests.town import SECRET, Replica, Town

MONTH = 31 * DAY
YEARS = 26 * MONTH
FREE = Pace(10_000, lambda: False)


def rows(town: Town, table: Table, *where: object) -> int:
    query = select(func.count()).select_from(table).where(*where)
    return town.db.write(lambda txn: txn.connection.execute(query).scalar_one())


def drain(town: Town, task: Callable[..., Batch], *args: object, pace: Pace = FREE) -> int:
    """Run a task in batches until it says that it is done; gives the rows that it touched."""
    touched = 0
    for _ in range(1_000):
        batch = town.db.write(task, *args, pace)
        touched += batch.rows
        if batch.is_done:
            return touched
    raise AssertionError("it never ends")


def tend(town: Town, pace: Pace = FREE) -> None:
    """A round over the team's space, as time has come to be."""
    where = town.spaces["koivu"]
    for task in (retention.blank_log, retention.cut_log, retention.count_log, raise_floor):
        drain(town, task, where, town.now, pace=pace)
    for _ in range(1_000):
        if town.db.write(purge, where, town.now, pace, SECRET).is_done:
            return


def edit(town: Town, text: str = "Uusi otsikko") -> bytes:
    return encode(town.change("aino", {"title": ("Lamppu käytävään", text)}))


def snapshot_of(town: Town) -> Replica:
    where = town.spaces["koivu"]
    replica = Replica(where)
    _, raw = town.db.write(whole_frame, where)
    replica.apply(msgspec.msgpack.decode(raw, type=Frame))
    return replica


def hide(town: Town, name: str = "aino", **how: object) -> Code:
    base = town.replica().cursor
    return town.send(name, {"gone": (None, ["withdrawn", ""])}, base=base, **how).code


def held(town):
    return town.db.write(list_held, HeldForm(), World(town.now, bytes, "", SECRET))


# The log


def test_words_leave_the_log_after_400_days_and_the_verdict_stays(town):
    town.idea()
    raw = edit(town)
    (first,) = town.deliver([("aino", raw)])
    town.now += 399 * DAY
    tend(town)
    assert rows(town, change, change.c.body.is_not(None)) == 2
    town.now += 2 * DAY
    tend(town)
    assert rows(town, change, change.c.body.is_not(None)) == 0
    assert rows(town, change) == 2
    assert town.deliver([("aino", raw)]) == [first]
    assert town.value("title") == "Uusi otsikko"


def test_history_shows_what_the_log_still_has(town):
    town.idea()
    town.now += 300 * DAY
    town.deliver([("aino", edit(town))])
    town.now += 200 * DAY
    tend(town)
    seen = town.db.write(history_of, (town.spaces["koivu"], IDEA), town.people["aino"].number)
    assert [row[4] for row in seen] == [{"title": ["Lamppu käytävään", "Uusi otsikko"]}]


def test_rows_leave_the_log_after_25_months(town):
    town.idea()
    town.now += 774 * DAY
    tend(town)
    tend(town)
    assert rows(town, change) == 1
    town.now += 2 * DAY
    tend(town)
    assert rows(town, change) == 1, "counted in one round, removed in the next"
    tend(town)
    assert rows(town, change) == 0


def test_a_change_that_comes_again_after_its_row_has_gone_counts_once(town):
    town.idea(text="lamppu")
    raw = encode(town.change("timo", {"same_here": (None, True)}))
    words = encode(town.change("aino", {"text": ("lamppu", "lamppu ja kahvi")}))
    town.deliver([("timo", raw), ("aino", words)])
    town.send("aino", {"text": ("lamppu ja kahvi", "lamppu ja kahvi ja tee")})
    town.now += YEARS
    tend(town)
    tend(town)
    assert rows(town, change) == 0
    verdicts = town.deliver([("timo", raw), ("aino", words)])
    assert [(v.code, v.seq) for v in verdicts] == [(Code.DONE, 0)] * 2
    assert (town.value("same_here"), town.value("text")) == (1, "lamppu ja kahvi ja tee")


def test_a_new_change_of_an_old_replica_lands_after_the_log_was_cut(town):
    town.idea()
    town.now += YEARS
    tend(town)
    tend(town)
    assert town.deliver([("aino", edit(town))])[0].code == Code.DONE
    assert town.value("title") == "Uusi otsikko"


def test_what_was_refused_is_judged_anew_when_the_log_has_let_go_of_it(town):
    town.idea()
    raw = encode(town.change("outi", {"title": ("Lamppu käytävään", "Vieras")}))
    assert town.deliver([("outi", raw)])[0].code == Code.REFUSED
    town.now += YEARS
    tend(town)
    tend(town)
    assert town.deliver([("outi", raw)])[0].detail == {"reason": Refusal.NO_GRANT, "field": ""}


def test_a_change_that_was_held_for_years_still_lands_once(town):
    raw = edit(town)
    assert town.deliver([("aino", raw)])[0].code == Code.HELD
    town.now += YEARS
    tend(town)
    tend(town)
    town.idea()
    assert town.value("title") == "Uusi otsikko"
    assert town.deliver([("aino", raw)])[0].code == Code.DONE
    assert held(town) == []


def test_a_change_judged_again_between_counting_and_cutting_is_counted(town):
    raw = edit(town)
    town.deliver([("aino", raw)])
    town.now += YEARS
    drain(town, retention.count_log, town.spaces["koivu"], town.now)
    town.idea()
    drain(town, retention.cut_log, town.spaces["koivu"], town.now)
    town.send("aino", {"title": ("Uusi otsikko", "Kolmas")})
    assert town.deliver([("aino", raw)])[0].code == Code.DONE
    assert town.value("title") == "Kolmas"


def test_other_content_under_an_id_that_was_cut_does_not_leave_the_quarantine(town):
    town.idea()
    one = town.change("aino", {"title": ("Lamppu käytävään", "Uusi")}, id=b"same-id-0001")
    other = town.change("aino", {"title": ("Lamppu käytävään", "Muu")}, id=b"same-id-0001")
    town.deliver([("aino", encode(one))])
    assert town.deliver([("aino", encode(other))])[0].detail["reason"] == Refusal.ID_REUSED
    town.now += YEARS
    tend(town)
    tend(town)
    town.deliver([("aino", encode(other))])
    assert [row.reason for row in held(town)] == [Refusal.ID_REUSED]


def test_new_changes_go_on_numbering_the_log_after_a_cut(town):
    town.idea()
    town.now += YEARS
    tend(town)
    tend(town)
    town.deliver([("aino", edit(town))])
    numbers = town.db.write(lambda txn: txn.connection.execute(select(change.c.n)).scalars().all())
    assert numbers == [2]


def test_a_batch_touches_at_most_so_many_rows(town):
    town.idea()
    for n in range(30):
        town.send("aino", {"lang": (None, f"f{n % 10}")})
    town.now += YEARS
    where, small = town.spaces["koivu"], Pace(7, lambda: False)
    for task in (retention.blank_log, retention.count_log, retention.cut_log):
        batch = town.db.write(task, where, town.now, small)
        assert batch == Batch(7, False), task
    assert rows(town, change) == 31 - 7


def test_a_batch_that_takes_long_ends_early_and_goes_on_later(town):
    town.idea()
    for n in range(200):
        town.send("aino", {"lang": (None, f"f{n % 10}")})
    town.now += YEARS
    late = Pace(10_000, lambda: True)
    batch = town.db.write(retention.blank_log, town.spaces["koivu"], town.now, late)
    assert batch == Batch(retention.CHUNK, False)
    assert (
        drain(town, retention.blank_log, town.spaces["koivu"], town.now, pace=late) == 201 - retention.CHUNK
    )


# Hidden cards


@pytest.fixture
def hidden(town):
    """An idea with words in its history, a comment and a mark; hidden by its author."""
    town.idea(text="Salainen sana")
    town.send("aino", {"text": ("Salainen sana", "Toinen teksti")})
    town.send("timo", {"on": (None, IDEA), "text": (None, "Hyvä!")}, card=COMMENT, kind="comment")
    town.send("timo", {"same_here": (None, True)})
    assert hide(town) == Code.DONE
    return town


def test_a_hidden_card_can_be_restored_for_thirty_days(hidden):
    hidden.now += 30 * DAY
    tend(hidden)
    assert hidden.send("aino", {"gone": (["withdrawn", ""], None)}).code == Code.DONE
    assert hidden.value("text") == "Toinen teksti"


def test_a_hidden_card_goes_after_thirty_days_with_its_comments_words_and_marks(hidden):
    where = hidden.spaces["koivu"]
    hidden.db.write(keep_snapshot, where, 3, b"old words", hidden.now)
    hidden.now += 31 * DAY
    tend(hidden)
    assert snapshot_of(hidden).cards.keys().isdisjoint({IDEA, COMMENT})
    assert rows(hidden, card, card.c.space == where, card.c.kind == "", card.c.body == b"") == 2
    assert rows(hidden, change, change.c.body.is_not(None)) == 0
    assert rows(hidden, mark) == 0
    assert rows(hidden, snapshot) == 0


def test_devices_drop_a_card_that_goes(hidden):
    replica, own = hidden.replica(), hidden.replica("own of timo")
    hidden.now += 31 * DAY
    tend(hidden)
    hidden.pull(replica)
    hidden.pull(own)
    assert replica.cards.keys().isdisjoint({IDEA, COMMENT})
    assert own.cards == {}
    assert replica.board() == snapshot_of(hidden).board()


def test_the_hiding_counts_by_the_server_s_clock(town):
    town.idea()
    hide(town, at=town.now - 300 * DAY)
    town.now += 29 * DAY
    tend(town)
    assert town.value("gone") == ["withdrawn", ""]


def test_a_card_that_was_restored_and_hidden_again_has_thirty_new_days(hidden):
    hidden.now += 20 * DAY
    hidden.send("aino", {"gone": (["withdrawn", ""], None)})
    hide(hidden)
    hidden.now += 20 * DAY
    tend(hidden)
    assert hidden.value("gone") == ["withdrawn", ""]


def test_late_words_for_a_card_that_went_stay_with_their_author(hidden):
    hidden.now += 31 * DAY
    tend(hidden)
    late = {"text": ("Toinen teksti", "Kolmas teksti")}
    said = {"on": (None, IDEA), "text": (None, "Minäkin!")}
    assert hidden.send("aino", late, base=1).detail["reason"] == Refusal.GONE
    verdict = hidden.send("timo", said, card=b"l" * 16, kind="comment", base=1)
    assert verdict.detail["reason"] == Refusal.GONE
    assert hidden.send("timo", {"same_here": (True, None)}).code == Code.REFUSED
    assert snapshot_of(hidden).cards.keys().isdisjoint({IDEA, COMMENT, b"l" * 16})


def test_a_card_that_went_is_not_made_again(hidden):
    hidden.now += 31 * DAY
    tend(hidden)
    assert hidden.idea().detail["reason"] == Refusal.GONE


def test_a_long_history_goes_in_small_batches(town):
    town.idea()
    for n in range(130):
        town.send("aino", {"title": ("Lamppu käytävään" if n == 0 else f"t{n - 1}", f"t{n}")})
    hide(town)
    town.now += 31 * DAY
    where, most = town.spaces["koivu"], 60
    batches = []
    while not (batch := town.db.write(purge, where, town.now, Pace(most, lambda: False), SECRET)).is_done:
        batches.append(batch.rows)
    assert len(batches) == 2
    assert max(batches) <= most + retention.CHUNK
    assert rows(town, change, change.c.body.is_not(None)) == 0


def test_a_card_restored_in_the_midst_of_its_going_stays(town):
    town.idea()
    for n in range(130):
        town.send("aino", {"title": ("Lamppu käytävään" if n == 0 else f"t{n - 1}", f"t{n}")})
    hide(town)
    town.now += 31 * DAY
    town.db.write(purge, town.spaces["koivu"], town.now, Pace(60, lambda: False), SECRET)
    town.send("aino", {"gone": (["withdrawn", ""], None)})
    tend(town)
    assert town.value("title") == "t129"
    seen = town.db.write(history_of, (town.spaces["koivu"], IDEA), town.people["aino"].number)
    assert seen[-1][4] == {"gone": [["withdrawn", ""], None]}


def test_count_and_sum_stay_right_when_cards_go(hidden):
    hidden.now += 31 * DAY
    tend(hidden)
    hidden.send("aino", {"team": (None, hidden.spaces["koivu"]), "title": (None, "Ovi")}, card=b"n" * 16)
    assert set(snapshot_of(hidden).cards) >= {b"n" * 16}


# The floor


def test_empty_rows_go_after_25_months_and_older_cursors_need_a_snapshot(hidden):
    where, before = hidden.spaces["koivu"], hidden.replica().cursor
    hidden.now += 31 * DAY
    tend(hidden)
    middle = snapshot_of(hidden).cursor
    hidden.now += YEARS
    tend(hidden)
    assert rows(hidden, card, card.c.space == where, card.c.kind == "") == 0
    frames, behind = hidden.db.write(frames_after, {where: before})
    assert (frames, behind) == ({}, [where])
    hidden.send("aino", {"team": (None, where), "title": (None, "Ovi")}, card=b"n" * 16)
    frames, behind = hidden.db.write(frames_after, {where: middle})
    assert (list(frames), behind) == ([where], [])
    assert b"n" * 16 in snapshot_of(hidden).cards


def test_words_for_a_card_whose_empty_row_has_gone_are_held(hidden):
    hidden.now += 31 * DAY
    tend(hidden)
    hidden.now += YEARS
    tend(hidden)
    late = {"text": ("Toinen teksti", "Kolmas teksti")}
    assert hidden.send("aino", late).detail["reason"] == Refusal.NO_CARD
    assert len(held(hidden)) == 1


# Snapshots, sessions, invitations, rounds


def test_only_one_process_begins_a_round_and_once_a_day(town):
    assert town.db.write(trust.claim, town.now) == town.now
    assert town.db.write(trust.claim, town.now + DAY - 1) is None
    assert town.db.write(trust.claim, town.now + DAY) == town.now + DAY


def test_a_clock_that_leaps_removes_nothing_early(town):
    town.db.write(trust.claim, town.now)
    leapt = town.now + 365 * DAY
    assert town.db.write(trust.claim, leapt) == town.now + 2 * DAY
    assert town.db.write(trust.claim, leapt + DAY) == town.now + 4 * DAY
    assert town.db.write(trust.claim, town.now + 3 * DAY) == town.now + 3 * DAY


def test_the_snapshot_of_a_space_that_nobody_reads_is_not_kept(town):
    koivu, own = town.spaces["koivu"], town.spaces["own of sari"]
    for where in (koivu, own):
        town.db.write(keep_snapshot, where, 1, b"words", town.now)
    ended = update(grants).where(grants.c.space == own).values(until=town.now)
    town.db.write(lambda txn: txn.connection.execute(ended))
    drain(town, retention.drop_snapshots, town.now)
    left = town.db.write(lambda txn: txn.connection.execute(select(snapshot.c.space)).scalars().all())
    assert left == [koivu]
    assert own not in town.db.write(stale_snapshots, [own, koivu])


def test_sessions_that_are_over_leave_and_live_ones_stay(town):
    def start(token: bytes) -> None:
        device = town.device("aino")
        town.db.write(start_session, Device(device.id, device.person, "fi", token), town.now)

    start(b"idle")
    town.now += 46 * DAY
    start(b"live")
    drain(town, retention.end_sessions, town.now)
    left = town.db.write(lambda txn: txn.connection.execute(select(session.c.token_hash)).scalars().all())
    assert left == [b"live"]


def test_d44_a_removed_device_hears_gone_for_400_days_however_long_it_was_away(town):
    def start(name: str) -> bytes:
        device, token = town.device(name), name.encode()
        town.db.write(start_session, Device(device.id, device.person, "fi", token), town.now)
        return token

    def is_gone(token: bytes) -> bool:
        found = town.db.write(device_of_session, token, town.now)
        return found is not None and found.gone

    left, revoked = start("aino"), start("timo")
    town.now += 30 * DAY
    town.db.write(people.leave, town.people["aino"].number, town.now)
    timo = town.people["timo"]
    town.db.write(revoke_device, timo.number, timo.device, town.now)
    town.now += 390 * DAY
    drain(town, retention.end_sessions, town.now)
    assert is_gone(left)
    assert is_gone(revoked)
    town.now += 11 * DAY
    drain(town, retention.end_sessions, town.now)
    assert not is_gone(left)
    assert not is_gone(revoked)


def test_d89_a_subscription_leaves_with_its_session(town):
    device = town.device("aino")
    for token in (b"gone", b"live"):
        owner = Device(device.id, device.person, "fi", token)
        town.db.write(start_session, owner, town.now)
        new = Subscribed(f"https://fcm.googleapis.com/{token.decode()}", b"p" * 65, b"a" * 16)
        town.db.write(subscribe, owner, new, town.now)
    town.db.write(lambda txn: txn.connection.execute(delete(session).where(session.c.token_hash == b"gone")))
    drain(town, retention.drop_subscriptions, town.now)
    left = town.db.write(lambda txn: txn.connection.execute(select(subscription.c.session)).scalars().all())
    assert left == [b"live"]


def test_an_invitation_says_for_a_month_that_it_is_too_old(town):
    offer = Invitation(town.spaces["koivu"], "staff", None, None, 1, town.now + 7 * DAY, None)
    town.db.write(add_invitation, b"hash", offer)
    town.now += 36 * DAY
    drain(town, retention.drop_invitations, town.now)
    assert town.db.write(invitation_of, b"hash") is not None
    town.now += 2 * DAY
    drain(town, retention.drop_invitations, town.now)
    assert town.db.write(invitation_of, b"hash") is None


def test_who_is_invited_back_after_a_month_is_shown_again_also_where_only_the_leaving_was_seen(town):
    """The card of a member goes for good; a device may have seen it hidden, and then as it is when it comes back."""
    outi, koivu = town.people["outi"].number, town.spaces["koivu"]
    town.db.write(people.grant, outi, Seat(koivu, "staff"), town.now)
    town.db.write(people.remove, outi, koivu, town.now)
    away = town.replica()
    town.now += 31 * DAY
    tend(town)
    town.db.write(people.grant, outi, Seat(koivu, "staff"), town.now)
    town.pull(away)
    assert away.board() == town.replica().board()
    assert away.cards[people.card_id("member", outi)].fields.get("gone") is None


def test_the_words_of_a_card_that_moved_away_leave_the_log_behind_it(town):
    town.idea()
    town.deliver([("aino", edit(town, "Toinen otsikko"))])
    team, org = town.spaces["koivu"], town.spaces["org"]
    there = town.db.write(
        move, Move(town.people["aino"].number, (team, IDEA), org, town.now, SECRET), lambda: b"m" * 16
    )
    in_the_log = change.c.space == team, change.c.body.is_not(None)
    town.now += 29 * DAY
    tend(town)
    assert rows(town, change, *in_the_log) == 2
    town.now += 2 * DAY
    tend(town)
    assert rows(town, change, *in_the_log) == 0
    assert rows(town, card, card.c.space == team, card.c.id == IDEA, card.c.gone.is_(None)) == 1
    assert town.value("title", there, "org") == "Toinen otsikko"
    late = town.send("aino", {"title": ("Toinen otsikko", "Kolmas otsikko")})
    assert late.code < Code.REFUSED
    assert town.value("title", there, "org") == "Kolmas otsikko"
