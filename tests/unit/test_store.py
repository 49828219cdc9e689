"""The server's transaction: exactly once, in order, and frames that make equal boards (docs/protocol.md)."""

import asyncio

import msgspec
import pytest
from msgspec import Raw
from sqlalchemy import select

from server.db import Database
from server.intake import Intake
from server.people import Seat, describe_team, grant, remove
from server.store import accept as accepting
from server.store.frames import frames_after, whole_frame
from server.store.people import grants_of
from server.tables import change as change_table
from server.tables import mark, quarantine
from sync.protocol import Code, Frame, Refusal, encode
from tests.changes import COMMENT, DAY, IDEA
from tests.town import SECRET, Replica, is_settled

TITLE = {"title": ("Lamppu käytävään", "Uusi otsikko")}


@pytest.fixture
def idea(town):
    town.idea(text="Ostetaan uusi lamppu.")
    return town


def count(town, table):
    return len(town.db.write(lambda txn: txn.connection.execute(select(table)).all()))


def test_a_change_sent_twice_counts_once(idea):
    raw = encode(idea.change("timo", {"same_here": (None, True)}))
    first, again = idea.deliver([("timo", raw)])[0], idea.deliver([("timo", raw)])[0]
    assert (first, idea.value("same_here")) == (again, 1)


def test_a_change_sent_twice_in_one_group_counts_once(idea):
    raw = encode(idea.change("aino", {"text": ("Ostetaan", "Ostetaan heti")}))
    first, again = idea.deliver([("aino", raw), ("aino", raw)])
    assert first == again
    assert count(idea, change_table) == 2


def test_a_change_is_the_same_from_another_device_of_its_person(idea):
    raw = encode(idea.change("aino", {"text": ("", "Heti.")}))
    first = idea.deliver([("aino", raw)])[0]
    idea.people["aino"] = idea.people["aino"]._replace(device=idea.people["timo"].device)
    assert idea.deliver([("aino", raw)])[0] == first
    assert count(idea, change_table) == 2


def test_a_change_offered_again_after_a_new_epoch_counts_once(idea):
    change = idea.change("timo", {"same_here": (None, True)}, base=7)
    again = msgspec.structs.replace(change, base=0)
    first = idea.deliver([("timo", encode(change))])
    assert (idea.deliver([("timo", encode(again))]), idea.value("same_here")) == (first, 1)


def test_the_same_id_of_another_person_is_another_change(idea):
    raw = encode(idea.change("aino", {"same_here": (None, True)}))
    idea.deliver([("aino", raw), ("timo", raw)])
    assert idea.value("same_here") == 2


def test_an_id_used_before_with_other_content_is_held(idea):
    id_ = b"aino    zzzz"
    idea.send("aino", TITLE, id=id_)
    verdict = idea.send("aino", {"title": (None, "Aivan muuta")}, id=id_)
    assert (verdict.code, verdict.detail) == (Code.HELD, {"reason": Refusal.ID_REUSED})
    assert count(idea, quarantine) == 1


def test_a_refused_change_gets_its_verdict_again(idea):
    raw = encode(idea.change("timo", TITLE))
    assert idea.deliver([("timo", raw)]) == idea.deliver([("timo", raw)])
    assert idea.value("title") == "Lamppu käytävään"


def test_every_writing_change_gets_a_seq_of_its_own(idea):
    head = idea.replica().cursor
    sent = [("aino", encode(idea.change("aino", {"title": (None, f"Otsikko {k}")}))) for k in range(5)]
    assert [v.seq for v in idea.deliver(sent)] == list(range(head + 1, head + 6))
    assert idea.replica().cursor == head + 5


def test_a_change_that_writes_nothing_takes_no_seq(idea):
    head = idea.replica().cursor
    assert idea.send("aino", {"title": (None, "Lamppu käytävään")}).seq == head
    assert idea.replica().cursor == head


def test_refused_and_held_changes_have_no_seq(idea):
    assert idea.send("timo", TITLE).seq == 0
    assert idea.send("timo", TITLE, card=b"n" * 16).seq == 0


def test_spaces_count_for_themselves(idea):
    head = idea.replica("org").cursor
    assert idea.idea("jorma", space="org").seq == head + 1


def test_frames_from_any_cursor_make_the_same_board(idea):
    replicas = [idea.replica()]
    for sets in (TITLE, {"shared_edit": (None, True)}, {"gone": (None, ["withdrawn", ""])}):
        idea.send("aino", sets, base=1000)
        replicas.append(idea.replica())
    idea.send("aino", {"gone": (["withdrawn", ""], None)})
    for replica in replicas:
        idea.pull(replica)
    assert all(replica.board() == idea.replica().board() for replica in replicas)


def test_a_frame_told_after_the_commit_is_the_frame_that_is_pulled(idea):
    replica = idea.replica()
    idea.db.news.clear()
    idea.send("aino", TITLE)
    news = next(n for n in idea.db.news if getattr(n, "space", 0) == replica.space)
    frames, _ = idea.db.write(frames_after, {replica.space: replica.cursor})
    assert bytes(news.frame()) == bytes(frames[replica.space])


