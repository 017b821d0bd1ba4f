"""A server on raw sockets: answers by script, keeps every byte of what came in."""

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
from typing import Any, Optional

MASKED = {"maskedPhone": "+1******0123"}

# The first byte of a client that speaks TLS.
_TLS_HANDSHAKE = b"\x16"

Answer = Mapping[str, Any]


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: str
    connection: int
    # Whether TLS went on with a session of an earlier connection.
    resumed: bool = False

    def header(self, name: str) -> Optional[str]:
        """The value of a header, several of one name joined as HTTP does."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None


class Recorder:
    """Takes connections on a free port of this machine, each in a thread of its own.

    An answer is a mapping; what it lacks is 200, the usual headers and `MASKED`. Its keys:
    `status`; `version`; `headers` (null for none of that name, a list for several); the body as
    `json` (and `padding`, so many spaces after it), `body` (text, `repeat` times) or `bodyHex`;
    `chunked` or `omitLength`; `before`, text ahead of the status line. `then` is `keep`, `close`,
    `reset` or, with TLS, `notify`, which says that it closes and does not; after a `pause` in
    seconds.
    Or `raw`, the text of it all, and what `then` comes. Or `instead` of one: `close`, `reset`,
    `silence`, or `stop`, which is silence and nothing read any more. Or the same as `unread`, of a
    request of which nothing is read, and which does not count.
    `cut` and `stall` say how many bytes of the body are sent before the connection is closed, or
    before nothing comes any more; `trickle`, how many seconds pass from byte to byte; `takes`, how
    many bytes of the request's body are read at all.
    The last answer of a script is given again to every further request.

    What `greetings` says of a connection, in their order, comes first: `serve`, or `close`, `reset`
    or `silence` when the first bytes are there, which nobody reads; `slam` resets it at once.
    """

    def __init__(self, tls: Optional[ssl.SSLContext] = None, host: str = "127.0.0.1") -> None:
        """Listens; `script` is to hold the answers in the order of the requests."""
        self.script: list[Answer] = [{}]
        self.greetings: list[str] = ["serve"]
        self._tls = tls
        self._resumed = 0
        self._lock = threading.Lock()
        self._received: list[Received] = []
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
        """The address as a base URL."""
        return f"{'https' if self._tls else 'http'}://{self._host}:{self.port}"

    @property
    def received(self) -> list[Received]:
        """Every request so far."""
        with self._lock:
            return list(self._received)

    @property
    def connections(self) -> int:
        """How many connections were taken so far."""
        with self._lock:
            return len(self._closed)

    @property
    def resumed(self) -> int:
        """How many connections went on with the TLS session of an earlier one."""
        with self._lock:
            return self._resumed

    def wait_closed(self, connection: int, timeout: float = 30) -> None:
        """Waits until the server has closed a connection."""
        with self._lock:
            closed = self._closed[connection]
        assert closed.wait(timeout), "the connection was never closed"

    def stop(self) -> None:
        """Takes no more connections and breaks those that there are."""
        with self._lock:
            self._stopped = True
            connections = list(self._open)
        for connection in [self._listener, *connections]:
            with suppress(OSError):  # It was never connected, or is gone already.
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
                if greeting != "slam":
                    connection.recv(1, socket.MSG_PEEK)
                _instead(connection, "reset" if greeting == "slam" else greeting)
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
                while self._take(stream.readline, stream.read, connection, number):
                    pass
        except OSError:
            pass  # The other side has gone, as some rows want it to.
        finally:
            connection.close()
            self._closed[number].set()

    def _take(
        self,
        readline: Callable[[], bytes],
        read: Callable[[int], bytes],
        connection: socket.socket,
        number: int,
    ) -> bool:
        """Takes one request and answers it; whether the connection lives on."""
        answer = self._next()
        if "unread" in answer:
            connection.recv(1, socket.MSG_PEEK)
            _instead(connection, answer["unread"])
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
        body = read(self._next().get("takes", lengths[0])).decode() if lengths else ""
        with self._lock:
            answer = self._next()
            resumed = isinstance(connection, ssl.SSLSocket) and bool(connection.session_reused)
            self._received.append(Received(method, path, tuple(headers), body, number, resumed))
        return _answer(connection, answer)

    def _next(self) -> Answer:
        return self.script[min(len(self._received), len(self.script) - 1)]


def _answer(connection: socket.socket, answer: Answer) -> bool:
    """Sends an answer, or does what is to be done instead; whether the connection lives on."""
    if "instead" in answer:
        _instead(connection, answer["instead"])
        return False
    if "raw" in answer:
        _send(connection, str(answer["raw"]).encode(), answer)
        _instead(connection, answer.get("then", "close"))
        return False
    body = body_of(answer)
    head = _head(answer, len(body))
    if answer.get("chunked"):
        body = b"".join(_chunk(piece) for piece in _pieces(body)) + b"0\r\n\r\n"
    # What says that the connection closes is to come with the answer, in one piece.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, answer.get("then") == "notify")
    _send(connection, head, answer)
    _send(connection, body[: answer.get("stall", answer.get("cut", len(body)))], answer)
    if "stall" in answer:
        _instead(connection, "silence")
        return False
    time.sleep(answer.get("pause", 0))
    if answer.get("then") in ("reset", "notify"):
        _instead(connection, answer["then"])
    return "cut" not in answer and answer.get("then", "keep") == "keep"


def _instead(connection: socket.socket, what: str) -> None:
    """What happens to a connection that is not answered any more, before it is closed."""
    if what == "notify":
        assert isinstance(connection, ssl.SSLSocket)
        connection.settimeout(0)
        with suppress(ssl.SSLWantReadError):  # Nobody is waited for who would close as well.
            connection.unwrap()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
        what = "stop"
    if what == "stop":
        gone = select.poll()
        gone.register(connection, select.POLLRDHUP)
        gone.poll()
    elif what == "silence":
        while connection.recv(1 << 16):  # Until the other side gives up.
            pass
    elif what == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    else:
        assert what == "close", what


def _send(connection: socket.socket, data: bytes, answer: Answer) -> None:
    """Sends a part of an answer, at its pace."""
    if "trickle" not in answer:
        connection.sendall(data)
        return
    for at in range(len(data)):
        connection.sendall(data[at : at + 1])
        time.sleep(answer["trickle"])


def body_of(answer: Answer) -> bytes:
    """The bytes of an answer's body."""
    if "bodyHex" in answer:
        return bytes.fromhex(str(answer["bodyHex"]))
    if "body" in answer:
        return str(answer["body"]).encode() * int(answer.get("repeat", 1))
    text = json.dumps(answer.get("json", MASKED), ensure_ascii=False)
    return (text + " " * int(answer.get("padding", 0))).encode()


def _head(answer: Answer, length: int) -> bytes:
    status = answer.get("status", 200)
    headers = {"Content-Type": "application/json"}
    if answer.get("chunked"):
        headers["Transfer-Encoding"] = "chunked"
    elif not answer.get("omitLength"):
        headers["Content-Length"] = str(length)
    headers.update(answer.get("headers", {}))
    lines = [f"{answer.get('version', 'HTTP/1.1')} {status} Because"]
    for name, value in headers.items():
        values = value if isinstance(value, list) else [value]
        lines += [f"{name}: {one}" for one in values if one is not None]
    before = str(answer.get("before", ""))
    return (before + "\r\n".join(lines) + "\r\n\r\n").encode()


def _pieces(body: bytes) -> Iterator[bytes]:
    step = max(1, len(body) // 3)
    return (body[start : start + step] for start in range(0, len(body), step))


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece)


@contextmanager
def recording(tls: Optional[ssl.SSLContext] = None, host: str = "127.0.0.1") -> Iterator[Recorder]:
    """A server for the length of a block."""
    recorder = Recorder(tls, host)
    try:
        yield recorder
    finally:
        recorder.stop()
