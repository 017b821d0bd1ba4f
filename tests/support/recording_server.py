"""A server on raw sockets that sends scripted responses and records every request."""

from __future__ import annotations

import json
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal, Optional, TypedDict, Union

# The default response: a link was sent.
LINK_SENT = {"maskedPhone": "+1******0123"}

# The first byte of a TLS connection: the record type of a handshake.
_TLS_HANDSHAKE = b"\x16"

# What the server does with a connection instead of responding. `close` and `reset` end it.
# `silence` reads on but never responds. `stop` does not even read on.
Fault = Literal["close", "reset", "silence", "stop"]

# What the server does with a new connection. `serve` reads requests and responds. `close`, `reset`
# and `silence` wait for the first byte, leave it unread, and apply this fault. `reset_at_once` does
# not wait.
Greeting = Literal["serve", "close", "reset", "silence", "reset_at_once"]


class ScriptedResponse(TypedDict, total=False):
    """A response of the server, or the fault that replaces it. All keys are optional.

    Without any key the response has the status 200, the usual headers and the body `LINK_SENT`.
    """

    # The status code.
    status: int
    # The HTTP version, such as `HTTP/1.0`.
    version: str
    # More headers. A list sends the header several times; null leaves out a usual header.
    headers: Mapping[str, Union[str, int, list[str], None]]
    # Text before the status line, such as an interim response.
    before: str

    # The body as a JSON value.
    json: Any
    # How many spaces follow the body that `json` gives.
    padding: int
    # The body as text.
    body: str
    # How often `body` is sent.
    repeat: int
    # The body as hexadecimal bytes.
    bodyHex: str

    # Sends the body in chunks.
    chunked: bool
    # Leaves out Content-Length.
    omitLength: bool
    # Closes the connection after this many bytes of the body.
    cut: int
    # Sends nothing more after this many bytes of the body, and keeps the connection open.
    stall: int
    # Waits this many seconds after each byte.
    trickle: float

    # The complete response as text. Only `then` may be given with it; its default is `close`.
    raw: str
    # The fault that replaces the response, after the request was read.
    instead: Fault
    # The fault that replaces the response, with the request unread. The request is not recorded.
    unread: Fault
    # Reads only this many bytes of the body of the request.
    takes: int

    # Waits this many seconds after the response.
    pause: float
    # What follows the response. `notify` sends the close_notify alert of TLS with the response, and
    # keeps the TCP connection open.
    then: Literal["keep", "close", "reset", "silence", "notify"]


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as it arrived.

    Attributes:
        method: Such as `POST`.
        path: The path and the query.
        headers: All headers in their order.
        body: The body as text.
        connection: The number of the connection, from 0.
        resumed: Whether the connection resumed the TLS session of an earlier one.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: str
    connection: int
    resumed: bool = False

    def header(self, name: str) -> Optional[str]:
        """The value of a header. Several headers of the same name are joined with commas."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None


class RecordingServer:
    """Accepts connections on a free port of this machine, each in its own thread.

    Attributes:
        script: The responses in the order of the requests. The last one is used for all further
            requests.
        greetings: What the server does with each new connection, in their order. The last entry is
            used for all further connections.
        port: The port.
    """

    def __init__(self, tls: Optional[ssl.SSLContext] = None, host: str = "127.0.0.1") -> None:
        """Listens on an address of this machine, with TLS if a context is given."""
        self.script: list[ScriptedResponse] = [{}]
        self.greetings: list[Greeting] = ["serve"]
        self._tls = tls
        self._resumed = 0
        self._lock = threading.Lock()
        self._received: list[ReceivedRequest] = []
        self._open: list[socket.socket] = []
        self._closed: dict[int, threading.Event] = {}
        self._stopped = False
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        self._host = f"[{host}]" if ":" in host else host
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The base URL of the server."""
        return f"{'https' if self._tls else 'http'}://{self._host}:{self.port}"

    @property
    def received(self) -> list[ReceivedRequest]:
        """All requests so far."""
        with self._lock:
            return list(self._received)

    @property
    def connections(self) -> int:
        """How many connections the server has accepted so far."""
        with self._lock:
            return len(self._closed)

    @property
    def resumed(self) -> int:
        """How many connections resumed the TLS session of an earlier one."""
        with self._lock:
            return self._resumed

    def wait_closed(self, connection: int, timeout: float = 30) -> None:
        """Waits until the server has closed a connection, by its number."""
        with self._lock:
            closed = self._closed[connection]
        assert closed.wait(timeout), "the server did not close the connection"

    def stop(self) -> None:
        """Stops listening and closes all connections."""
        with self._lock:
            self._stopped = True
            connections = list(self._open)
        for connection in [self._listener, *connections]:
            with suppress(OSError):  # Never connected, or closed already.
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._stopped:
                    connection.close()
                    return
                number = len(self._closed)
                self._closed[number] = threading.Event()
                self._open.append(connection)
            serve = threading.Thread(target=self._serve, args=(connection, number), daemon=True)
            serve.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            greeting = self.greetings[min(number, len(self.greetings) - 1)]
            if greeting != "serve":
                if greeting == "reset_at_once":
                    _apply_fault(connection, "reset")
                else:
                    connection.recv(1, socket.MSG_PEEK)
                    _apply_fault(connection, greeting)
                return
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
                with self._lock:
                    self._open.append(connection)
                    self._resumed += connection.session_reused or 0
            elif connection.recv(1, socket.MSG_PEEK) == _TLS_HANDSHAKE:
                connection.recv(1 << 16)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                return
            with connection.makefile("rb") as stream:
                while self._serve_request(stream.readline, stream.read, connection, number):
                    pass
        except OSError:
            pass  # The client has closed the connection, which some tests intend.
        finally:
            connection.close()
            self._closed[number].set()

    def _serve_request(
        self,
        readline: Callable[[], bytes],
        read: Callable[[int], bytes],
        connection: socket.socket,
        number: int,
    ) -> bool:
        """Reads one request and responds; returns whether the connection stays open."""
        response = self._next_response()
        if "unread" in response:
            connection.recv(1, socket.MSG_PEEK)
            _apply_fault(connection, response["unread"])
            return False
        line = readline().decode("latin-1").rstrip("\r\n")
        if not line:
            return False
        method, path, _ = line.split(" ", 2)
        headers = []
        while header := readline().decode("latin-1").rstrip("\r\n"):
            name, _, value = header.partition(":")
            headers.append((name, value.strip()))
        lengths = [int(value) for name, value in headers if name.lower() == "content-length"]
        body = b""
        if lengths:
            body = read(self._next_response().get("takes", lengths[0]))
        with self._lock:
            response = self._next_response()
            resumed = isinstance(connection, ssl.SSLSocket) and bool(connection.session_reused)
            self._received.append(
                ReceivedRequest(method, path, tuple(headers), body.decode(), number, resumed)
            )
        return _respond(connection, response)

    def _next_response(self) -> ScriptedResponse:
        return self.script[min(len(self._received), len(self.script) - 1)]


