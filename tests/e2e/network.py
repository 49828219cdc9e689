"""The network between one device and the server: an HTTP proxy that a test can break as wards do."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

PORTAL = b"<!doctype html><title>Vierasverkko</title><h1>Hyv\xc3\xa4ksy ehdot</h1><script>alert(1)</script>"
WAIT_S = 60
STOP = "/stop-here"  # a request for this is never answered: whoever waits for it stands still


class Network:
    """Whole until told otherwise. `cut`, `lose_replies`, `block_live` and `put_portal` break it, `mend` heals all."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._up = self._replies = self._live = True
        self._portal = False
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        _start(self._listen)

    def cut(self) -> None:
        """Nothing gets through, and what was open is torn."""
        self._up = False
        self._tear()

    def lose_replies(self) -> None:
        """What the device sends arrives; what the server answers doesn't."""
        self._replies = False

    def block_live(self) -> None:
        """A firewall that knows no WebSockets."""
        self._live = False
        self._tear()

    def put_portal(self) -> None:
        """A guest network's portal answers everything with a page of its own, and with 200."""
        self._portal = True
        self._tear()

    def mend(self) -> None:
        """Whole again; what was open under the old state is torn."""
        whole = self._up and self._replies and self._live and not self._portal
        self._up = self._replies = self._live = True
        self._portal = False
        if not whole:
            self._tear()

    def close(self) -> None:
        """End it."""
        self._up = False
        self._listener.close()
        self._tear()

    def _tear(self) -> None:
        for end in tuple(self._open):
            _shut(end)

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            _start(self._attend, client)

    def _attend(self, client: socket.socket) -> None:
        self._open.add(client)
        try:
            self._serve(client)
        except (OSError, ValueError):
            pass  # Torn: what every network does now and then.
        finally:
            self._forget(client)

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(WAIT_S)
        head, body = _read_head(client)
        method, target, _ = head.split(b"\r\n", 1)[0].split(b" ")
        if not self._up or not head:
            return
        if method == b"CONNECT":
            self._tunnel(client, target.decode())
        elif self._portal:
            client.sendall(_portal_page())
        else:
            self._pass_on(client, head, body)

    def _pass_on(self, client: socket.socket, head: bytes, body: bytes) -> None:
        """One request and its reply, on a connection of its own."""
        first, *lines = head.split(b"\r\n")
        method, target, version = first.split(b" ")
        url = urlsplit(target.decode())
        path = url.path + (f"?{url.query}" if url.query else "")
        self.asked.append(f"{method.decode()} {path}")
        if path == STOP:
            client.recv(1)  # until it is killed
            return
        lines = [
            line for line in lines if not line.lower().startswith((b"connection:", b"proxy-connection:"))
        ]
        missing = _length(lines) - len(body)
        while missing > 0:
            body += (part := _some(client))
            missing -= len(part)
        with self._server(url.netloc) as server:
            first = b" ".join([method, path.encode(), version])
            server.sendall(b"\r\n".join([first, b"Connection: close", *lines]) + b"\r\n\r\n" + body)
            reply = b"".join(iter(lambda: server.recv(65536), b""))
            self._forget(server)
        if self._up and self._replies:
            client.sendall(reply)

    def _tunnel(self, client: socket.socket, netloc: str) -> None:
        """A WebSocket: bytes both ways until one side ends."""
        if not self._live:
            client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        if self._portal:
            _read_head(client)
            client.sendall(_portal_page())
            return
        self.asked.append(f"CONNECT {netloc}")
        client.settimeout(None)
        with self._server(netloc) as server:
            server.settimeout(None)
            _start(self._pump, client, server, lambda: True)
            self._pump(server, client, lambda: self._replies)
            self._forget(server)

    def _pump(self, source: socket.socket, sink: socket.socket, gets_through: Callable[[], bool]) -> None:
        try:
            while part := source.recv(65536):
                if gets_through():
                    sink.sendall(part)
        except OSError:
            pass
        _shut(source)
        _shut(sink)

    def _server(self, netloc: str) -> socket.socket:
        host, _, port = netloc.partition(":")
        server = socket.create_connection((host, int(port)), timeout=WAIT_S)
        self._open.add(server)
        return server

    def _forget(self, end: socket.socket) -> None:
        self._open.discard(end)
        end.close()


def _start(work: Callable[..., None], *args: object) -> None:
    threading.Thread(target=work, args=args, daemon=True).start()


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


def _read_head(client: socket.socket) -> tuple[bytes, bytes]:
    """The head of a request, and what has come of its body."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += _some(client)
    head, _, rest = got.partition(b"\r\n\r\n")
    return head, rest


def _some(client: socket.socket) -> bytes:
    part = client.recv(65536)
    if not part:
        raise ValueError("the other side ended")
    return part


def _length(lines: list[bytes]) -> int:
    found = [line.split(b":")[1] for line in lines if line.lower().startswith(b"content-length:")]
    return int(found[0]) if found else 0


def _portal_page() -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(PORTAL)}\r\nConnection: close\r\n\r\n"
    return head.encode() + PORTAL
