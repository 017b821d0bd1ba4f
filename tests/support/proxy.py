"""An HTTP proxy on raw sockets: opens tunnels or rejects them, and records the requests."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

# A connection that is open for longer fails the test.
_TIMEOUT_SECONDS = 30

_ESTABLISHED = "HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n"


class Proxy:
    """Accepts connections on a free port of this machine, each in its own thread.

    `behaviors` has one entry per connection; the last one is used for all further connections:

    - `open`: opens the tunnel. It always ends at the server, whatever host the client names.
    - `silence`: never responds.
    - `drop`: opens the tunnel and closes it immediately.
    - any other text: sends this text as the response.
    """

    def __init__(self, port: int, behaviors: Sequence[str]) -> None:
        """Listens.

        Args:
            port: The port of the server at the other end of the tunnels.
            behaviors: What the proxy does with each connection.
        """
        self._port = port
        self._behaviors = behaviors
        self._lock = threading.Lock()
        self._open_count = 0
        self._closed = threading.Condition(self._lock)
        self._requests: list[dict[str, Any]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def requests(self) -> list[dict[str, Any]]:
        """All requests so far: the request line as `line`, and the `credentials` if any."""
        with self._lock:
            return list(self._requests)

    def wait_until_closed(self) -> None:
        """Waits until every connection so far is closed on both sides."""
        with self._closed:
            closed = self._closed.wait_for(lambda: self._open_count == 0, _TIMEOUT_SECONDS)
        assert closed, "a connection through the proxy was not closed"

    def stop(self) -> None:
        """Stops listening."""
        with suppress(OSError):  # A listener is never connected.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open_count += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._respond(connection)
        finally:
            with self._closed:
                self._open_count -= 1
                self._closed.notify_all()

    def _respond(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # Either side may close at any time.
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                byte = connection.recv(1)
                if not byte:
                    return
                head += byte
            behavior = self._record(head.decode("latin-1").split("\r\n"))
            if behavior == "silence":
                connection.recv(1)
            elif behavior == "drop":
                connection.sendall(_ESTABLISHED.encode())
            elif behavior == "open":
                connection.sendall(_ESTABLISHED.encode())
                with socket.create_connection(("127.0.0.1", self._port)) as server:
                    _copy_both_ways(connection, server)
            else:
                connection.sendall(behavior.encode())

    def _record(self, lines: Sequence[str]) -> str:
        """Records a request, and returns what the proxy does with it."""
        request = {"line": lines[0]}
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            if name.lower() == "proxy-authorization":
                request["credentials"] = value
        with self._lock:
            self._requests.append(request)
            return self._behaviors[min(len(self._requests), len(self._behaviors)) - 1]


def _copy_both_ways(client: socket.socket, server: socket.socket) -> None:
    """Copies bytes in both directions until one side closes."""
    other = {client: server, server: client}
    while True:
        for readable in select.select(list(other), [], [])[0]:
            data = readable.recv(1 << 16)
            if not data:
                return
            other[readable].sendall(data)


@contextmanager
def run_proxy(port: int, behaviors: Sequence[str]) -> Iterator[Proxy]:
    """Runs a proxy until the end of the `with` block."""
    proxy = Proxy(port, behaviors)
    try:
        yield proxy
    finally:
        proxy.stop()
