"""DNS for tests: a DNS server, and a command that isolates a process from the system's DNS."""

from __future__ import annotations

import errno
import random
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from support.artefacts import skip_or_fail
from support.namespaces import own_mounts

# How often a random address or another waiting connection is tried before the test fails.
_MAX_TRIES = 20

# Response codes (RFC 1035, 4.1.1).
_NAME_ERROR = 3
_SERVER_FAILURE = 2

# The end of a name, followed by type A and class IN: a query for IPv4 addresses.
_IPV4_QUERY = b"\0\0\1\0\1"

# Runs a program with the files of a folder mounted over those in /etc.
_MOUNT = """
for file in hosts resolv.conf nsswitch.conf; do
    mount --bind "$0/$file" "/etc/$file" || exit 1
done
exec "$@"
"""


def isolated_dns_command(
    folder: Path, hosts: Mapping[str, Sequence[str]], dns_server: str = "127.0.0.1"
) -> list[str]:
    """A command prefix: the program behind it sees these hosts and uses this DNS server.

    Args:
        folder: An empty folder for the files.
        hosts: The names in the hosts file, each with its addresses.
        dns_server: The address of the DNS server for all other names.

    Returns:
        The start of a command line.
    """
    lines = [f"{address} {name}\n" for name, addresses in hosts.items() for address in addresses]
    (folder / "hosts").write_text("".join(lines))
    (folder / "resolv.conf").write_text(f"nameserver {dns_server}\noptions timeout:20 attempts:1\n")
    (folder / "nsswitch.conf").write_text("hosts: files dns\n")
    return [*own_mounts(), "sh", "-c", _MOUNT, str(folder)]


class DnsServer:
    """A DNS server on UDP that treats every query in the same way."""

    def __init__(self, behavior: str) -> None:
        """Listens on port 53 of an address of its own.

        Args:
            behavior: `unknown` responds that no name exists, `broken` responds with a server
                failure, `silent` never responds, `late` responds with 127.0.0.1, but only after
                `release_responses`, `recovers` responds with a server failure before that.
        """
        self._behavior = behavior
        self._queries: list[bytes] = []
        self._query_arrived = threading.Condition()
        self._may_respond = threading.Event()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.address = self._bind()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _bind(self) -> str:
        for _ in range(_MAX_TRIES):
            address = f"127.53.{random.randrange(256)}.{random.randrange(1, 255)}"
            try:
                self._socket.bind((address, 53))
            except OSError as error:
                if error.errno == errno.EACCES:
                    skip_or_fail("only root may listen on port 53: run the tests as root")
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                return address
        raise AssertionError("no address of 127.53.0.0/16 is free")

    def query_count(self, name: str) -> int:
        """How many queries for the IPv4 addresses of a name have arrived."""
        labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
        return len([query for query in self._queries if labels + _IPV4_QUERY in query])

    def wait_for_queries(self, name: str, count: int) -> None:
        """Waits until so many queries for the IPv4 addresses of a name have arrived."""
        with self._query_arrived:
            arrived = self._query_arrived.wait_for(lambda: self.query_count(name) >= count, 30)
        assert arrived, f"there were fewer than {count} queries"

    def release_responses(self) -> None:
        """Lets a `late` or `recovers` server respond with an address to all later queries."""
        self._may_respond.set()

    def stop(self) -> None:
        """Stops the server."""
        self.release_responses()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (self.address, 53))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        code = _SERVER_FAILURE
        while True:
            query, sender = self._socket.recvfrom(4096)
            if not query:
                return
            with self._query_arrived:
                self._queries.append(query)
                self._query_arrived.notify_all()
            if self._behavior == "late":
                self._may_respond.wait()
            if self._behavior != "silent":
                # The IPv4 query of a lookup comes first. The other one gets the same response: a C
                # library takes one failure and one success for a name without addresses.
                if _IPV4_QUERY in query:
                    code = self._response_code()
                self._socket.sendto(_response(query, code), sender)

    def _response_code(self) -> int:
        if self._behavior == "unknown":
            return _NAME_ERROR
        return 0 if self._may_respond.is_set() else _SERVER_FAILURE


def _response(query: bytes, code: int) -> bytes:
    """A response with the question of the query (RFC 1035, 4.1), and an address if all is well."""
    has_address = code == 0 and _IPV4_QUERY in query
    counts = bytes([0, 1, 0, int(has_address), 0, 0, 0, 0])
    address = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton("127.0.0.1")
    header = query[:2] + bytes([0x81, 0x80 | code]) + counts
    return header + query[12:] + (address if has_address else b"")


@contextmanager
def run_dns_server(behavior: str) -> Iterator[DnsServer]:
    """Runs a DNS server until the end of the `with` block."""
    server = DnsServer(behavior)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def unresponsive_port(host: str, port: int = 0) -> Iterator[int]:
    """A port where connecting neither succeeds nor fails, because the listen queue is full.

    Args:
        host: The address to listen on.
        port: The port; 0 takes a free one.

    Yields:
        The port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with ExitStack() as sockets:
        listener = sockets.enter_context(socket.socket(family))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(0)
        for _ in range(_MAX_TRIES):
            waiting = sockets.enter_context(socket.socket(family))
            waiting.settimeout(0.5)
            if waiting.connect_ex(listener.getsockname()[:2]) != 0:
                break
        else:
            raise AssertionError("the listen queue does not fill up")
        yield listener.getsockname()[1]
