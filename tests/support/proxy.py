"""A proxy on raw sockets: opens tunnels or refuses to, and keeps what it was asked."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

# How long a connection may take to end before it is taken for stuck, in seconds.
_PATIENCE = 30

_ESTABLISHED = "HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n"


class Proxy:
    """Takes connections on a free port of this machine, each in a thread of its own.

    What `manners` says of a connection, in their order, the last for all that follow: `open` opens
    the tunnel, to the server that was given whatever name is asked for; `silence` never answers;
    `drop` opens the tunnel and closes it at once; anything else is the text of the answer.
    """

    def __init__(self, port: int, manners: Sequence[str]) -> None:
        """Listens; `port` is the server's at the other end of the tunnels."""
        self._port = port
        self._manners = manners
        self._lock = threading.Lock()
        self._serving = 0
        self._served = threading.Condition(self._lock)
        self._asked: list[dict[str, Any]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def asked(self) -> list[dict[str, Any]]:
        """Each request so far: its `line`, and its `credentials` where there are any."""
        with self._lock:
            return list(self._asked)

    def wait_served(self) -> None:
        """Waits until every connection so far has been closed on both sides."""
        with self._served:
            closed = self._served.wait_for(lambda: self._serving == 0, _PATIENCE)
        assert closed, "a connection through the proxy was not closed"

    def stop(self) -> None:
        """Takes no more connections."""
        with suppress(OSError):  # It was never connected.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._serving += 1
            threading.Thread(target=self._serve_one, args=(connection,), daemon=True).start()

    def _serve_one(self, connection: socket.socket) -> None:
        try:
            self._serve(connection)
        finally:
            with self._served:
                self._serving -= 1
                self._served.notify_all()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # Either side may go whenever it likes.
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                byte = connection.recv(1)
                if not byte:
                    return
                head += byte
            manner = self._take(head.decode("latin-1").split("\r\n"))
            if manner == "silence":
                connection.recv(1)
            elif manner == "drop":
                connection.sendall(_ESTABLISHED.encode())
            elif manner == "open":
                connection.sendall(_ESTABLISHED.encode())
                with socket.create_connection(("127.0.0.1", self._port)) as server:
                    _carry(connection, server)
            else:
                connection.sendall(manner.encode())

    def _take(self, lines: Sequence[str]) -> str:
        """Notes a request; what is to become of it."""
        asked = {"line": lines[0]}
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            if name.lower() == "proxy-authorization":
                asked["credentials"] = value
        with self._lock:
            self._asked.append(asked)
            return self._manners[min(len(self._asked), len(self._manners)) - 1]


def _carry(client: socket.socket, server: socket.socket) -> None:
    """Carries bytes both ways until one side ends."""
    other = {client: server, server: client}
    while True:
        for one in select.select(list(other), [], [])[0]:
            data = one.recv(1 << 16)
            if not data:
                return
            other[one].sendall(data)


@contextmanager
def proxying(port: int, manners: Sequence[str]) -> Iterator[Proxy]:
    """A proxy for the length of a block."""
    proxy = Proxy(port, manners)
    try:
        yield proxy
    finally:
        proxy.stop()
