"""Who is told of what, when and how often: the transactions of waking, on every database (docs/devices.md D-85)."""

from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from server import people
from server.courier import Outcome
from server.intake import arrival
from server.quiet import Quiet, write_quiet
from server.store import people as stored
from server.store import subscriptions
from server.store.people import Device
from server.store.subscriptions import SEVERAL, Subscribed
from server.tables import device, session, subscription
from server.waking import DAY_MS, GAP_MS, LEASE_MS, Item, Waking, audience, choose, news_of, settle
from sync.protocol import Code, Verdict, encode
from tests.changes import HOUR, IDEA, MINUTE, NOW

UTC = ZoneInfo("UTC")
AWAKE = Quiet(start=0, end=0)
TASK = b"t" * 16
SENT, GONE, REFUSED = Outcome("sent", 201), Outcome("gone", 410), Outcome("refused", 403)


def read(txn, query):
    return [tuple(row) for row in txn.connection.execute(query)]


def subscribe(town, name, endpoint="one", quiet=AWAKE):
    """A session of somebody's, whose browser wishes to be woken."""
    resident = town.people[name]
    signed_in = Device(resident.device, resident.number, "fi", f"{name} {endpoint}".encode())
    town.db.write(stored.start_session, signed_in, town.now)
    new = Subscribed(f"https://fcm.googleapis.com/{name}/{endpoint}", b"p" * 65, b"a" * 16)
    town.db.write(subscriptions.subscribe, signed_in, new, town.now)
    town.db.write(subscriptions.choose_push, resident.number, write_quiet(quiet), town.now)
    return signed_in


def comment(town, by="timo", on=IDEA, space="koivu"):
    sets = {"on": (None, on), "text": (None, "Hyvä!")}
    change = town.change(by, sets, card=b"c" * 8 + town.now.to_bytes(8), kind="comment", space=space)
    tell(town, change, by)


def tell(town, change, by):
    """What the loop does with a change that landed."""
    news = list(news_of(change, town.people[by].number))
    told = town.db.write(audience, news)
    town.db.write(subscriptions.note_news, told, town.now)


def taken(town):
    """Whom a process would wake now, and with which card."""
    return town.db.write(choose, town.now, UTC)


def woken(town):
    return [(one.to.endpoint.partition(".com/")[2], one.place) for one in taken(town)]


def waits(town):
    query = select(subscription.c.due_at, subscription.c.due_space).order_by(subscription.c.id)
    return town.db.write(read, query)


def test_d85_a_comment_is_told_to_the_author_on_every_device_at_once(town):
    town.idea("aino")
    subscribe(town, "aino")
    subscribe(town, "aino", "two")
    comment(town)
    place = (town.spaces["koivu"], IDEA)
    assert woken(town) == [("aino/one", place), ("aino/two", place)]
    assert woken(town) == []


def test_d85_those_who_lead_the_team_are_told_of_a_new_idea_and_nobody_else_is(town):
    for name in ("aino", "timo", "jorma", "agnes", "outi", "dora"):
        subscribe(town, name)
    sets = {"team": (None, town.spaces["koivu"]), "title": (None, "Lamppu")}
    tell(town, town.change("aino", sets), "aino")
    assert woken(town) == [("jorma/one", (town.spaces["koivu"], IDEA))]


def test_d85_an_idea_that_grew_from_my_card_opens_the_new_one(town):
    town.idea("aino")
    subscribe(town, "aino")
    sets = {"team": (None, town.spaces["koivu"]), "title": (None, "Toinen"), "origin": (None, IDEA)}
    tell(town, town.change("timo", sets, card=b"n" * 16), "timo")
    assert woken(town) == [("aino/one", (town.spaces["koivu"], b"n" * 16))]


def test_d85_news_of_a_card_that_one_may_read_no_more_is_told_to_nobody(town):
    town.idea("aino")
    subscribe(town, "aino")
    town.db.write(people.remove, town.people["aino"].number, town.spaces["koivu"], town.now)
    comment(town)
    assert woken(town) == []


def test_d85_nor_is_what_waited_when_the_grant_ended(town):
    town.idea("aino")
    subscribe(town, "aino")
    comment(town)
    town.db.write(people.remove, town.people["aino"].number, town.spaces["koivu"], town.now)
    assert woken(town) == []
    assert waits(town) == [(None, None)]


def test_d85_at_most_one_in_half_an_hour_also_on_a_new_device(town):
    town.idea("aino")
    subscribe(town, "aino")
    comment(town)
    assert len(taken_and_sent(town)) == 1
    town.now += 10 * MINUTE
    comment(town)
    subscribe(town, "aino", "two")
    comment(town)
    assert woken(town) == []
    town.now = NOW + GAP_MS - 1
    assert woken(town) == []
    town.now += 1
    assert len(woken(town)) == 2


def taken_and_sent(town, outcome=SENT):
    errands = taken(town)
    town.db.write(settle, [(errand, outcome) for errand in errands], town.now)
    return errands


