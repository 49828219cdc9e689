"""What open connections are sent, step by step (docs/protocol.md sections 1 and 5)."""

import asyncio

import pytest
from msgspec import Raw

from server.fanout import UNDER_WAY, Fanout
from server.store.cards import News
from server.store.people import Regranted
from sync.protocol import Frame, Row, encode

PERSON, LEFT, STAYS = 7, 2, 3


def news(space, since):
    row = Row(b"x" * 16, "idea", since + 1, 1, 1, {"title": "salaisuus"})
    frame = Frame(space, since, since + 1, [row], 1, since + 1)
    return News(space, since, since + 1, lambda: Raw(encode(frame)))


@pytest.fixture
def fanout():
    return Fanout(b"epoch001", lambda: 1)


@pytest.fixture
def slow(fanout):
    """A connection that takes nothing for the moment; it follows both spaces."""
    subscriber = fanout.join(PERSON)
    fanout.follow(subscriber, {LEFT: 10, STAYS: 5})
    return subscriber


def taken(subscriber):
    """What the sender would take now."""

    async def take():
        return await asyncio.wait_for(subscriber.next(), 1)

    return asyncio.run(take())


def test_what_is_written_after_a_removal_never_waits_for_who_was_removed(fanout, slow):
    fanout.publish([Regranted(PERSON)])
    fanout.publish([news(LEFT, 10)])
    slow.grants_changed = False
    fanout.follow(slow, {STAYS: slow.cursors[STAYS]})

    assert taken(slow) is None
    assert slow.missed == {STAYS: 5}


def test_frames_dropped_at_a_change_of_grants_are_poked_for(fanout, slow):
    fanout.publish([news(STAYS, 5)])
    fanout.publish([Regranted(PERSON)])
    slow.grants_changed = False
    fanout.follow(slow, {STAYS: slow.cursors[STAYS]})

    assert slow.missed == {STAYS: 6}


def test_who_takes_no_replies_is_read_no_further(slow):
    async def ask_without_listening():
        for _ in range(UNDER_WAY):
            await slow.under_way.acquire()
            slow.reply(b"reply")
        waits = slow.under_way.locked()
        await slow.next()
        return waits, slow.under_way.locked()

    assert asyncio.run(ask_without_listening()) == (True, False)
