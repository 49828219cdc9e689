"""Messages dropped, doubled, delayed, reordered and cut in the middle, between the real engine and the real server."""

import time
from random import Random

import pytest

from tests.faults.devices import Device
from tests.faults.phone import Phone, until
from tests.faults.wire import FAULTS, BadWire

pytestmark = pytest.mark.parametrize("stored_in", ["sqlite", "postgres"])
STEPS, MOST = 40, 400
LEAST = 5


@pytest.mark.parametrize("faults", [(one,) for one in FAULTS] + [FAULTS], ids=[*FAULTS, "all at once"])
def test_every_word_arrives_once_over_a_wire_that_suffers(breakable, engines, words, faults) -> None:
    server = breakable().start()
    server.add_team()
    wires = [BadWire("127.0.0.1", server.port, faults, seed) for seed in range(3)]
    try:
        devices = [Device(engines, server, name, wire.url) for name, wire in zip(NAMES, wires, strict=True)]
        shared = devices[0].write()
        until(lambda: all(shared in device.state()["ids"] for device in devices))
        scribble(devices, wires, shared)
        for wire in wires:
            wire.mend()
        settle(devices)
        assert suffered(wires) >= LEAST
        assert equal(devices)
        saved = [word for device in devices for word in device.saved]
        words(saved, Phone(server, "Lukija").texts(server))
    finally:
        for wire in wires:
            wire.close()


NAMES = ("Aino", "Timo", "Outi")


def scribble(devices: list[Device], wires: list[BadWire], shared: str) -> None:
    """People write ideas of their own and into the one that all may write; now and then a wire tears."""
    chance = Random(7)
    for wire in wires:
        wire.spoil()
    for step in range(MOST):
        if step >= STEPS and suffered(wires) >= LEAST:
            return
        time.sleep(0.03)  # as people do; else all goes in one message
        device = chance.choice(devices)
        device.write(shared if chance.random() < 0.3 else None)
        if chance.random() < 0.1:
            device.ask("wake")


def suffered(wires: list[BadWire]) -> int:
    """How many messages have."""
    return sum(sum(wire.suffered.values()) for wire in wires)


def settle(devices: list[Device], noted: int = 0) -> None:
    """Until nothing waits and all are at the same place; each has so many changes that its person must look at."""

    def settled() -> bool:
        for device in devices:
            device.ask("wake")
        states = [device.state() for device in devices]
        assert [len(state["attention"]) for state in states] == [noted] * len(states), states
        places = {state["at"] for state in states}
        return not any(state["waiting"] for state in states) and len(places) == 1 and min(places) > 0

    until(settled, 120)
    time.sleep(0.5)  # five seconds for them: a verdict may come before its frame
    until(settled, 120)


def equal(devices: list[Device]) -> bool:
    """Whether all show the same (P2)."""
    shown = [sorted(device.state()["texts"]) for device in devices]
    return all(texts == shown[0] for texts in shown)


def test_a_wire_that_does_nothing_to_anybody_is_a_wire(breakable, engines, words) -> None:
    """The proxy itself neither loses nor adds anything: what the others show is the faults' doing."""
    server = breakable().start()
    server.add_team()
    wire = BadWire("127.0.0.1", server.port, (), 1)
    device = Device(engines, server, "Aino", wire.url)
    for _ in range(5):
        device.write()
    settle([device])
    until(lambda: len(device.state()["texts"]) == 5, 60)  # the verdicts may be there before the frame
    assert device.state()["reports"] == []
    wire.close()
    words(device.saved, device.state()["texts"])