def test_a_frame_has_the_changed_fields_alone(idea):
    cursor = idea.replica().cursor
    idea.send("aino", TITLE)
    frame = frame_after(idea, cursor)
    assert [row.fields for row in frame.rows] == [{"title": "Uusi otsikko"}]


def frame_after(town, cursor):
    space = town.spaces["koivu"]
    frames, _ = town.db.write(frames_after, {space: cursor})
    return msgspec.msgpack.decode(frames[space], type=Frame)


def test_a_hidden_card_shows_nothing_but_that(idea):
    idea.send("jorma", {"gone": (None, ["client_data", "Nimi"])})
    assert idea.replica().cards[IDEA].fields == {"gone": ["client_data", "Nimi"]}
    assert b"lamppu" not in bytes(idea.db.write(whole_frame, idea.spaces["koivu"])[1]).lower()


def test_a_field_written_to_a_hidden_card_does_not_show(idea):
    idea.send("aino", {"gone": (None, ["withdrawn", ""])})
    cursor = idea.replica().cursor
    idea.send("jorma", {"stage": (None, "trying")})
    assert [row.fields for row in frame_after(idea, cursor).rows] == [{"gone": ["withdrawn", ""]}]


def test_a_cursor_at_the_head_gets_nothing_and_one_beyond_it_a_snapshot(idea):
    space, head = idea.spaces["koivu"], idea.replica().cursor
    assert idea.db.write(frames_after, {space: head}) == ({}, [])
    assert idea.db.write(frames_after, {space: head + 1}) == ({}, [space])


def test_a_frame_says_nothing_of_devices_and_change_ids(idea):
    raw = encode(idea.change("aino", TITLE))
    idea.deliver([("aino", raw)])
    frame = bytes(idea.db.write(whole_frame, idea.spaces["koivu"])[1])
    assert raw[2:14] not in frame


def test_marks_count_and_name_nobody(idea):
    for name in ("aino", "timo", "jorma"):
        idea.send(name, {"same_here": (None, True)})
    idea.send("timo", {"same_here": (True, None)})
    assert idea.value("same_here") == 2
    rows = idea.db.write(lambda txn: txn.connection.execute(select(mark.c.who)).scalars().all())
    assert len(set(rows)) == 3 and all(len(who) == 16 for who in rows)


def test_the_log_keeps_no_mark(idea):
    idea.send("timo", {"same_here": (None, True)})
    query = select(change_table.c.body, change_table.c.digest).order_by(change_table.c.n.desc())
    body, digest = idea.db.write(lambda txn: txn.connection.execute(query).first())
    assert body is None and len(digest) == 8


def test_an_own_mark_comes_back_in_the_own_space(idea):
    idea.send("timo", {"same_here": (None, True)})
    (card,) = idea.replica("own of timo").cards.values()
    wanted = {"on": IDEA, "space": idea.spaces["koivu"], "marks/same_here": True}
    assert (card.kind, card.fields) == ("mark", wanted)
    idea.send("timo", {"same_here": (True, None)})
    (card,) = idea.replica("own of timo").cards.values()
    assert card.fields["marks/same_here"] is None


def test_a_writer_in_a_wider_space_gets_a_card_there(town):
    assert [c for c in town.replica("org").cards.values() if c.kind == "person" and c.by] == []
    town.idea("jorma", space="org")
    shown = [c.fields["name"] for c in town.replica("org").cards.values() if c.kind == "person"]
    assert "Jorma" in shown


def test_cards_of_the_server_get_a_seq_when_they_change_and_only_then(town):
    team = town.spaces["koivu"]
    head = town.replica().cursor
    town.db.write(describe_team, team, {"standing_permission": True}, town.now)
    assert town.replica().cursor == head + 1
    town.db.write(describe_team, team, {"standing_permission": True}, town.now)
    assert town.replica().cursor == head + 1


def test_grants_name_what_a_person_reads(town):
    grants = town.db.write(grants_of, town.people["aino"].number)
    spaces = {space: role for space, role, *_ in grants.spaces}
    own, team = town.people["aino"].own, town.spaces["koivu"]
    wanted = {own: "owner", team: "staff", town.spaces["north"]: "staff", town.spaces["org"]: "staff"}
    assert spaces == wanted
    assert town.db.write(grants_of, town.people["adele"].number).spaces[0][1] == "owner"


def test_the_version_of_grants_moves_with_them(town):
    person, team = town.people["aino"].number, town.spaces["koivu"]
    before = town.db.write(grants_of, person).version
    town.db.write(remove, person, team, town.now)
    between = town.db.write(grants_of, person)
    town.db.write(grant, person, Seat(team, "staff"), town.now)
    assert before < between.version < town.db.write(grants_of, person).version
    assert team not in {space for space, *_ in between.spaces}