def test_d85_what_falls_into_quiet_hours_is_told_once_when_they_end(town):
    town.idea("aino")
    start = NOW // DAY_MS * DAY_MS  # midnight
    town.now = start + 2 * HOUR
    subscribe(town, "aino", quiet=Quiet(start=22 * 60, end=6 * 60))
    for _ in range(3):
        comment(town)
        assert woken(town) == []
        town.now += 40 * MINUTE
    assert waits(town) == [(start + 6 * HOUR, town.spaces["koivu"])]
    town.now = start + 6 * HOUR
    assert [errand.place for errand in taken_and_sent(town)] == [(town.spaces["koivu"], IDEA)]
    town.now += DAY_MS // 2
    assert taken(town) == []


def test_d85_of_several_cards_none_is_named(town):
    town.idea("aino")
    sets = {"team": (None, town.spaces["koivu"]), "title": (None, "Toinen")}
    town.send("aino", sets, card=b"n" * 16)
    subscribe(town, "aino")
    comment(town)
    comment(town, on=b"n" * 16)
    assert woken(town) == [("aino/one", (SEVERAL, None))]


def test_d85_other_hours_are_kept_from_the_moment_they_are_chosen(town):
    town.idea("aino")
    aino = subscribe(town, "aino", quiet=Quiet(away=True))
    comment(town)
    assert woken(town) == []
    town.db.write(subscriptions.choose_push, aino.person, write_quiet(AWAKE), town.now)
    assert len(woken(town)) == 1


def test_d85_who_was_killed_while_sending_is_stood_in_for_once(town):
    town.idea("aino")
    subscribe(town, "aino")
    comment(town)
    assert len(taken(town)) == 1  # and the process dies
    town.now += LEASE_MS
    assert woken(town) == []  # it may have been sent: half an hour holds
    town.now = NOW + GAP_MS
    assert woken(town) == [("aino/one", (SEVERAL, None))]


def test_d85_what_comes_while_a_message_is_on_its_way_is_told_later(town):
    town.idea("aino")
    subscribe(town, "aino")
    comment(town)
    errands = taken(town)
    comment(town)
    town.db.write(settle, [(errand, SENT) for errand in errands], town.now)
    assert woken(town) == []
    town.now += LEASE_MS
    assert woken(town) == []
    town.now = NOW + GAP_MS
    assert len(woken(town)) == 1


def test_d88_gone_is_forgotten_and_the_others_stay(town):
    town.idea("aino")
    subscribe(town, "aino")
    subscribe(town, "aino", "two")
    comment(town)
    first, second = taken(town)
    town.db.write(settle, [(first, GONE), (second, SENT)], town.now)
    assert town.db.write(read, select(subscription.c.endpoint)) == [(second.to.endpoint,)]


