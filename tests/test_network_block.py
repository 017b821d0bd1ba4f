"""The network is blocked for clients in users' tests: by a setting, pytest-socket, a function."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from descope_ml import ConfigError, DeliveryMethod, DescopeClient, DescopeClientAsync
from descope_ml.testing import block_network
from support.proxy import Proxy
from support.recording_server import RecordingServer, run_server
from support.user_tests import assert_passed, run_user_tests

PHONE = "+14155550123"

# A part of a user's application. Where the network is not blocked, the call ends at a closed port.
PROBE = '''
from descope_ml import DeliveryMethod, DescopeClient, DescopeError

client = DescopeClient("P2test", proxy="http://127.0.0.1:1", max_attempts=1)


def probe():
    """The name of the error and its message."""
    try:
        return client.magiclink.sign_in(DeliveryMethod.SMS, "+14155550123")
    except DescopeError as error:
        assert error.outcome == "not_sent"
        return f"{error.name} {error}"


def in_child_process():
    print(probe())
'''

BLOCKED = """
BLOCKED = "DESCOPE_E_CONFIG the network is blocked for tests, except for servers on this machine: "
REACHED = "DESCOPE_E_NETWORK could not connect"
"""

# Every way in which an application can make a call.
EVERYWHERE = """
import asyncio
import multiprocessing
import os
import subprocess
import sys
import threading
import pytest
import application
from application import probe
from descope_ml import DeliveryMethod, DescopeClientAsync, ConfigError

CHILD = "import application; application.in_child_process()"


def from_child(start_method):
    context = multiprocessing.get_context(start_method)
    with context.Pool(1) as pool:
        return pool.apply(probe)


def from_thread():
    results = []
    thread = threading.Thread(target=lambda: results.append(probe()))
    thread.start()
    thread.join()
    return results[0]


def from_program():
    return subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True).stdout


WAYS = [probe, from_thread, from_program, lambda: from_child("fork"), lambda: from_child("spawn")]
"""

BY_SETTING = """
def test_it():
    assert application.AT_IMPORT.startswith(BLOCKED + "`descope_block_network` is set in")
    for way in WAYS:
        assert way().startswith(BLOCKED + "`descope_block_network` is set in the configuration")


def test_a_client_that_ignores_the_environment():
    async def call():
        client = DescopeClientAsync("P2test", environment=False)
        await client.magiclink.sign_in(DeliveryMethod.SMS, "+14155550123")

    with pytest.raises(ConfigError, match="Use the fixture `descope_emulator` or a mock"):
        asyncio.run(call())


def test_the_emulator_is_reached(descope_emulator):
    application.DescopeClient().magiclink.sign_up_or_in(DeliveryMethod.SMS, "+14155550123")
    assert descope_emulator.inbox.wait_for(to="+14155550123").channel == "sms"
"""

BY_PYTEST_SOCKET = """
SOCKETS = BLOCKED + "pytest-socket has disabled sockets here"


def test_blocked():
    for way in WAYS:
        assert way().startswith(SOCKETS), way


def test_the_emulator_is_reached(descope_emulator):
    application.DescopeClient().magiclink.sign_up_or_in(DeliveryMethod.SMS, "+14155550123")
    assert descope_emulator.inbox.wait_for(to="+14155550123").channel == "sms"


@pytest.mark.enable_socket
def test_enabled():
    for way in WAYS:
        assert way().startswith(REACHED), way


def test_blocked_again():
    assert probe().startswith(SOCKETS)
    assert from_program().startswith(SOCKETS)
"""

PER_TEST = """
from pytest_socket import disable_socket, enable_socket, socket_allow_hosts

SOCKETS = BLOCKED + "pytest-socket has disabled sockets here"


@pytest.fixture
def own_fixture():
    disable_socket()
    yield


def test_fixture(socket_disabled):
    assert [way()[:60] for way in WAYS] == [SOCKETS[:60]] * len(WAYS)


def test_not_blocked():
    assert [way()[:30] for way in WAYS] == [REACHED[:30]] * len(WAYS)


def test_own_fixture(own_fixture):
    assert probe().startswith(SOCKETS)


@pytest.mark.disable_socket
def test_mark():
    assert probe().startswith(SOCKETS)


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_allowed_hosts():
    assert probe().startswith(SOCKETS)
    assert from_program().startswith(SOCKETS)


def test_inside_the_test():
    assert probe().startswith(REACHED)
    disable_socket()
    assert probe().startswith(SOCKETS)
    assert from_program().startswith(SOCKETS)
    enable_socket()
    assert probe().startswith(REACHED)
    socket_allow_hosts(["127.0.0.1"])
    assert probe().startswith(SOCKETS)


def test_not_blocked_afterwards():
    assert probe().startswith(REACHED)
    assert "DESCOPE_ML_BLOCK_NETWORK" not in os.environ
