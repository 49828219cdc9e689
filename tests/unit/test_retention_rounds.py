"""A round of retention on a running database: what is due, photos nobody refers to, the longest time held."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from sqlalchemy import func, select
from structlog.testing import capture_logs

from server.db import Database
from server.intake import arrival
from server.photos import Photos
from server.retention import MOST_ROWS, Retention, Round
from server.store.accept import accept, hold_all
from server.store.audit import Event, note
from server.store.retention import BODY_DAYS
from server.tables import change, photo
from sync.protocol import encode
from tests.changes import DAY, IDEA
from tests.town import SECRET, Town

T = TypeVar("T")
MONTH_S = 31 * 86_400


class House:
    """A town's database as the server opens it, and its photos."""

    def __init__(self, town: Town, folder: Path) -> None:
        self.town, self.folder = town, folder
        self.photos = Photos(folder, "")

    def run(self, use: Callable[[Database, Retention], Awaitable[T]]) -> T:
        """Open the database, use it, close it."""

        async def opened() -> T:
            self.town.db.kill()
            db = Database(self.town.db.where)
            await db.open()
            try:
                return await use(db, Retention(db, self.photos, SECRET, lambda: self.town.now, perf_counter))
            finally:
                await db.close()

        return asyncio.run(opened())

    def round(self) -> Round:
        """One round, at the town's time."""
        return self.run(lambda _, retention: retention.round(self.town.now))

    def upload(self, content: bytes, days_ago: int) -> str:
        """A photo that came some days ago; gives its name. What it shows is no matter here."""
        name = sha256(content).hexdigest()
        file = self.folder / name[:2] / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
        at = self.town.now / 1000 - days_ago * 86_400
        os.utime(file, (at, at))
        return name

    def has(self, name: str) -> bool:
        """Whether a photo's file is there."""
        return (self.folder / name[:2] / name).exists()


def house(town: Town, tmp_path: Path) -> House:
    return House(town, tmp_path / "files")


def naming(town: Town, name: str, was: object = None, now: object = "Pöytä") -> bytes:
    return encode(town.change("aino", {f"photos/{name}": (was, now)}))


def test_a_round_does_what_is_due_in_every_space(town, tmp_path):
    town.idea()
    town.idea("sari", space="pihlaja", team=town.spaces["pihlaja"])
    town.now += (BODY_DAYS + 1) * DAY
    done = house(town, tmp_path).round()
    assert done.removed["bodies"] == 2
    assert house(town, tmp_path).round().removed["bodies"] == 0


def test_a_task_that_fails_keeps_no_other_from_its_turn(town, tmp_path):
    def fail(txn, now, pace):
        raise RuntimeError("words of somebody")

    async def round_(db, retention):
        retention.everywhere = {"broken": fail, **retention.everywhere}
        return await retention.round(town.now)

    town.idea()
    home = house(town, tmp_path)
    old = home.upload(b"old", 31)
    town.db.write(note, Event("invited"), town.now)
    town.now += 401 * DAY
    with capture_logs() as logs:
        done = home.run(round_)
    assert done.removed["events"] == 1
    assert done.removed["files"] == 1
    assert not home.has(old)
    (line,) = logs
    assert (line["event"], line["task"], line["error"]) == ("retention failed", "broken", "RuntimeError")
    assert "words of somebody" not in str(line)


def test_writers_get_their_turn_between_batches(town, tmp_path):
    town.idea()
    for start in range(0, 3 * MOST_ROWS, 100):
        town.deliver([("aino", encode(lang(town, n))) for n in range(start, start + 100)])
    town.now += (BODY_DAYS + 1) * DAY
    left: list[int] = []

    async def both(db: Database, retention: Retention) -> Round:
        running = asyncio.ensure_future(retention.round(town.now))
        bodies = select(func.count()).where(change.c.body.is_not(None))
        while not running.done():
            raw = encode(lang(town, len(left)))
            await db.write(accept, [arrival(town.device("aino"), raw)], town.now, SECRET)
            left.append(await db.read(lambda txn: txn.connection.execute(bodies).scalar_one()))
        return await running

    done = house(town, tmp_path).run(both)
    assert done.removed["bodies"] == 3 * MOST_ROWS + 1
    assert len(set(left)) > 3, "somebody wrote between two batches"


