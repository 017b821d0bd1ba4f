"""The server that all peers call."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Optional

# What a server answers when nothing else is asked for: as long as the service's own.
MASKED_PHONE = "***-***-0123"

# Seconds that a server has to end once its stdin has.
PATIENCE = 30


@dataclass(frozen=True)
class Counted:
    """What the server has seen since it was last asked."""

    connections: int
    requests: int


class Server:
    """A server that is running."""

    def __init__(
        self, process: subprocess.Popen[str], masked_phone: str, ca_file: Optional[Path]
    ) -> None:
        """Waits until it serves.

        Args:
            process: The server's, with pipes for its stdin and stdout.
            masked_phone: What it answers every sign-in with.
            ca_file: Its authority's certificate, with TLS.
        """
        assert process.stdin is not None
        assert process.stdout is not None
        self._commands: IO[str] = process.stdin
        self._replies: IO[str] = process.stdout
        self.masked_phone = masked_phone
        self.ca_file = ca_file
        self.pid = process.pid
        self.base_url = str(self._reply()["baseUrl"])

    def stats(self) -> Counted:
        """What it has seen since it was last asked."""
        return self._tell("stats")

    def pad_answers(self, size: int) -> Counted:
        """Makes the body of each later answer that long, in bytes; 0: as short as can be."""
        return self._tell(f"answer {size}")

    def _tell(self, command: str) -> Counted:
        self._commands.write(command + "\n")
        self._commands.flush()
        reply = self._reply()
        return Counted(reply["connections"], reply["requests"])

    def _reply(self) -> dict[str, Any]:
        line = self._replies.readline()
        if not line:
            raise RuntimeError("the server ended: what is above says why")
        reply: dict[str, Any] = json.loads(line)
        return reply


@contextmanager
def serving(
    program: Path,
    folder: Path,
    *,
    tls: bool,
    keys: Path,
    masked_phone: str = MASKED_PHONE,
    edge: bool = False,
) -> Iterator[Server]:
    """Runs the server for as long as the block lasts.

    Args:
        program: `descope-ml-bench-server`.
        folder: Where it may write its authority's certificate.
        tls: Whether it speaks HTTPS.
        keys: The file with the key set that it serves.
        masked_phone: What it answers every sign-in with.
        edge: Whether it answers as if through a content delivery network.
    """
    ca_file = folder / "ca.pem" if tls else None
    command = [str(program), "--masked-phone", masked_phone, "--keys", str(keys)]
    if edge:
        command.append("--edge")
    if ca_file is not None:
        command += ["--tls", "--ca-file", str(ca_file)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Server(process, masked_phone, ca_file)
        finally:
            # It ends with its stdin.
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
