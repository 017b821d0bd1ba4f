"""The control routes of an emulator, over HTTP.

They are called also where pytest-socket has disabled Python's sockets: that is not the network.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from descope_ml.testing.errors import EmulatorError

_BAD_REQUEST: Final = 400
_OK: Final = 200

# How long a response may take, in seconds, besides the time that the request itself asks for.
_TIMEOUT: Final = 30.0


class ControlRoutes:
    """The routes below `/_emulator/` of an emulator."""

    def __init__(self, base_url: str, ca_file: str | None) -> None:
        """Takes the address of the emulator, and its certificate authority if it uses TLS."""
        url = urlsplit(base_url)
        self._address: Final = (url.hostname or "", url.port or 0)
        self._tls = ssl.create_default_context(cafile=ca_file) if url.scheme == "https" else None

    def get(
        self, route: str, query: Mapping[str, str] | None = None, wait: float = 0
    ) -> dict[str, Any]:
        """Sends a GET request, which takes up to `wait` seconds, and returns the response."""
        target = f"{route}?{urlencode(query)}" if query else route
        return self._send("GET", target, None, _TIMEOUT + wait)

    def post(self, route: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Sends a POST request and returns the response."""
        return self._send("POST", route, body)

    def put(self, route: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Sends a PUT request and returns the response."""
        return self._send("PUT", route, body)

    def _send(
        self,
        method: str,
        target: str,
        body: Mapping[str, Any] | None,
        timeout: float = _TIMEOUT,
    ) -> dict[str, Any]:
        connection = _Connection(self._address, self._tls, timeout)
        try:
            content = None if body is None else json.dumps(body).encode()
            connection.request(method, f"/_emulator/{target}", content)
            response = connection.getresponse()
            status, text = response.status, response.read()
        except (OSError, HTTPException) as error:
            raise EmulatorError(f"the emulator does not answer: {error}") from error
        finally:
            connection.close()
        if status == _OK:
            document: dict[str, Any] = json.loads(text)
            return document
        if status == _BAD_REQUEST:
            raise ValueError(json.loads(text)["error"])
        raise EmulatorError(f"the emulator answered with HTTP {status}")


class _Connection(HTTPConnection):
    """A connection to the emulator, whatever pytest-socket has disabled."""

    def __init__(
        self, address: tuple[str, int], tls: ssl.SSLContext | None, timeout: float
    ) -> None:
        super().__init__(*address, timeout=timeout)
        self._tls = tls

    def connect(self) -> None:
        # Where it disables sockets, it has put a derived class in place of the class, or a function
        # in place of its method.
        kind: Any = socket.socket
        while kind.__module__ == "pytest_socket":
            kind = kind.__mro__[1]
        sock = kind(socket.AF_INET, socket.SOCK_STREAM)
        connect = sock.connect
        if getattr(connect, "__module__", None) == "pytest_socket":
            connect = super(kind, sock).connect
        try:
            sock.settimeout(self.timeout)
            connect((self.host, self.port))
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_hostname=self.host)
        except BaseException:
            sock.close()
            raise
        self.sock = sock
