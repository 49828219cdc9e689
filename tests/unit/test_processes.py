"""Several servers on one PostgreSQL: they tell each other, and lose nothing when they can't (docs/decisions/0013)."""

import asyncio
import shutil
import signal
import threading

import httpx
import msgspec
import pytest
from websockets.exceptions import ConnectionClosed

from server import neighbours
from server.db import Database
from server.fanout import Fanout
from server.forms import RemoveForm
from server.intake import arrival
from server.neighbours import Neighbours
from server.people import remove
from server.store import people as stored
from server.store.accept import accept
from server.store.pokes import announce
from sync.protocol import Code, encode
from tests.changes import NOW
from tests.conftest import Server
from tests.postgres import name_of
from tests.town import SECRET
from tests.unit.test_live import MSGPACK, Phone, decode_frame, decode_synced, heard

WAIT_S = 20
EARS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND query LIKE 'LISTEN%'"
on_postgres = pytest.mark.parametrize("any_county", ["postgres"], indirect=True)


@pytest.fixture
def sort() -> str:
    return "postgres"


@pytest.fixture
def pair(server):
    """Two processes on one database."""
    other = Server(server.folder, server.environ).start()
    yield server, other
    other.close()


@pytest.fixture
def phones(pair, join):
    """Maija's phone at the first process and Ville's at the second."""
    first, second = pair
    return Phone(first, join(first)), at(second, Phone(first, join(first, name="Ville")))


def at(server, phone):
    """The same phone, at another process."""
    client = server.client()
    client.auth, client.me = phone.client.auth, phone.client.me
    phone.server, phone.client = server, client
    return phone


def following(phone, socket):
    """Follow the team; gives where the phone stands."""
    socket.send(encode(phone.sync(cursors={phone.team: 0})))
    return decode_frame(heard(socket).frames[0]).upto


def titles(frame):
    return [row.fields["title"] for row in frame.rows if row.kind == "idea"]


def heard_in_time(socket):
    return decode_synced(socket.recv(timeout=WAIT_S))


def test_a_change_at_one_process_reaches_a_socket_at_the_other_as_a_frame(phones):
    maija, ville = phones
    with ville.live() as socket:
        upto = following(ville, socket)
        for title in ("yksi", "kaksi", "kolme"):
            assert maija.post([maija.idea(title)]).verdicts[0].code == Code.DONE
            frame = decode_frame(heard(socket).frames[0])
            assert (frame.since, titles(frame)) == (upto, [title])
            upto = frame.upto


def test_who_writes_at_both_processes_at_once_gets_seqs_without_gaps_or_doubles(phones):
    maija, ville = phones
    with ville.live() as here, maija.live() as there:
        start = following(ville, here)
        following(maija, there)
        raws = {phone: [phone.idea(f"idea {n}") for n in range(30)] for phone in phones}

        def write(phone):
            answers[phone] = [phone.post([idea]).verdicts[0] for idea in raws[phone]]

        answers = {}
        together(write, phones)
        seqs = sorted(verdict.seq for phone in phones for verdict in answers[phone])
        assert seqs == list(range(start + 1, start + 61))
        assert [
            seen_up_to(phone, socket, start, seqs[-1]) for phone, socket in ((ville, here), (maija, there))
        ] == [set(seqs)] * 2


def seen_up_to(phone, socket, cursor, head):
    """The seqs that a socket was sent, in frames that follow each other or were pulled after a poke."""
    seen = set()
    while cursor < head:
        for frame in map(decode_frame, heard_in_time(socket).frames):
            if frame.since == cursor and frame.rows:
                seen |= {row.seq for row in frame.rows}
                cursor = frame.upto
            elif frame.upto > cursor:
                socket.send(encode(phone.sync(cursors={phone.team: cursor})))
    return seen