def _respond(connection: socket.socket, response: ScriptedResponse) -> bool:
    """Sends a response or applies its fault; returns whether the connection stays open."""
    if "instead" in response:
        _apply_fault(connection, response["instead"])
        return False
    if "raw" in response:
        _send(connection, response["raw"].encode(), response)
        _apply_fault(connection, response.get("then", "close"))
        return False
    body = _body(response)
    head = _head(response, len(body))
    if response.get("chunked"):
        body = b"".join(_chunk(piece) for piece in _pieces(body)) + b"0\r\n\r\n"
    # With `notify`, the response and the close_notify alert must arrive together.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, response.get("then") == "notify")
    _send(connection, head, response)
    _send(connection, body[: response.get("stall", response.get("cut", len(body)))], response)
    if "stall" in response:
        _apply_fault(connection, "silence")
        return False
    time.sleep(response.get("pause", 0))
    if response.get("then") in ("reset", "notify"):
        _apply_fault(connection, response["then"])
    return "cut" not in response and response.get("then", "keep") == "keep"


def _apply_fault(connection: socket.socket, fault: str) -> None:
    """Applies a fault to a connection. The caller closes the connection afterwards."""
    if fault == "notify":
        assert isinstance(connection, ssl.SSLSocket)
        connection.settimeout(0)
        with suppress(ssl.SSLWantReadError):  # The client need not send its own close_notify.
            connection.unwrap()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
        fault = "stop"
    if fault == "stop":
        closed_by_client = select.poll()
        closed_by_client.register(connection, select.POLLRDHUP)
        closed_by_client.poll()
    elif fault == "silence":
        while connection.recv(1 << 16):  # Until the client closes the connection.
            pass
    elif fault == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    else:
        assert fault == "close", fault


def _send(connection: socket.socket, data: bytes, response: ScriptedResponse) -> None:
    """Sends a part of a response, byte by byte if it trickles."""
    if "trickle" not in response:
        connection.sendall(data)
        return
    for start in range(len(data)):
        connection.sendall(data[start : start + 1])
        time.sleep(response["trickle"])


def _body(response: ScriptedResponse) -> bytes:
    if "bodyHex" in response:
        return bytes.fromhex(response["bodyHex"])
    if "body" in response:
        return response["body"].encode() * response.get("repeat", 1)
    text = json.dumps(response.get("json", LINK_SENT), ensure_ascii=False)
    return (text + " " * response.get("padding", 0)).encode()


def _head(response: ScriptedResponse, length: int) -> bytes:
    headers: dict[str, Any] = {"Content-Type": "application/json"}
    if response.get("chunked"):
        headers["Transfer-Encoding"] = "chunked"
    elif not response.get("omitLength"):
        headers["Content-Length"] = str(length)
    headers.update(response.get("headers", {}))
    lines = [f"{response.get('version', 'HTTP/1.1')} {response.get('status', 200)} Because"]
    for name, value in headers.items():
        values = value if isinstance(value, list) else [value]
        lines += [f"{name}: {one}" for one in values if one is not None]
    return (response.get("before", "") + "\r\n".join(lines) + "\r\n\r\n").encode()


def _pieces(body: bytes) -> Iterator[bytes]:
    step = max(1, len(body) // 3)
    return (body[start : start + step] for start in range(0, len(body), step))


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece)


@contextmanager
def run_server(
    tls: Optional[ssl.SSLContext] = None, host: str = "127.0.0.1"
) -> Iterator[RecordingServer]:
    """Runs a server until the end of the `with` block."""
    server = RecordingServer(tls, host)
    try:
        yield server
    finally:
        server.stop()
