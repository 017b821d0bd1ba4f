"""What every test has: an environment that says nothing, the faces, and certificates."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from support.canary import planted_in
from support.certificates import Certificates
from support.emulator import Emulator, running
from support.faces import Face, open_face, silence_environment

silence_environment()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, None]:
    """Fails a test during which a planted secret was written to stdout, stderr or a log.

    What the library and the programs that inherit this process's streams write is in there too.
    """
    outcome = yield
    report = outcome.get_result()
    new = (text for name, text in report.sections if name.endswith(report.when))
    told = planted_in("".join(new))
    if report.passed and told:
        report.outcome = "failed"
        report.longrepr = f"a planted secret was written to stdout, stderr or a log: {told}"


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
