"""Fixtures for all tests, a clean environment, and the check for leaked secrets."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from support.certificates import Certificates
from support.emulator import Emulator, run_emulator
from support.faces import Face, clear_environment, open_face
from support.installed import Installed, make_install
from support.secret_leaks import find_secrets
from support.web_sites import FRAMEWORKS

clear_environment()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out tests that are marked as `only_where` something that does not hold here."""
    left_out = [
        item for item in items if not all(mark.args[0] for mark in item.iter_markers("only_where"))
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, None]:
    """Fails a test if a planted secret was written to stdout, stderr or a log during the test.

    This includes the output of the library and of programs that inherit the streams of pytest.
    """
    outcome = yield
    report = outcome.get_result()
    output = (text for name, text in report.sections if name.endswith(report.when))
    leaked = find_secrets("".join(output))
    if report.passed and leaked:
        report.outcome = "failed"
        report.longrepr = f"a planted secret was written to stdout, stderr or a log: {leaked}"


@pytest.fixture(scope="session")
def face() -> Iterator[Callable[[str], Face]]:
    """Returns a face by its name. Each face is started once and closed after all tests."""
    opened: dict[str, Face] = {}

    def get(name: str) -> Face:
        if name not in opened:
            opened[name] = open_face(name)
        return opened[name]

    yield get
    for opened_face in opened.values():
        opened_face.close()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates for TLS servers."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """An emulator that all tests share. Each test uses its own phone numbers."""
    with run_emulator() as shared:
        yield shared


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The library as `make install` installs it."""
    return make_install(tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="module")
def local() -> Iterator[Emulator]:
    """An emulator for all tests of a file."""
    with run_emulator() as running:
        yield running


@pytest.fixture
def options(local: Emulator) -> dict[str, Any]:
    """The arguments of a client of the emulator of the file, which is as at its start."""
    local.control("reset")
    return {
        "project_id": local.project_id,
        "base_url": local.base_url,
        "management_key": local.management_key,
        "max_attempts": 1,
    }


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> str:
    """The name of each kind of web site."""
    return str(request.param)


@pytest.fixture
def new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process knows that has just started: nothing of the project's cookies."""
    monkeypatch.setattr("descope_ml.web.cookie_settings._remembered", {})
