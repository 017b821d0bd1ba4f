"""What every test has: an environment that says nothing, the faces, and certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from support.certificates import Certificates
from support.emulator import Emulator, running
from support.faces import Face, open_face, silence_environment

silence_environment()


@pytest.fixture(scope="session")
def face() -> Iterator[Callable[[str], Face]]:
    """Hands out a face by name, started once; at the end each must have stayed silent."""
    opened: dict[str, Face] = {}

    def named(name: str) -> Face:
        if name not in opened:
            opened[name] = open_face(name)
        return opened[name]

    yield named
    for one in opened.values():
        one.close()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates for servers that speak TLS."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """A local Descope, shared by all tests: each takes a phone number of its own."""
    with running() as one:
        yield one