def test_d88_a_busy_service_is_left_alone_longer_each_time_and_told_as_soon_as_it_answers(town):
    town.idea("aino")
    subscribe(town, "aino")
    comment(town)
    waited = []
    for _ in range(5):
        errands = taken_and_sent(town, Outcome("later", 503))
        assert [errand.place for errand in errands] == [(town.spaces["koivu"], IDEA)]
        ((due, _),) = waits(town)
        waited.append((due - town.now) // MINUTE)
        town.now = due - 1
        assert taken(town) == []
        town.now = due
    assert waited == [1, 2, 4, 8, 16]
    assert len(taken_and_sent(town)) == 1
    assert waits(town) == [(None, None)]


def test_d88_retry_after_is_kept_to(town):
    town.idea("aino")
    subscribe(town, "aino")
    comment(town)
    taken_and_sent(town, Outcome("later", 429, 7_200))
    comment(town)
    assert waits(town)[0][0] == NOW + 7_200_000


def test_d88_a_refusal_is_noted_until_a_message_arrives(town):
    town.idea("aino")
    subscribe(town, "aino")
    comment(town)
    taken_and_sent(town, REFUSED)
    assert town.db.write(subscriptions.refused_count) == 1
    assert waits(town) == [(None, None)]
    town.now += GAP_MS
    comment(town)
    assert len(taken_and_sent(town)) == 1
    assert town.db.write(subscriptions.refused_count) == 0


@pytest.mark.parametrize("end", ["signed out", "ended", "revoked", "left"])
def test_d89_with_the_session_its_subscription_ends(town, end):
    town.idea("aino")
    aino = subscribe(town, "aino")
    comment(town)
    if end == "signed out":
        town.db.write(stored.end_session, aino)
    elif end == "left":
        town.db.write(people.leave, aino.person, town.now)
    else:
        town.db.write(_end, end, town.now)
    assert woken(town) == []
    assert town.db.write(read, select(subscription.c.id)) == []


def _end(txn, how, now):
    """As a row that some other way of ending a session leaves behind."""
    if how == "ended":
        txn.connection.execute(update(session).values(ended_at=now))
    else:
        txn.connection.execute(update(device).values(revoked_at=now))


def test_d85_only_what_landed_and_concerns_somebody_is_news(town):
    sets = {"title": ("Lamppu", "Valo"), "text": ("", "Uusi")}
    assert list(news_of(town.change("aino", sets), 1)) == []
    assert list(news_of(town.change("aino", {"reply": (["x", None], None)}), 1)) == []
    answered = town.change("jorma", {"reason": (None, "Ei ole nyt aikaa")})
    assert list(news_of(answered, 5)) == [Item("answer", answered.space, IDEA, IDEA, None, 5)]


def test_d85_one_word_of_a_thousand_changes_costs_a_few_statements(town):
    """Many comments of many people on many cards, and nobody to be told: two look-ups."""
    town.idea("aino")
    news = [Item("comment", town.spaces["koivu"], IDEA, IDEA, None, n) for n in range(1_000)]
    news += [Item("waiting", town.spaces["koivu"], IDEA, None, town.spaces["koivu"], n) for n in range(1_000)]
    town.db.fuse = 4  # with the beginning and the end of the transaction
    assert town.db.write(audience, news) == {}
    town.db.fuse = None


@pytest.fixture
def team(town):
    """Of a team and beside it, those who wish to be woken."""
    for name in ("aino", "timo", "jorma", "outi"):
        subscribe(town, name)
    return town


def pass_on(town, to, by="aino"):
    """Aino has written the first leg of the relay."""
    baton = [2, "waiting", to and str(to), b"l" * 16]
    sets = {"baton": ([1, "held", str(town.people["aino"].number), None], baton)}
    tell(town, town.change(by, sets, kind="task", card=TASK), by)


def test_f5_who_is_waited_for_with_the_baton_is_woken_and_nobody_else_is(team):
    pass_on(team, team.people["timo"].number)
    assert woken(team) == [("timo/one", (team.spaces["koivu"], TASK))]


@pytest.mark.parametrize("to", ["anybody", "aino", "outi", "nobody"])
def test_f5_a_baton_for_anybody_oneself_or_who_is_not_of_the_team_wakes_nobody(team, to):
    number = {"anybody": None, "nobody": 9_999_999_999}.get(to, to)
    pass_on(team, team.people[to].number if to in team.people else number)
    assert woken(team) == []


def task_for(town, space, by="jorma", **fields):
    values = {"team": town.spaces[space], "title": "Salainen", "prompt": "Yksi vuorossa.", **fields}
    return town.change(by, {n: (None, v) for n, v in values.items()}, kind="task", card=TASK, space=space)


def test_c6_a_task_for_one_wakes_its_receiver_and_no_giver_or_team(team):
    tell(team, task_for(team, "koivu"), "jorma")
    tell(team, task_for(team, "own of jorma", to=str(team.people["aino"].number)), "jorma")
    assert woken(team) == []
    tell(team, task_for(team, "own of aino"), "jorma")
    assert woken(team) == [("aino/one", (team.spaces["own of aino"], TASK))]
    rows = team.db.write(lambda txn: txn.connection.execute(subscription.select()).all())
    assert "Salainen" not in str(rows)


def test_d85_a_turn_waits_for_quiet_hours_and_is_told_to_nobody_who_wants_no_word_of_tasks(town):
    subscribe(town, "aino", quiet=Quiet(start=0, end=0, silent=["task"]))
    subscribe(town, "timo", quiet=Quiet(start=0, end=6 * 60))
    tell(town, task_for(town, "own of aino"), "jorma")
    pass_on(town, town.people["timo"].number)
    assert woken(town) == []
    town.now = NOW + 6 * HOUR
    assert woken(town) == [("timo/one", (town.spaces["koivu"], TASK))]


def sifted(town, waking, by, change, code=Code.DONE, **verdict):
    """What a process makes of a change that was stored."""
    said = Verdict(change.id, code, verdict.get("seq", 0), verdict.get("detail"))
    return list(waking._sift([arrival(town.device(by), encode(change))], [said]))


def test_d85_a_task_that_is_posted_twice_is_news_once(town):
    waking, given = Waking(town.db, None, lambda: town.now), task_for(town, "own of aino")
    heard = [sifted(town, waking, "jorma", given) for _ in range(2)]
    item = Item("task", town.spaces["own of aino"], TASK, None, None, town.people["jorma"].number)
    assert heard == [[item], []]


def test_f5_a_baton_that_somebody_else_had_taken_waits_for_nobody(town):
    waking, to = Waking(town.db, None, lambda: town.now), str(town.people["timo"].number)
    change = town.change("aino", {"baton": (None, [2, "waiting", to, None])}, kind="task", card=TASK)
    lost = {"code": Code.FORKED, "seq": 5, "detail": {"fields": ["baton"]}}
    assert sifted(town, waking, "aino", change, **lost) == []
    assert [item.to for item in sifted(town, waking, "aino", change, seq=6)] == [int(to)]
