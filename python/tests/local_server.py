"""A real HTTP server on a free port. It sends the responses of a test and records the requests."""

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

MASKED = "+1********23"


@dataclass
class Received:
    """A recorded request."""

    method: str
    path: str
    headers: dict[str, str]
    text: str
    connection: int

    @property
    def body(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)


@dataclass
class Reply:
    """A response of the server."""

    status: int = 200
    body: str = json.dumps({"maskedPhone": MASKED})
    headers: dict[str, str] = field(default_factory=dict)


class Handler(BaseHTTPRequestHandler):
    """Responds to every request as its server says."""

    protocol_version = "HTTP/1.1"
    server: LocalServer

    def do_POST(self) -> None:
        """Records the request and responds; for GET and DELETE too."""
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
        """Logs nothing."""


class LocalServer(ThreadingHTTPServer):
    """The server. `answer` makes each response, in the thread of its connection.

    Requests for public keys get the response `keys` and are counted in `key_fetches`.
    """

    daemon_threads = True
    # More connections than any test opens at once: others would be delayed by seconds.
    request_queue_size = 128

    def __init__(self) -> None:
        """Listens on a free port."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[Received] = []
        self.answer: Callable[[], Reply] = Reply
        self.keys = Reply(404, "{}")
        self.key_fetches = 0

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores a client that has disconnected, as it does after its timeout."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def last(self) -> Received:
        """The latest request."""
        return self.received[-1]

    def hold_responses(self, reply: Reply | None = None) -> threading.Event:
        """Sends no response until the event is set that this returns."""
        goes_on = threading.Event()

        def answer() -> Reply:
            assert goes_on.wait(30)
            return reply or Reply()

        self.answer = answer
        return goes_on

    def respond_together(self, number: int) -> None:
        """Sends no response before so many requests have arrived."""
        all_arrived = threading.Barrier(number)

        def answer() -> Reply:
            all_arrived.wait(30)
            return Reply()

        self.answer = answer

    def respond_with(self, status: int, body: object = None, **headers: str) -> None:
        """Sends this response to every request; `_` in the name of a header stands for `-`."""
        text = body if isinstance(body, str) else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda: Reply(status, text, named)

    def __enter__(self) -> Self:
        """Starts the server."""
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops the server."""
        self.shutdown()
        self.server_close()
