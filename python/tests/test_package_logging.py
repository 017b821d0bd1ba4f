"""The library's log in Python's: off by itself, without secrets, from threads and coroutines."""

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


def test_nothing_is_shown_by_itself() -> None:
    done = subprocess.run([sys.executable, "-c", SILENT], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"refused\n", b"")


def test_logging_is_not_loaded_for_the_librarys_sake() -> None:
    program = (
        SILENT.replace("import logging, sys", "import sys") + "print('logging' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"refused\nFalse\n", b"")


def test_every_request_is_told_at_debug_and_no_secret(
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
    told = [(record.name, record.levelname, record.getMessage()) for record in caplog.records]
    assert [level for _, level, _ in told] == ["DEBUG", "DEBUG", "DEBUG", "INFO"]
    assert told[0] == (NAME, "DEBUG", f"POST {host}/v1/auth/magiclink/signin/sms: attempt 1 of 3")
    assert told[1][2].startswith("magiclink/signin/sms: done in ")
    assert told[2][2] == f"GET {host}/v1/auth/me: attempt 1 of 3"
    assert told[3][2].startswith("session/me: failed in ")
    assert told[3][2].endswith("outcome refused, attempts 1, request ID 8a1b2c3d")
    assert PHONE not in caplog.text
    assert "canary" not in caplog.text
    assert failed.value.request_id == "8a1b2c3d"


def test_the_level_of_the_logger_is_heeded_from_call_to_call(
    server: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    client = DescopeClient("P", base_url=server.url)
    for level, lines in ((logging.INFO, 0), (logging.DEBUG, 2), (logging.WARNING, 0)):
        caplog.clear()
        with caplog.at_level(level, logger=NAME):
            client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        assert len(caplog.records) == lines


def test_calls_of_coroutines_and_threads_are_told_too(
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


def test_a_handler_that_fails_costs_nobody_an_answer(
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


def test_what_a_signal_raises_is_not_taken_for_a_handler_that_fails() -> None:
    """The signal comes while the call waits; the call then fails and has a warning to tell."""

    class TimeLimit(Exception):  # noqa: N818 - as others call theirs
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


def test_python_may_end_while_its_threads_have_something_to_tell(server: LocalServer) -> None:
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


def test_a_network_that_fails_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    client = DescopeClient("P", base_url="http://127.0.0.1:1", max_attempts=2)
    with caplog.at_level(logging.INFO, logger=NAME), pytest.raises(NetworkError):
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING"]
    assert "outcome not_sent, attempts 2" in caplog.records[1].getMessage()
