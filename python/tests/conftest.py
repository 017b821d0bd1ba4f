"""Fixtures: an environment without configuration, a local server, and a client of it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

import descope_ml
from descope_ml import DescopeClient
from local_server import LocalServer

_READ_BY_THE_LIBRARY = ("DESCOPE_", "SSL_CERT_", "REQUESTS_CA_", "HTTP", "NO_PROXY", "ALL_PROXY")


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Removes every variable that the library reads, and the clients of other tests."""
    for name in list(os.environ):
        if name.upper().startswith(_READ_BY_THE_LIBRARY):
            monkeypatch.delenv(name)
    descope_ml.configure(tls_roots="bundled")
    yield
    descope_ml.configure(tls_roots="bundled")


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server on a free port."""
    with LocalServer() as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> DescopeClient:
    """A client of the local server that makes one attempt."""
    return DescopeClient("P2test", base_url=server.url, max_attempts=1)
