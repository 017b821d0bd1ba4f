"""A service whose refresh tokens work once. It holds the answer to the first refresh.

Other requests are for the program under test: a sign-in by email is answered when a refresh has
arrived, and one by SMS lets the service answer the first refresh. Tests in Python call
`wait_for_refresh` and `release`.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Optional

from support.recording_server import LINK_SENT
from support.tokens import token_placeholders

# A service that holds an answer for longer fails the test.
TIMEOUT_SECONDS = 60


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RefreshServer

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/auth/refresh":
            status, document = self.server.refresh(self.headers["Authorization"])
        else:
            status, document = self.server.control(self.path)
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Logs nothing."""


class RefreshServer(ThreadingHTTPServer):
    """The service, on a free port of this machine.

    Attributes:
        refreshes: The bearers of the refreshes that have arrived.
        is_single_use: Whether a refresh token works once.
    """

    daemon_threads = True

    def __init__(self, tls: Optional[ssl.SSLContext]) -> None:
        """Listens, with TLS if a context is given."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.refreshes: list[str] = []
        self.is_single_use = True
        self._scheme = "https" if tls else "http"
        self._lock = threading.Lock()
        self._arrived = threading.Event()
        self._released = threading.Event()
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    @property
    def url(self) -> str:
        """The base URL."""
        return f"{self._scheme}://127.0.0.1:{self.server_port}"

    def refresh(self, bearer: str) -> tuple[int, dict[str, Any]]:
        """The answer to a refresh."""
        with self._lock:
            is_first = not self.refreshes
            is_used = bearer in self.refreshes
            self.refreshes.append(bearer)
        if is_used and self.is_single_use:
            return 401, {"errorCode": "E061005"}
        self._arrived.set()
        assert not is_first or self._released.wait(TIMEOUT_SECONDS)
        tokens = token_placeholders()
        return 200, {"sessionJwt": tokens["SESSION"], "refreshJwt": tokens["NEW_REFRESH"]}

    def control(self, path: str) -> tuple[int, dict[str, Any]]:
        """The answer to a sign-in."""
        if path.endswith("/email"):
            self.wait_for_refresh()
            return 200, {"maskedEmail": "a**@example.com"}
        self.release()
        return 200, LINK_SENT

    def wait_for_refresh(self) -> None:
        """Waits until a refresh has arrived."""
        assert self._arrived.wait(TIMEOUT_SECONDS)

    def release(self) -> None:
        """Answers the first refresh."""
        self._released.set()


@contextmanager
def run_refresh_server(tls: Optional[ssl.SSLContext] = None) -> Iterator[RefreshServer]:
    """Runs the service until the end of the `with` block."""
    with RefreshServer(tls) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()
