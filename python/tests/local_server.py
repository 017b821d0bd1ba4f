"""A real HTTP server on a free port: answers what a test tells it to, keeps what came in."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self

MASKED = "+1******0123"


@dataclass
class Received:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    text: str
    connection: int

    @property
    def body(self) -> Any:
        """The JSON of the body."""
        return json.loads(self.text)


@dataclass
class Reply:
    """What the server is to answer."""

    status: int = 200
    body: str = json.dumps({"maskedPhone": MASKED})
    headers: dict[str, str] = field(default_factory=dict)


class Handler(BaseHTTPRequestHandler):
    """Answers every request with what its server says."""

    protocol_version = "HTTP/1.1"
    server: LocalServer

    def do_POST(self) -> None:
        """Keeps the request and answers it; GET and DELETE too."""
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        if self.path.startswith("/v2/keys/"):
            self.server.key_fetches += 1
            reply = self.server.keys
        else:
            self.server.received.append(
                Received(self.command, self.path, headers, text, connection=self.client_address[1])
            )
            reply = self.server.answer()
        body = reply.body.encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815 - the name that http.server calls
    do_DELETE = do_POST  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Stays silent."""


class LocalServer(ThreadingHTTPServer):
    """The server; `answer` makes each reply, in the thread of its connection.

    Requests for public keys are answered by `keys`, and counted apart.
    """

    daemon_threads = True

    def __init__(self) -> None:
        """Listens on a free port."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[Received] = []
        self.answer: Callable[[], Reply] = Reply
        self.keys = Reply(404, "{}")
        self.key_fetches = 0

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing when a client has gone, as it does after its deadline."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def last(self) -> Received:
        """The newest request."""
        return self.received[-1]

    def always(self, status: int, body: object = None, **headers: str) -> None:
        """Answers every request with this; `_` in a header's name stands for `-`."""
        text = body if isinstance(body, str) else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda: Reply(status, text, named)

    def __enter__(self) -> Self:
        """Starts serving."""
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops serving."""
        self.shutdown()
        self.server_close()