def together(work, each):
    threads = [threading.Thread(target=work, args=(one,)) for one in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_change_that_is_sent_to_both_at_once_counts_once(pair, phones):
    maija, _ = phones
    other = pair[1].client()
    other.auth = maija.client.auth
    for n in range(25):
        maija.prefix = b"run%05d" % n  # a new run each time: both processes have to make it
        idea = maija.idea(f"idea {n}")
        marked = maija.change({"same_here": (None, True)}, card=idea.card)
        body = encode(maija.sync([idea, marked]))
        answers = []
        together(
            lambda client: answers.append(client.post("/api/sync", content=body, headers=MSGPACK)),  # noqa: B023
            (maija.client, other),
        )
        first, second = (decode_synced(answer.content).verdicts for answer in answers)
        assert first == second
        assert [v.code for v in first] == [Code.DONE, Code.DONE]
    rows = [
        row for frame in map(decode_frame, maija.post(cursors={maija.team: 0}).frames) for row in frame.rows
    ]
    ideas = [row.fields for row in rows if row.kind == "idea"]
    assert (len(ideas), {idea["same_here"] for idea in ideas}) == (25, {1})


def test_what_a_killed_process_acknowledged_is_there_and_the_other_goes_on(pair, phones):
    maija, ville = phones
    acknowledged = []

    def write(phone):
        for n in range(200):
            try:
                idea = phone.idea(f"idea {n}")
                phone.post([idea])
            except httpx.HTTPError:
                return
            acknowledged.append(idea.card)
            if len(acknowledged) == 10:
                pair[0].stop(signal.SIGKILL)

    write(maija)
    assert ville.post([ville.idea("jatkuu")]).verdicts[0].code == Code.DONE
    rows = {
        row.card
        for frame in map(decode_frame, ville.post(cursors={ville.team: 0}).frames)
        for row in frame.rows
    }
    assert len(acknowledged) >= 10
    assert set(acknowledged) <= rows


def test_a_change_while_a_process_is_deaf_reaches_its_sockets(phones, postgres):
    maija, ville = phones
    with ville.live() as socket:
        upto = following(ville, socket)
        postgres.sql(EARS.format(name_of(maija.server.environ["VIRTAAMO_DATABASE"])))
        maija.post([maija.idea("kuuleeko kukaan")])
        frame = decode_frame(heard_in_time(socket).frames[0])
        assert frame.upto > upto


def test_who_is_removed_at_one_process_is_cut_off_at_the_other(pair, phones):
    maija, ville = phones
    with ville.live() as socket:
        following(ville, socket)
        pair[0].ask("people.remove", RemoveForm(ville.client.me["person"], "Koivu"), type(None))
        maija.post([maija.idea("salaisuus")])
        grants = heard_in_time(socket).grants
        assert ville.team not in {space for space, *_ in grants.spaces}
        with pytest.raises(TimeoutError):
            while True:
                assert not decode_synced(socket.recv(timeout=1)).frames


def test_who_leaves_at_one_process_is_sent_away_at_the_other(pair, phones):
    ville = phones[1]
    with ville.live() as socket:
        following(ville, socket)
        pair[0].ask("people.remove", RemoveForm(ville.client.me["person"], None), type(None))
        with pytest.raises(ConnectionClosed):
            while True:
                heard_in_time(socket)
    assert socket.close_code == 4410


def test_a_command_reaches_the_sockets_though_no_server_took_it(phones, tmp_path):
    maija, ville = phones
    elsewhere = Server(
        tmp_path / "elsewhere", {"VIRTAAMO_DATABASE": maija.server.environ["VIRTAAMO_DATABASE"]}
    )
    shutil.copytree(maija.server.folder, elsewhere.folder, ignore=shutil.ignore_patterns("*.sock"))
    with ville.live() as socket:
        following(ville, socket)
        done = elsewhere.cli(
            "people", "remove", "--person", str(ville.client.me["person"]), "--team", "Koivu"
        )
        assert done.returncode == 0, done.stderr
        assert heard_in_time(socket).grants is not None


def test_the_database_may_be_restarted_under_the_servers(phones, postgres):
    maija, ville = phones
    before = maija.idea("ennen")
    maija.post([before])
    idea = maija.idea("aikana")
    postgres.stop("immediate")
    try:
        away = maija.client.post("/api/sync", content=encode(maija.sync([idea])), headers=MSGPACK)
    finally:
        postgres.start()
    assert (away.status_code, msgspec.msgpack.decode(away.content)["error"]) == (503, "read_only")
    assert maija.post([idea]).verdicts[0].code == Code.DONE
    rows = {
        row.card
        for frame in map(decode_frame, ville.post(cursors={ville.team: 0}).frames)
        for row in frame.rows
    }
    assert {before.card, idea.card} <= rows
    with ville.live() as socket:
        following(ville, socket)
        maija.post([maija.idea("taas")])
        assert titles(decode_frame(heard_in_time(socket).frames[0])) == ["taas"]


class House:
    """One process's rooms: the database, the sockets, and what hears of the others."""

    def __init__(self, town):
        self.town, self.db = town, Database(town.db.where, announce=announce)
        self.fanout = Fanout(b"epoch001", lambda: town.now)
        self.neighbours = Neighbours(self.db, self.fanout)

    async def __aenter__(self):
        await self.db.open()
        self.task = asyncio.create_task(self.neighbours.run())
        return self

    async def __aexit__(self, *_):
        self.task.cancel()
        await self.db.close()

    def joined(self, name, space):
        """A socket of somebody who has seen all of a space."""
        person = self.town.people[name].number
        socket = self.fanout.join(person, name.encode())
        socket.version = self.town.db.write(stored.grants_of, person).version
        number = self.town.spaces[space]
        self.fanout.follow(socket, {number: self.town.replica(space).cursor})
        return socket

    async def sent(self, socket):
        """The titles in the next message to a socket; nothing if it has to look at its grants or to pull."""
        message = await asyncio.wait_for(socket.next(), WAIT_S)
        return message and [t for frame in decode_synced(message).frames for t in titles(decode_frame(frame))]


def give_session(txn, town, name):
    """A session whose hash is the person's name."""
    stored.start_session(
        txn, stored.Device(town.people[name].device, town.people[name].number, "fi", name.encode()), NOW
    )


@pytest.fixture
def residents(town):
    for name in ("aino", "timo"):
        town.db.write(give_session, town, name)
    return town


@on_postgres
def test_a_poke_that_is_lost_costs_delay_alone(residents, monkeypatch):
    monkeypatch.setattr(neighbours, "LOOK_S", 0.2)

    async def listen():
        async with House(residents) as house:
            socket = house.joined("aino", "koivu")
            residents.idea("timo", title="hukassa")  # the tests' own connection announces nothing
            return await house.sent(socket)

    assert asyncio.run(listen()) == ["hukassa"]


@on_postgres
def test_a_removal_whose_poke_is_lost_is_found(residents, monkeypatch):
    monkeypatch.setattr(neighbours, "LOOK_S", 0.2)

    async def listen():
        async with House(residents) as house:
            socket = house.joined("aino", "koivu")
            residents.db.write(
                remove, residents.people["aino"].number, residents.spaces["koivu"], residents.now
            )
            return await house.sent(socket), socket.grants_changed

    assert asyncio.run(listen()) == (None, True)


@on_postgres
def test_a_deaf_process_sends_nothing_to_who_was_removed_elsewhere(residents):
    """Not even what it commits itself, in a space where the removal has left no trace (P6)."""

    async def commit():
        async with House(residents) as house, House(residents) as other:
            removed, member = house.joined("aino", "org"), house.joined("timo", "org")
            house.task.cancel()
            house.neighbours.hear = lambda said, number: None
            number, team = residents.people["aino"].number, residents.spaces["koivu"]
            await other.db.write(remove, number, team, residents.now)
            house.task = asyncio.create_task(house.neighbours._pass_on())
            sets = {"team": (None, residents.spaces["leppa"]), "title": (None, "salaisuus")}
            raw = encode(residents.change("outi", sets, space="org"))
            await house.db.write(accept, [arrival(residents.device("outi"), raw)], residents.now, SECRET)
            return await house.sent(member), await house.sent(removed), removed.grants_changed

    assert asyncio.run(commit()) == (["salaisuus"], None, True)


@on_postgres
def test_many_commits_while_nobody_listened_come_as_one_frame(residents):
    async def listen():
        async with House(residents) as house:
            sockets = [house.joined("aino", "koivu") for _ in range(3)]
            house.task.cancel()
            for n in range(5):
                sets = {"team": (None, residents.spaces["koivu"]), "title": (None, f"idea {n}")}
                residents.send("timo", sets, card=bytes([n]) * 16)
            house.task = asyncio.create_task(house.neighbours.run())
            return [await house.sent(socket) for socket in sockets]

    assert asyncio.run(listen()) == [[f"idea {n}" for n in range(5)]] * 3
