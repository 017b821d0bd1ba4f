"""Starts the servers, the proxy and the DNS server of a row, and the face that uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from support.case_table import Row, fill_placeholders
from support.certificates import Certificates
from support.dns import DnsServer, isolated_dns_command, run_dns_server, unresponsive_port
from support.faces import Face, open_face
from support.proxy import Proxy, run_proxy
from support.recording_server import RecordingServer, run_server
from support.runner import is_windows


@dataclass(frozen=True)
class CaseServers:
    """The running servers of a row.

    Attributes:
        server: The server that the base URL names.
        other: A second server, which must receive nothing.
        placeholders: The text for each placeholder of the row.
        proxy: The proxy, if the row has one.
        dns_server: The DNS server, if the row has one.
    """

    server: RecordingServer
    other: RecordingServer
    placeholders: dict[str, str]
    proxy: Optional[Proxy] = None
    dns_server: Optional[DnsServer] = None

    def wait_until_closed(self) -> None:
        """Waits until the newest connection is closed, also between client and proxy."""
        self.server.wait_closed(self.server.connections - 1)
        if self.proxy:
            self.proxy.wait_until_closed()

    def check(self, row: Row) -> None:
        """Checks connections, tunnels and DNS queries. `test_cases.py` checks the requests."""
        assert self.other.received == [], "a redirect was followed"
        assert self.other.connections == 0
        if "connections" in row:
            assert self.server.connections == row["connections"]
        if "resumed" in row:
            assert self.server.resumed == row["resumed"]
        if self.proxy:
            assert self.proxy.requests == fill_placeholders(row["tunnels"], self.placeholders)
        if self.dns_server:
            assert self.dns_server.query_count(row["asked"]) > 0


@contextmanager
def start_servers(row: Row, certificates: Certificates) -> Iterator[CaseServers]:
    """Runs the servers of a row until the end of the `with` block."""
    context = certificates.server_context(row["tls"]) if "tls" in row else None
    folder = certificates.ca_file.parent
    with ExitStack() as running:
        other = running.enter_context(run_server())
        server = running.enter_context(run_server(context, row.get("listen", "127.0.0.1")))
        placeholders = {
            "SERVER": server.url,
            "PORT": str(server.port),
            "OTHER": other.url,
            "TRUSTED": str(certificates.ca_file),
            "STRANGER": str(certificates.other_ca_file),
            "AUTHORITIES": str(certificates.ca_directory),
            "NO_FILE": str(folder / "no-file.pem"),
            "FOLDER": str(folder),
            "SEPARATOR": ";" if is_windows() else ":",
        }
        if "mute" in row:
            running.enter_context(unresponsive_port(row["mute"], server.port))
        proxy = None
        if "proxy" in row:
            proxy = running.enter_context(run_proxy(server.port, row["proxy"]))
            placeholders["PROXY"] = f"127.0.0.1:{proxy.port}"
        dns_server = None
        if "names" in row:
            dns_server = running.enter_context(run_dns_server(row["names"]))
        yield CaseServers(server, other, placeholders, proxy, dns_server)


@contextmanager
def face_for_row(
    row: Row, name: str, face: Callable[[str], Face], servers: CaseServers, folder: Path
) -> Iterator[Face]:
    """The face for a row: the shared one, or a new one if the row needs its own environment."""
    prefix: Sequence[str] = ()
    environment: Optional[Mapping[str, str]] = row.get("environment")
    if "hosts" in row or servers.dns_server:
        address = servers.dns_server.address if servers.dns_server else "127.0.0.1"
        prefix = isolated_dns_command(folder, row.get("hosts", {}), address)
    if not prefix and environment is None:
        yield face(name)
        return
    own = open_face(name, prefix, fill_placeholders(environment or {}, servers.placeholders))
    try:
        yield own
    finally:
        own.close()
