"""The library's log in Python's `logging`: off by default, without secrets, from any thread."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from descope_ml import ApiError, DeliveryMethod, DescopeClient, DescopeClientAsync, NetworkError
from local_server import MASKED, LocalServer, Reply

PHONE = "+14155550123"
TOKEN = "canary.refresh.token"
NAME = "descope_ml"

SILENT = """
import logging, sys
from descope_ml import DeliveryMethod, DescopeClient, NetworkError
try:
    DescopeClient("P", base_url="http://127.0.0.1:1", max_attempts=1).magiclink.sign_in(
        DeliveryMethod.SMS, "+14155550123"
    )
except NetworkError:
    print("refused")
"""


def test_nothing_is_printed_by_default() -> None:
    done = subprocess.run([sys.executable, "-c", SILENT], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"refused\n", b"")


def test_the_library_does_not_import_logging() -> None:
    program = (
        SILENT.replace("import logging, sys", "import sys") + "print('logging' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"refused\nFalse\n", b"")


def test_every_request_is_logged_at_debug_without_secrets(
    server: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    client = DescopeClient("P", base_url=server.url)
    with caplog.at_level(logging.DEBUG, logger=NAME):
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        server.answer = lambda: Reply(
            status=401,
            body=f'{{"errorCode": "E061004", "errorDescription": "{PHONE} {TOKEN}"}}',
            headers={"cf-ray": "8a1b2c3d"},
        )
        with pytest.raises(ApiError) as failed:
            client.me(TOKEN)
    host = server.url.removeprefix("http://")
    records = [(record.name, record.levelname, record.getMessage()) for record in caplog.records]
    assert [level for _, level, _ in records] == ["DEBUG", "DEBUG", "DEBUG", "INFO"]
    assert records[0] == (
        NAME,
        "DEBUG",
        f"POST {host}/v1/auth/magiclink/signin/sms: attempt 1 of 3",
    )
    assert records[1][2].startswith("magiclink/signin/sms: done in ")
    assert records[2][2] == f"GET {host}/v1/auth/me: attempt 1 of 3"
    assert records[3][2].startswith("session/me: failed after ")
    assert records[3][2].endswith("outcome refused, attempts 1, request ID 8a1b2c3d")
    assert PHONE not in caplog.text
    assert "canary" not in caplog.text
    assert failed.value.request_id == "8a1b2c3d"


def test_a_changed_log_level_applies_to_the_next_call(
    server: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    client = DescopeClient("P", base_url=server.url)
    for level, lines in ((logging.INFO, 0), (logging.DEBUG, 2), (logging.WARNING, 0)):
        caplog.clear()
        with caplog.at_level(level, logger=NAME):
            client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        assert len(caplog.records) == lines


def test_calls_of_coroutines_and_threads_are_logged(
    server: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    asynchronous = DescopeClientAsync("P", base_url=server.url)
    client = DescopeClient("P", base_url=server.url)

    async def main() -> list[str]:
        calls = [asynchronous.magiclink.sign_in(DeliveryMethod.SMS, PHONE) for _ in range(20)]
        return await asyncio.gather(*calls)

    with caplog.at_level(logging.DEBUG, logger=NAME):
        assert asyncio.run(main()) == [MASKED] * 20
        with ThreadPoolExecutor(8) as threads:
            calls = threads.map(
                lambda _: client.magiclink.sign_in(DeliveryMethod.SMS, PHONE), range(20)
            )
            assert list(calls) == [MASKED] * 20
    messages = [record.getMessage() for record in caplog.records]
    assert sum("attempt 1 of" in message for message in messages) == 40
    assert sum("done in" in message for message in messages) == 40


def test_a_failing_log_handler_does_not_change_the_result(
    server: LocalServer, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    client = DescopeClient("P", base_url=server.url)
    unraisable: list[object] = []

    class Failing(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            message = f"no {record.levelname}"
            raise LookupError(message)

    logger = logging.getLogger(NAME)
    broken = Failing()
    logger.addFilter(broken)
    hook, sys.unraisablehook = sys.unraisablehook, lambda what: unraisable.append(what.exc_value)
    try:
        with caplog.at_level(logging.DEBUG, logger=NAME):
            assert client.magiclink.sign_in(DeliveryMethod.SMS, PHONE) == MASKED
    finally:
        sys.unraisablehook = hook
        logger.removeFilter(broken)
    assert [str(error) for error in unraisable] == ["no DEBUG"]
    assert capsys.readouterr().err == ""


def test_an_exception_of_a_signal_handler_is_not_swallowed_by_the_log_bridge() -> None:
    """The signal arrives while the call waits. Then the call fails and logs a warning."""

    class TimeLimit(Exception):  # noqa: N818 - named like those of other libraries
        pass

    def stop(*_: object) -> None:
        raise TimeLimit

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        client = DescopeClient("P", base_url=url, timeout_seconds=0.5)
        before = signal.signal(signal.SIGALRM, stop)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with pytest.raises(TimeLimit):
                client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def test_python_can_exit_while_its_threads_log(server: LocalServer) -> None:
    program = f"""
import logging, os, threading
from descope_ml import DeliveryMethod, DescopeClient
logging.basicConfig(level=logging.DEBUG, stream=open(os.devnull, "w"))
client = DescopeClient("P", base_url={server.url!r})
called = threading.Semaphore(0)
def call():
    while True:
        client.magiclink.sign_in(DeliveryMethod.SMS, "+14155550123")
        called.release()
for _ in range(8):
    threading.Thread(target=call, daemon=True).start()
for _ in range(80):
    called.acquire()
"""
    for _ in range(10):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")


def test_a_network_failure_is_logged_as_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    client = DescopeClient("P", base_url="http://127.0.0.1:1", max_attempts=2)
    with caplog.at_level(logging.INFO, logger=NAME), pytest.raises(NetworkError):
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING"]
    assert "outcome not_sent, attempts 2" in caplog.records[1].getMessage()
