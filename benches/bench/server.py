"""The local HTTP server that all peers call."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Optional

# The masked phone number of a sign-in response: as long as the service's own.
MASKED_PHONE = "***-***-0123"

EXIT_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class ServerStats:
    """What the server has counted since the previous command."""

    connections: int
    requests: int


class Server:
    """A running server."""

    def __init__(
        self, process: subprocess.Popen[str], masked_phone: str, ca_file: Optional[Path]
    ) -> None:
        """Waits until the server accepts connections.

        Args:
            process: The server's process, with pipes for its stdin and stdout.
            masked_phone: The masked phone number in every sign-in response.
            ca_file: The certificate of the server's certificate authority; None without TLS.
        """
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin: IO[str] = process.stdin
        self._stdout: IO[str] = process.stdout
        self.masked_phone = masked_phone
        self.ca_file = ca_file
        self.pid = process.pid
        self.base_url = str(self._read_reply()["baseUrl"])

    def stats(self) -> ServerStats:
        """The connections and requests since the previous command."""
        return self._command("stats")

    def set_response_size(self, size: int) -> ServerStats:
        """Pads the body of later sign-in responses to this size in bytes; 0: no padding."""
        return self._command(f"response-size {size}")

    def set_group_size(self, size: int) -> ServerStats:
        """Lets an event loop answer when so many requests have arrived; 0: at once."""
        return self._command(f"group-size {size}")

    def _command(self, command: str) -> ServerStats:
        self._stdin.write(command + "\n")
        self._stdin.flush()
        reply = self._read_reply()
        return ServerStats(reply["connections"], reply["requests"])

    def _read_reply(self) -> dict[str, Any]:
        line = self._stdout.readline()
        if not line:
            raise RuntimeError("the server has ended: its messages above give the reason")
        reply: dict[str, Any] = json.loads(line)
        return reply


@contextmanager
def running_server(
    program: Path,
    folder: Path,
    *,
    tls: bool,
    keys: Path,
    masked_phone: str = MASKED_PHONE,
    edge: bool = False,
    event_loop: bool = False,
) -> Iterator[Server]:
    """Runs the server until the block ends.

    Args:
        program: `descope-ml-bench-server`.
        folder: Where it may write its certificate authority's certificate.
        tls: Whether it uses HTTPS.
        keys: The file with the key set that it returns.
        masked_phone: The masked phone number in every sign-in response.
        edge: Whether its responses look as if they came through a content delivery network.
        event_loop: Whether all connections have one thread, instead of one each.
    """
    ca_file = folder / "ca.pem" if tls else None
    command = [str(program), "--masked-phone", masked_phone, "--keys", str(keys)]
    if edge:
        command.append("--edge")
    if event_loop:
        command.append("--event-loop")
    if ca_file is not None:
        command += ["--tls", "--ca-file", str(ca_file)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Server(process, masked_phone, ca_file)
        finally:
            # It exits when its stdin is closed.
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(EXIT_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