def lang(town: Town, n: int):
    return town.change("aino", {"lang": (None, f"f{n}")})


def test_a_photo_that_no_card_ever_named_goes_after_a_month(town, tmp_path):
    home = house(town, tmp_path)
    fresh, old = home.upload(b"fresh", 29), home.upload(b"old", 31)
    assert home.round().removed["files"] == 1
    assert (home.has(fresh), home.has(old)) == (True, False)


def test_a_photo_whose_card_comes_late_stays(town, tmp_path):
    home = house(town, tmp_path)
    named = home.upload(b"named", 100)
    town.idea()
    town.deliver([("aino", naming(town, named))])
    assert home.round().removed["files"] == 0
    assert home.has(named)


def test_a_photo_that_a_held_change_names_stays(town, tmp_path):
    home = house(town, tmp_path)
    named = home.upload(b"held", 100)
    raws = [b"\xc1", naming(town, named)]
    town.db.write(hold_all, [arrival(town.device("aino"), raw) for raw in raws], town.now)
    home.round()
    assert home.has(named)


def test_a_photo_that_was_taken_off_a_card_can_be_put_back_for_a_month(town, tmp_path):
    home = house(town, tmp_path)
    named = home.upload(b"taken off", 100)
    town.idea()
    town.deliver([("aino", naming(town, named)), ("aino", naming(town, named, "Pöytä", None))])
    home.round()
    town.now += 20 * DAY
    home.round()
    assert home.has(named)
    town.deliver([("aino", naming(town, named))])
    home.round()
    town.now += 20 * DAY
    home.round()
    assert home.has(named), "it is named again"
    town.deliver([("aino", naming(town, named, "Pöytä", None))])
    home.round()
    town.now += 31 * DAY
    home.round()
    assert not home.has(named)


def test_a_hidden_card_s_photo_goes_with_the_card(town, tmp_path):
    home = house(town, tmp_path)
    named = home.upload(b"hidden", 100)
    town.idea()
    town.deliver([("aino", naming(town, named))])
    town.send("aino", {"gone": (None, ["withdrawn", ""])}, base=town.replica().cursor)
    town.now += 29 * DAY
    home.round()
    assert home.has(named)
    town.now += 2 * DAY
    done = home.round()
    assert done.removed["files"] == 1
    assert not home.has(named)
    assert town.db.write(lambda txn: txn.connection.execute(select(photo.c.sha)).all()) == []


def test_a_photo_in_two_cards_stays_until_both_have_gone(town, tmp_path):
    home = house(town, tmp_path)
    named = home.upload(b"both", 100)
    town.idea()
    other = {"team": (None, town.spaces["koivu"]), "title": (None, "Ovi"), f"photos/{named}": (None, "Pöytä")}
    town.send("timo", other, card=b"o" * 16)
    town.deliver([("aino", naming(town, named))])
    town.send("aino", {"gone": (None, ["withdrawn", ""])}, base=town.replica().cursor, card=IDEA)
    town.now += 31 * DAY
    home.round()
    assert home.has(named)


def test_a_photo_whose_card_comes_in_the_moment_of_its_going_is_put_back(town, tmp_path):
    home = house(town, tmp_path)
    named = home.upload(b"late", 100)
    town.idea()

    class Late(Photos):
        async def drop(self, name: str) -> None:
            await super().drop(name)
            await self.db.write(accept, [arrival(town.device("aino"), naming(town, name))], town.now, SECRET)

        async def keep(self, name: str, content: bytes) -> None:
            home.upload(content, 0)

    home.photos = Late(home.folder, "")

    async def round_(db: Database, retention: Retention) -> Round:
        home.photos.db = db
        return await retention.round(town.now)

    home.run(round_)
    assert home.has(named)


def test_what_lies_beside_the_database_is_looked_at_too(town: Town, tmp_path: Path) -> None:
    asked: list[int] = []

    async def with_copies(_: Database, retention: Retention) -> Round:
        retention.beside["copies"] = lambda now: asked.append(now) or 2
        return await retention.round(town.now)

    assert house(town, tmp_path).run(with_copies).removed["copies"] == 2
    assert asked == [town.now]
