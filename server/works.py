"""Works that go on beside the requests until the server stops; one that breaks is begun again."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import structlog

from server.traces import cause_of, place_of

FIRST_S, LONGEST_S = 1, 60  # between two beginnings of a work that breaks again and again

Rest = Callable[[float], Awaitable[None]]


class Work(NamedTuple):
    """`run` may be called again whenever it has broken; when it returns, the work is done. `broke` counts."""

    name: str
    run: Callable[[], Coroutine[object, object, None]]
    broke: Callable[[], None]


@contextmanager
def working(works: Iterable[Work]) -> Iterator[None]:
    """All of them go on for as long as the block lasts."""
    tasks = [asyncio.create_task(keep_going(work)) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def keep_going(work: Work, rest: Rest = asyncio.sleep) -> None:
    """Run a work until it is done or this is cancelled; pauses grow while it breaks soon after its beginning."""
    clock, pause_s = asyncio.get_running_loop().time, FIRST_S
    while True:
        begun = clock()
        try:
            return await work.run()
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            _tell(work, error)  # something that it waited for was cancelled
        except Exception as error:
            _tell(work, cause_of(error))
        if clock() - begun > LONGEST_S:
            pause_s = FIRST_S
        await rest(pause_s)
        pause_s = min(2 * pause_s, LONGEST_S)


def _tell(work: Work, error: BaseException) -> None:
    work.broke()
    kind = type(error).__name__
    structlog.get_logger().error("work broke", work=work.name, kind=kind, at=place_of(error))
