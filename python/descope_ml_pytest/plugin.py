"""The pytest plugin of descope-ml: the fixture `descope_emulator`, and tests without the network.

pytest loads it in every run, so it does nothing unless it is asked, and loads nothing of
`descope_ml` before a fixture is used.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from descope_ml_pytest.network_block import VARIABLE, set_network_block

if TYPE_CHECKING:
    from descope_ml.testing import Emulator

_BLOCK = "descope_block_network"
_FLAGS = "descope_emulator_args"

_REASON = (
    f"`{_BLOCK}` is set in the configuration of pytest. Use the fixture `descope_emulator` or a "
    "mock of the client"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options for the configuration file."""
    parser.addini(
        _BLOCK,
        "true: clients of descope-ml reach only servers on this machine; false: they reach all, "
        "also where pytest-socket disables sockets",
        type="bool",
        default=None,
    )
    parser.addini(_FLAGS, "arguments for the command line of the emulator", type="args", default=[])


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Blocks the network, before the application is imported."""
    setting = early_config.getini(_BLOCK)
    if setting is True:
        before = os.environ.get(VARIABLE)
        set_network_block(_REASON)
        early_config.add_cleanup(lambda: set_network_block(before))
    elif setting is not False and "pytest_socket" in sys.modules:
        from descope_ml_pytest.socket_watch import SocketWatch  # noqa: PLC0415 - rarely needed

        watch = SocketWatch()
        early_config.pluginmanager.register(watch)
        early_config.add_cleanup(watch.end)


@pytest.fixture(scope="session")
def descope_emulator_server(pytestconfig: pytest.Config) -> Iterator[Emulator]:
    """An emulator for all tests of this process, for fixtures of other scopes than `function`.

    It is neither reset, nor does the environment lead to it.
    """
    from descope_ml.testing import Emulator  # noqa: PLC0415 - loads the native module

    with Emulator(*pytestconfig.getini(_FLAGS), set_environment=False) as emulator:
        yield emulator


@pytest.fixture
def descope_emulator(descope_emulator_server: Emulator) -> Iterator[Emulator]:
    """A local Descope, which has no users, messages and sessions yet.

    During the test, the environment leads to it: `DescopeClient()` uses it.
    """
    descope_emulator_server.reset()
    with descope_emulator_server.environment():
        yield descope_emulator_server
