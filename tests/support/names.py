"""Names for one process and its children: files of `/etc` of its own, and a name server."""

from __future__ import annotations

import errno
import functools
import os
import random
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from support.artefacts import lacking, tool

# How many random addresses are tried for a name server before it is given up.
_TRIES = 20

_NOT_THERE = 3
_BROKEN = 2

# The end of a name, and then the type and class of a question for IPv4 addresses.
_ASKS_FOR_IPV4 = b"\0\0\1\0\1"

# Runs a program that sees the files of a folder where the system's own were.
_MOUNT = """
for file in hosts resolv.conf nsswitch.conf; do
    mount --bind "$0/$file" "/etc/$file" || exit 1
done
exec "$@"
"""


def surrounded(
    folder: Path, hosts: Mapping[str, Sequence[str]], name_server: str = "127.0.0.1"
) -> list[str]:
    """The program that starts another one which knows these names, and no others.

    Args:
        folder: An empty one.
        hosts: The addresses of each name.
        name_server: Whom it asks for all other names.

    Returns:
        The beginning of a command line.
    """
    lines = [f"{address} {name}\n" for name, addresses in hosts.items() for address in addresses]
    (folder / "hosts").write_text("".join(lines))
    (folder / "resolv.conf").write_text(
        f"nameserver {name_server}\noptions timeout:20 attempts:1\n"
    )
    (folder / "nsswitch.conf").write_text("hosts: files dns\n")
    return [*_unshare(), "sh", "-c", _MOUNT, str(folder)]


@functools.cache
def _unshare() -> Sequence[str]:
    """The program that gives another one mounts of its own."""
    become_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    command = [tool("unshare"), "--mount", *become_root]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode != 0:
        lacking("the system allows no mount namespace: run the tests as root")
    return command


class NameServer:
    """Answers every question that comes by UDP the same way, or none."""

    def __init__(self, manner: str) -> None:
        """Listens on the port of name servers.

        Args:
            manner: `unknown`, `broken`, `silent`, or `late` to find 127.0.0.1, once it is told.
        """
        self._manner = manner
        self._asked: list[bytes] = []
        self._may_answer = threading.Event()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.address = self._bind()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _bind(self) -> str:
        for _ in range(_TRIES):
            address = f"127.53.{random.randrange(256)}.{random.randrange(1, 255)}"
            try:
                self._socket.bind((address, 53))
            except OSError as error:
                if error.errno == errno.EACCES:
                    lacking("the system keeps the port of name servers to root")
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                return address
        raise AssertionError("no address of 127.53.0.0/16 is free")

    def was_asked_for(self, name: str) -> bool:
        """Whether anybody has asked for a name."""
        return self.times_asked_for(name) > 0

    def times_asked_for(self, name: str) -> int:
        """How often the IPv4 addresses of a name were asked for."""
        labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
        return len([one for one in self._asked if labels + _ASKS_FOR_IPV4 in one])

    def answer(self) -> None:
        """Answers, if it is late, what has been asked and all that will be."""
        self._may_answer.set()

    def stop(self) -> None:
        """Answers no more."""
        self.answer()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (self.address, 53))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            question, sender = self._socket.recvfrom(4096)
            if not question:
                return
            self._asked.append(question)
            if self._manner == "late":
                self._may_answer.wait()
            if self._manner != "silent":
                self._socket.sendto(_answer(question, self._manner), sender)


def _answer(question: bytes, manner: str) -> bytes:
    """An answer, with the question in it as it came (RFC 1035, 4.1)."""
    found = manner == "late" and _ASKS_FOR_IPV4 in question
    code = {"unknown": _NOT_THERE, "broken": _BROKEN, "late": 0}[manner]
    counts = bytes([0, 1, 0, int(found), 0, 0, 0, 0])
    address = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton("127.0.0.1")
    head = question[:2] + bytes([0x81, 0x80 | code]) + counts
    return head + question[12:] + (address if found else b"")


@contextmanager
def name_server(manner: str) -> Iterator[NameServer]:
    """A name server for the length of a block."""
    server = NameServer(manner)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def mute(host: str, port: int = 0) -> Iterator[int]:
    """A port whose connections are neither taken nor refused, since too many wait already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with ExitStack() as opened:
        listener = opened.enter_context(socket.socket(family))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(0)
        for _ in range(_TRIES):
            waiting = opened.enter_context(socket.socket(family))
            waiting.settimeout(0.5)
            if waiting.connect_ex(listener.getsockname()[:2]) != 0:
                break
        else:
            raise AssertionError("the queue of a listener has no end")
        yield listener.getsockname()[1]
