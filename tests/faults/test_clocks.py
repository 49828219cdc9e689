"""The clock of the server, or of a device, jumps by a year either way, in the midst of the work."""

import os

import pytest

from tests.faults.devices import Device
from tests.faults.phone import Phone, until
from tests.faults.test_wire import settle

pytestmark = pytest.mark.parametrize("stored_in", ["sqlite", "postgres"])
DAY_MS = 24 * 3_600_000
YEAR_MS = 365 * DAY_MS
JUMPS = pytest.mark.parametrize("jump", [YEAR_MS, -YEAR_MS], ids=["a year ahead", "a year back"])


@JUMPS
def test_the_clock_of_the_server_jumps_and_jumps_back(breakable, words, engines, tmp_path, jump) -> None:
    clock = tmp_path / "clock"
    server = breakable(environ={"CLOCK": str(clock)}).start()
    server.add_team()
    aino, timo = (Device(engines, server, name, server.url) for name in ("Aino", "Timo"))
    shared = aino.write()
    until(lambda: shared in timo.state()["ids"])
    for off in (0, jump, 0):
        set_clock(clock, off)
        for device in (aino, timo):
            device.write()
            device.write(shared)
        server.stop()
        server.start(port=server.port)  # snapshots, retention and sessions look at the clock too
    settle([aino, timo])
    lasting = {word for text in Phone(server, "Lukija").texts(server) for word in text.split()}
    assert set(aino.saved) <= lasting
    aino.write()
    settle([aino, timo])
    words([*aino.saved, *timo.saved], Phone(server, "Toinen").texts(server))


def set_clock(clock, off: int) -> None:
    """What the server's clock is off by from now on, in milliseconds."""
    partial = clock.with_suffix(".part")
    partial.write_text(str(off))
    os.replace(partial, clock)


@JUMPS
def test_the_clock_of_a_device_jumps_and_jumps_back(breakable, words, engines, jump) -> None:
    server = breakable().start()
    server.add_team()
    aino, timo = (Device(engines, server, name, server.url) for name in ("Aino", "Timo"))
    shared = aino.write()
    until(lambda: shared in timo.state()["ids"])
    for off in (jump, 0, jump):
        aino.ask("clock", ms=off)
        aino.write()
        aino.write(shared)
        timo.write(shared)
        settle([aino, timo])
    timo.write(shared)
    settle([aino, timo])
    assert aino.state()["texts"] == timo.state()["texts"]
    words([*aino.saved, *timo.saved], Phone(server, "Lukija").texts(server))


@pytest.mark.parametrize("jump", [20 * DAY_MS, -YEAR_MS], ids=["20 days ahead", "a year back"])
def test_what_a_wrong_server_clock_dated_does_not_win_for_a_year(breakable, words, tmp_path, jump) -> None:
    """P4: who has seen a value may write over it, whatever the clocks say."""
    clock = tmp_path / "clock"
    server = breakable(environ={"CLOCK": str(clock)}).start()
    server.add_team()
    aino = Phone(server, "Aino")
    aino.write()
    aino.exchange(server)
    card = aino.all[0].card
    set_clock(clock, jump)
    aino.put(card, {"title": ("Aino 1", "Väärään aikaan")})
    aino.exchange(server)
    set_clock(clock, 0)
    aino.put(card, {"title": ("Väärään aikaan", "Oikeaan aikaan")})
    assert [v.code for v in aino.exchange(server).verdicts] == [0]
    board = aino.board(server)
    assert board.cards[card].fields["title"] == "Oikeaan aikaan"
    words(aino.saved, aino.texts(server))