"""

NOT_BLOCKED = """
def test_it(socket_disabled):
    for way in WAYS:
        assert way().startswith(REACHED)
"""


def suite(tests: str, **settings: str) -> dict[str, str]:
    """The files of a user's suite."""
    lines = [f"{name} = {text}" for name, text in settings.items()]
    return {
        "pytest.ini": "\n".join(["[pytest]", *lines, ""]),
        "application.py": PROBE + "\nAT_IMPORT = probe()\n",
        "conftest.py": "import application\n",
        "test_it.py": EVERYWHERE + BLOCKED + tests,
    }


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["one process", "xdist"])
def test_a_setting_blocks_threads_and_child_processes(workers: list[str], tmp_path: Path) -> None:
    files = suite(BY_SETTING, descope_block_network="true")
    assert_passed(run_user_tests(tmp_path, files, *workers), 3)


@pytest.mark.parametrize(
    "options", ["--disable-socket", "--allow-hosts=127.0.0.2", "--disable-socket -n2"]
)
def test_pytest_socket_blocks_threads_and_child_processes(options: str, tmp_path: Path) -> None:
    assert_passed(run_user_tests(tmp_path, suite(BY_PYTEST_SOCKET), *options.split()), 4)


def test_pytest_socket_blocks_single_tests(tmp_path: Path) -> None:
    assert_passed(run_user_tests(tmp_path, suite(PER_TEST)), 7)


def test_the_setting_beats_pytest_socket(tmp_path: Path) -> None:
    files = suite(NOT_BLOCKED, descope_block_network="false")
    assert_passed(run_user_tests(tmp_path, files), 1)


def test_a_block_that_a_parent_has_set_outlives_pytest_socket(tmp_path: Path) -> None:
    tests = '\ndef test_it():\n    assert probe() == BLOCKED + "by the parent"\n'
    both = f"{tests}\n\ndef test_disabled(socket_disabled):\n    pass\n{tests.replace('it', 'end')}"
    done = run_user_tests(tmp_path, suite(both), DESCOPE_ML_BLOCK_NETWORK="by the\nparent")
    assert_passed(done, 3)


@pytest.fixture
def server() -> Iterator[RecordingServer]:
    with run_server() as running:
        running.script = [{"json": {"maskedPhone": "+1********23"}}]
        yield running


def test_a_connection_that_is_open_is_not_used(server: RecordingServer) -> None:
    """Here it leads through a proxy of this machine to another one, as far as the client knows."""
    port = int(server.url.rpartition(":")[2])
    proxy = Proxy(port, ["open"])
    client = DescopeClient(
        "P2test",
        base_url="http://api.example.com",
        allow_insecure_http=True,
        proxy=f"http://127.0.0.1:{proxy.port}",
    )
    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    with block_network(), pytest.raises(ConfigError, match="is blocked for tests") as caught:
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    assert caught.value.outcome == "not_sent"
    assert len(server.received) == 1
    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    assert len(server.received) == 2
    assert len(proxy.requests) == 1
    proxy.stop()


def test_a_remote_proxy_is_not_used_for_this_machine(server: RecordingServer) -> None:
    client = DescopeClient("P2test", proxy="http://192.0.2.1:3128", base_url=server.url)
    with block_network(), pytest.raises(ConfigError, match="is blocked for tests"):
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_servers_on_this_machine_are_reached(host: str, server: RecordingServer) -> None:
    client = DescopeClient("P2test", base_url=server.url.replace("127.0.0.1", host))
    with block_network():
        client.warm_up()
        assert client.magiclink.sign_in(DeliveryMethod.SMS, PHONE) == "+1********23"


def test_calls_in_an_event_loop_and_connections_in_advance_are_blocked() -> None:
    async def call() -> None:
        await DescopeClientAsync("P2test").magiclink.sign_in(DeliveryMethod.SMS, PHONE)

    with block_network():
        with pytest.raises(ConfigError, match="is blocked for tests"):
            asyncio.run(call())
        with pytest.raises(ConfigError, match="is blocked for tests"):
            DescopeClient("P2test").warm_up()


def test_blocks_can_be_nested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESCOPE_ML_BLOCK_NETWORK", "the outer one")
    with block_network():
        pass
    with pytest.raises(ConfigError, match=re.escape("the outer one")):
        DescopeClient("P2test").warm_up()
    monkeypatch.delenv("DESCOPE_ML_BLOCK_NETWORK")
    with block_network():
        pass


def test_network_is_open_again_when_the_last_of_several_blocks_ends() -> None:
    def is_blocked() -> bool:
        return "DESCOPE_ML_BLOCK_NETWORK" in os.environ

    first, second = block_network(), block_network()
    with first:
        second.__enter__()
        assert is_blocked()
    assert is_blocked()
    second.__exit__(None, None, None)
    assert not is_blocked()