def test_one_poisoned_change_stops_nothing(idea, monkeypatch):
    def judge(case):
        if "lang" in case.change.set:
            raise ZeroDivisionError
        return judged(case)

    judged = accepting.judge
    monkeypatch.setattr(accepting, "judge", judge)
    changes = [TITLE, {"lang": (None, "fi")}, {"owner": (None, "Aino")}]
    sent = [("aino", encode(idea.change("aino", sets))) for sets in changes]
    verdicts = idea.deliver(sent)
    assert [v.code for v in verdicts] == [Code.DONE, Code.HELD, Code.REFUSED]
    assert verdicts[1].detail == {"reason": Refusal.INTERNAL, "field": ""}
    assert idea.value("title") == "Uusi otsikko"


def test_a_change_that_breaks_the_transaction_is_held_alone(idea, monkeypatch):
    def encode_body(body):
        if b"poison" in encode(body):
            raise OverflowError
        return encode(body)

    monkeypatch.setattr("server.store.cards.encode", encode_body)
    texts = ["yksi", "poison", "kolme", "neljä"]
    raws = [Raw(encode(idea.change("aino", {"title": (None, text)}, at=idea.now + 1))) for text in texts]
    verdicts = asyncio.run(exchange(idea, raws))
    assert [v.code for v in verdicts] == [Code.FORKED, Code.HELD, Code.FORKED, Code.FORKED]
    assert count(idea, quarantine) == 1


async def exchange(town, raws):
    db = Database(town.db.where)
    await db.open()
    try:
        return await Intake(db, SECRET, lambda: town.now).offer(town.device("aino"), raws)
    finally:
        await db.close()


def test_what_many_send_at_once_lands_in_one_transaction(idea):
    async def all_at_once():
        commits = []
        db = Database(idea.db.where, after_commit=commits.append)
        await db.open()
        intake = Intake(db, SECRET, lambda: idea.now)
        raws = [Raw(encode(idea.change("aino", {"title": (None, f"Otsikko {k}")}))) for k in range(20)]
        verdicts = await asyncio.gather(*(intake.offer(idea.device("aino"), [raw]) for raw in raws))
        await db.close()
        return [v[0] for v in verdicts], commits

    verdicts, commits = asyncio.run(all_at_once())
    assert all(is_settled(v) for v in verdicts)
    assert len(commits) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xc1",
        b"\x97",
        encode([b"123456789012", 3]),
        encode([b"short", 3, IDEA, "idea", 1, 0, {}]),
        encode([b"123456789012", 2**40, IDEA, "idea", 1, 0, {}]),
        encode([b"123456789012", 3, b"short", "idea", 1, 0, {}]),
        encode([b"123456789012", 3, IDEA, "idea", -1, 0, {}]),
        encode([b"123456789012", 3, IDEA, "idea", 1, 0, {"a\0": [None, 1]}]),
        encode([b"123456789012", 3, IDEA, "idea", 1, 0, {"title": [None]}]),
        b"\x97" + encode(b"123456789012") + encode(3) + encode(IDEA) + b"\xa2\xff\xfe" + b"\x01\x00\x80",
        b"\x91" * 5000,
    ],
    ids=range(12),
)
def test_bytes_that_are_no_change_are_held_alone(idea, raw):
    good = encode(idea.change("aino", TITLE))
    verdicts = idea.deliver([("aino", raw), ("aino", good)])
    assert [v.code for v in verdicts] == [Code.HELD, Code.DONE]
    assert verdicts[0].detail == {"reason": Refusal.UNDECODABLE}


def test_the_same_broken_bytes_are_kept_once(idea):
    for _ in range(3):
        idea.deliver([("aino", b"\xc1")])
    assert count(idea, quarantine) == 1


def test_a_replica_refuses_a_frame_that_does_not_follow(idea):
    replica = Replica(idea.spaces["koivu"])
    idea.send("aino", TITLE)
    assert not replica.apply(frame_after(idea, idea.replica().cursor - 1))


def test_a_comment_brings_a_hidden_card_back_to_every_replica(idea):
    replica = idea.replica()
    idea.send("aino", {"gone": (None, ["withdrawn", ""])})
    idea.pull(replica)
    comment = {"on": (None, IDEA), "text": (None, "Hyvä!")}
    idea.send("timo", comment, card=COMMENT, kind="comment", base=0)
    idea.pull(replica)
    assert replica.cards[IDEA].fields["title"] == "Lamppu käytävään"
    assert replica.board() == idea.replica().board()


def test_the_time_in_the_log_is_clamped(idea):
    idea.send("aino", TITLE, at=idea.now + 2 * DAY)
    query = select(change_table.c.at, change_table.c.lag).order_by(change_table.c.n.desc())
    at, lag = idea.db.write(lambda txn: txn.connection.execute(query).first())
    assert (at + lag, lag) == (idea.now, -60_000)


def test_a_card_of_the_server_that_comes_back_is_whole_again(town):
    replica, timo, team = town.replica(), town.people["timo"].number, town.spaces["koivu"]
    town.db.write(remove, timo, team, town.now)
    town.pull(replica)
    town.db.write(grant, timo, Seat(team, "staff"), town.now)
    town.pull(replica)
    assert replica.board() == town.replica().board()
