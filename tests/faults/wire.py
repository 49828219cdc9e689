"""A wire that drops, doubles, delays, reorders and cuts messages, at the level of HTTP and of WebSocket."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from random import Random

WAIT_S = 60
LONGEST_DELAY_S = 0.3
FAULTS = ("drop", "double", "delay", "reorder", "cut")


class Cut(OSError):
    """The connection ends in the middle of a message."""


class BadWire:
    """In front of one server. Each message suffers one of `faults` with a chance of `often`; `mend` ends that."""

    def __init__(self, host: str, port: int, faults: tuple[str, ...], seed: int) -> None:
        self.netloc = f"{host}:{port}"
        self.suffered = dict.fromkeys(FAULTS, 0)
        self._server = host, port
        self._faults, self._often = faults, 0.0
        self._chance = Random(seed)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        _start(self._listen)

    def spoil(self, often: float = 0.25) -> None:
        """From here on messages suffer."""
        self._often = often

    def mend(self) -> None:
        """Whole again; what is open is torn, so that nothing waits for what was swallowed."""
        self._often = 0.0
        self._tear()

    def close(self) -> None:
        """End it."""
        self._listener.close()
        self._tear()

    def _tear(self) -> None:
        for end in tuple(self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _fault(self) -> str:
        with self._lock:
            if not self._faults or self._chance.random() >= self._often:
                return ""
            fault = self._chance.choice(self._faults)
            self.suffered[fault] += 1
            return fault

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            _start(self._attend, client)

    def _attend(self, client: socket.socket) -> None:
        server = socket.create_connection(self._server, timeout=WAIT_S)
        self._open |= {client, server}
        try:
            head, rest = _head(client)
            if b"upgrade: websocket" in head.lower():
                server.sendall(self._for_server(head, b"Upgrade") + rest)
                reply, more = _head(server)
                client.sendall(reply + b"\r\n\r\n" + more)
                back = _start(self._pump, server, client)
                self._pump(client, server)
                back.join(WAIT_S)
            else:
                self._pass_on(client, server, head, rest)
        except (OSError, ValueError):
            pass  # torn: what every network does now and then
        finally:
            for end in (client, server):
                self._open.discard(end)
                end.close()

    def _for_server(self, head: bytes, connection: bytes) -> bytes:
        """The request's head as the server wants it, without compression of messages."""
        first, *lines = head.split(b"\r\n")
        unwanted = (b"host:", b"connection:", b"sec-websocket-extensions:")
        kept = [line for line in lines if not line.lower().startswith(unwanted)]
        own = [b"Host: " + self.netloc.encode(), b"Connection: " + connection]
        return b"\r\n".join([first, *own, *kept]) + b"\r\n\r\n"

    # ---- HTTP

    def _pass_on(self, client: socket.socket, server: socket.socket, head: bytes, body: bytes) -> None:
        missing = _length(head) - len(body)
        while missing > 0:
            body += (part := _some(client))
            missing -= len(part)
        request = self._for_server(head, b"close") + body
        fault = self._fault()
        if fault in ("delay", "reorder"):
            time.sleep(self._chance.random() * LONGEST_DELAY_S)
        if fault == "drop" and self._chance.random() < 0.5:
            return  # the request itself
        if fault == "double":
            with socket.create_connection(self._server, timeout=WAIT_S) as again:
                again.sendall(request)
                _whole(again)
        server.sendall(request)
        reply = _whole(server)
        if fault == "cut":
            reply = reply[: self._chance.randrange(len(reply))]
        if fault != "drop":
            client.sendall(reply)

    # ---- WebSocket

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        held = b""
        try:
            while True:
                message = _message(source)
                sent, held = self._suffer(message, held)
                for one in sent:
                    sink.sendall(one)
        except Cut as cut:
            with suppress(OSError):
                sink.sendall(cut.args[0])
        except (OSError, ValueError):
            pass
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _suffer(self, message: bytes, held: bytes) -> tuple[list[bytes], bytes]:
        """What goes on now, and what is held back until the next message has gone."""
        fault = self._fault() if message[0] & 0x0F < 8 else ""  # pings and goodbyes are not ours
        if fault == "drop":
            return [held] if held else [], b""
        if fault == "reorder" and not held:
            return [], message
        if fault == "cut":
            raise Cut(message[: self._chance.randrange(len(message))])
        if fault == "delay":
            time.sleep(self._chance.random() * LONGEST_DELAY_S)
        return [message] * (2 if fault == "double" else 1) + ([held] if held else []), b""


def _start(work: Callable[..., None], *args: object) -> threading.Thread:
    thread = threading.Thread(target=work, args=args, daemon=True)
    thread.start()
    return thread


def _head(end: socket.socket) -> tuple[bytes, bytes]:
    got = b""
    while b"\r\n\r\n" not in got:
        got += _some(end)
    head, _, rest = got.partition(b"\r\n\r\n")
    return head, rest


def _some(end: socket.socket) -> bytes:
    part = end.recv(65536)
    if not part:
        raise ValueError("the other side ended")
    return part


def _whole(end: socket.socket) -> bytes:
    return b"".join(iter(lambda: end.recv(65536), b""))


def _length(head: bytes) -> int:
    lines = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return int(lines[0].split(b":")[1]) if lines else 0


def _message(end: socket.socket) -> bytes:
    """One WebSocket frame as it came, its head included."""
    head = _exactly(end, 2)
    size = head[1] & 0x7F
    if size > 125:
        head += _exactly(end, 2 if size == 126 else 8)
        size = int.from_bytes(head[2:])
    return head + _exactly(end, size + (4 if head[1] & 0x80 else 0))


def _exactly(end: socket.socket, size: int) -> bytes:
    got = bytearray()
    while len(got) < size:
        part = end.recv(size - len(got))
        if not part:
            raise ValueError("the other side ended")
        got += part
    return bytes(got)
