"""Several processes on one port: the first process starts them, starts a dead one again, and ends them all.

Each has a listening socket of its own, which the first process keeps open: who asks while a process is started again
waits for it and isn't turned away.
"""

import os
import signal
import socket
from collections.abc import Callable, Sequence

import structlog
from msgspec import Struct

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
TICK_S = 0.1
PAUSE_TICKS = 10  # before one is started again that died before it could serve
READY = b"1"
log = structlog.get_logger()


class Ends(Struct, frozen=True):
    """What a process has of the first one: where to say that it serves, and what ends when the first one does."""

    ready: int
    parent: int


class Worker(Struct):
    """One place on the port, and the process that fills it; 0 while there is none."""

    line: socket.socket
    pid: int = 0
    ready: int = -1
    serves: bool = False
    pause: int = 0


class Workers:
    """Runs `work(line, ends)` in a process for each line; `say` is called once, when all serve.

    Processes that were told to end are killed after `patience_s`.
    """

    def __init__(
        self,
        lines: Sequence[socket.socket],
        work: Callable[[socket.socket, Ends], None],
        say: Callable[[], None],
        patience_s: float,
    ) -> None:
        self._workers = [Worker(line) for line in lines]
        self._work, self._say = work, say
        self._patience_ticks = round(patience_s / TICK_S)
        self._parent, self._held = os.pipe()
        self._has_said = self._is_ending = False
        self._failed = False

    def run(self) -> bool:
        """Until a signal ends it; whether all went well."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        for worker in self._workers:
            self._start(worker)
        ticks = 0
        while any(worker.pid for worker in self._workers) or not self._is_ending:
            came = signal.sigtimedwait(SIGNALS, TICK_S)
            if came is not None and came.si_signo != signal.SIGCHLD:
                self._end(signal.SIGTERM)
            for worker in self._workers:
                self._look_after(worker)
            if not self._has_said and all(worker.serves for worker in self._workers):
                self._has_said = True
                self._say()
            ticks += self._is_ending
            if ticks == self._patience_ticks:
                self._end(signal.SIGKILL)
        return not self._failed

    def _start(self, worker: Worker) -> None:
        worker.ready, told = os.pipe()
        os.set_blocking(worker.ready, False)
        worker.serves = False
        worker.pid = os.fork()
        if worker.pid == 0:
            self._be(worker, told)
        os.close(told)

    def _be(self, worker: Worker, told: int) -> None:
        """The process itself, from its birth to its end."""
        code = 1
        try:
            os.close(self._held)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            for other in self._workers:
                if other is not worker:
                    other.line.close()
            self._work(worker.line, Ends(told, self._parent))
            code = 0
        except Exception as error:
            log.error("worker", kind=type(error).__name__)
        finally:
            os._exit(code)

    def _look_after(self, worker: Worker) -> None:
        if worker.pid and not worker.serves and _has_said(worker.ready):
            worker.serves = True
        if worker.pid and os.waitpid(worker.pid, os.WNOHANG)[0]:
            self._bury(worker)
        elif not worker.pid and not self._is_ending:
            worker.pause -= 1
            if worker.pause <= 0:
                self._start(worker)

    def _bury(self, worker: Worker) -> None:
        os.close(worker.ready)
        worker.pid, worker.pause = 0, 0 if worker.serves else PAUSE_TICKS
        if self._is_ending:
            return
        log.warning("worker ended", starts_again=self._has_said)
        if not self._has_said:  # it can't be started at all
            self._failed = True
            self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        self._is_ending = True
        for worker in self._workers:
            if worker.pid:
                os.kill(worker.pid, number)


def _has_said(ready: int) -> bool:
    try:
        return os.read(ready, 1) == READY
    except BlockingIOError:
        return False
