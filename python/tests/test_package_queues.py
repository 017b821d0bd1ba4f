"""Failures between the native queue and its callers: no result is lost, and nobody waits for ever.

See also `test_package_greenlets.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import selectors
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from descope_ml import ApiError, DeliveryMethod, DescopeClientAsync, NetworkError
from descope_ml.handles import Client, Queue
from descope_ml.json_codec import config_json
from event_loops import LOOPS, Main, each_loop
from local_server import MASKED, LocalServer, Reply
from tokens import PROJECT

PHONE = "+14155550123"


@pytest.fixture
def aclient(server: LocalServer) -> DescopeClientAsync:
    """A client of the local server that makes one attempt."""
    return DescopeClientAsync(PROJECT, base_url=server.url, max_attempts=1)


@each_loop
def test_a_call_whose_exception_cannot_be_made_fails(
    run: Callable[[Main], None],
    aclient: DescopeClientAsync,
    server: LocalServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(ApiError, "__init__", fail)

    async def main() -> None:
        server.respond_with(400, {"errorCode": "E062108"})
        with anyio.fail_after(20), pytest.raises(MemoryError):
            await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        server.respond_with(200, {"maskedPhone": MASKED})
        assert await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE) == MASKED

    run(main)


# trio ends if a system task raises an exception.
@pytest.mark.parametrize(
    "run",
    [pytest.param(run, id=name) for name, run in LOOPS.items() if "trio" not in name],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_log_handler_that_never_returns_does_not_delay_the_result(
    run: Callable[[Main], None], aclient: DescopeClientAsync
) -> None:
    class Stop(BaseException):
        pass

    class Stopping(logging.Handler):
        def emit(self, _: logging.LogRecord) -> None:
            raise Stop

    stopped: list[object] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: stopped.append(context["exception"]))
        for _ in range(2):
            with anyio.fail_after(20):
                assert await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE) == MASKED

    logger = logging.getLogger("descope_ml")
    handler = Stopping()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        run(main)
    finally:
        logger.setLevel(logging.NOTSET)
        logger.removeHandler(handler)
    assert all(isinstance(error, Stop) for error in stopped)


def test_ctrl_c_during_a_delivery_loses_no_result(
    aclient: DescopeClientAsync, server: LocalServer
) -> None:
    server.respond_together(2)
    interrupts = iter([KeyboardInterrupt])

    class InterruptedFuture(asyncio.Future[Any]):
        def set_result(self, result: Any) -> None:
            for interrupt in interrupts:
                raise interrupt
            super().set_result(result)

    class Loop(asyncio.SelectorEventLoop):
        def create_future(self) -> asyncio.Future[Any]:
            return InterruptedFuture(loop=self)

    async def sign_in() -> str:
        return await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE)

    loop = Loop()
    tasks = [loop.create_task(sign_in()) for _ in range(2)]
    with pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(asyncio.wait(tasks))
    loop.run_until_complete(asyncio.wait(tasks, timeout=20))
    assert [task.result() for task in tasks] == [MASKED] * 2
    loop.close()


def epoll_descriptors() -> set[int]:
    """The epoll descriptors of this process, also those of queues."""
    found = set()
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # The descriptor of the folder itself.
            if str(link.readlink()) == "anon_inode:[eventpoll]":
                found.add(int(link.name))
    return found


@contextlib.contextmanager
def broken(descriptor: int) -> Iterator[None]:
    """Replaces an epoll descriptor by a pipe that is readable."""
    before = os.dup(descriptor)
    readable, writable = os.pipe()
    os.write(writable, b"x")
    os.dup2(readable, descriptor)
    try:
        yield
    finally:
        os.dup2(before, descriptor)
        for one in (before, readable, writable):
            os.close(one)


def test_a_call_fails_if_the_calls_cannot_be_continued(aclient: DescopeClientAsync) -> None:
    async def main() -> None:
        before = epoll_descriptors()
        await aclient.warm_up()
        (queue,) = epoll_descriptors() - before
        with broken(queue):
            for _ in range(2):
                with anyio.fail_after(20), pytest.raises(NetworkError, match="waiting failed"):
                    await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        assert await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE) == MASKED

    # A loop that does not notice that the descriptor was replaced.
    loop = asyncio.SelectorEventLoop(selectors.PollSelector())
    loop.run_until_complete(main())
    loop.close()


def test_a_failure_of_the_queue_does_not_drop_what_has_finished(server: LocalServer) -> None:
    arrived = threading.Semaphore(0)
    answered = threading.Event()

    def answer() -> Reply:
        arrived.release()
        assert answered.wait(30)
        return Reply()

    server.answer = answer
    config = config_json({"project_id": PROJECT, "base_url": server.url})
    assert config is not None
    client = Client(config)
    queue = Queue()
    for ticket in (1, 2):
        queue.submit(client, "magiclink/signin/sms", '{"loginId": "+14155550123"}', ticket)
    finished: list[Any] = []
    for _ in range(2):
        while not arrived.acquire(blocking=False):
            queue.take(finished)
    assert finished == []
    with broken(queue.fileno()):
        queue.cancel(1)
        queue.take(finished)  # It finds the cancelled call, and then it fails.
        assert [ticket for ticket, _, _ in finished] == [1]
        with pytest.raises(NetworkError, match="waiting failed"):
            queue.take(finished)
    answered.set()
    queue.wait(finished)
    assert finished[1:] == [(2, 0, {"maskedPhone": MASKED})]


FORKED = """
import asyncio, os, sys, urllib.request
from descope_ml import DeliveryMethod, DescopeClientAsync, DescopeError
client = DescopeClientAsync("P", base_url=sys.argv[1], max_attempts=1)

async def sign_in():
    try:
        return await client.magiclink.sign_in(DeliveryMethod.SMS, "+14155550123")
    except DescopeError as error:
        return f"{type(error).__name__}, {error.outcome}: {error}"

def say(who, result):
    os.write(1, f"{who} {result}\\n".encode())  # In one piece.

loop = LOOP()
task = loop.create_task(sign_in())

async def until_arrived():
    while os.stat(sys.argv[2]).st_size == 0:
        await asyncio.sleep(0.01)

loop.run_until_complete(until_arrived())
child = os.fork()
if child == 0:
    say("child", loop.run_until_complete(sign_in()))
    say("child", loop.run_until_complete(task))
    say("child", LOOP().run_until_complete(sign_in()))
    os._exit(0)
say("parent", loop.run_until_complete(task))
os.waitpid(child, 0)
say("parent", loop.run_until_complete(sign_in()))
"""


@pytest.mark.parametrize("loop", ["asyncio.new_event_loop", "__import__('uvloop').new_event_loop"])
def test_a_forked_child_is_told_to_make_a_new_event_loop(
    loop: str, server: LocalServer, tmp_path: Path
) -> None:
    arrived = tmp_path / "arrived"
    arrived.touch()
    is_second = threading.Event()

    def answer() -> Reply:
        if arrived.read_text():
            is_second.set()
        else:
            arrived.write_text("yes")
            assert is_second.wait(30)
        return Reply()

    server.answer = answer
    done = subprocess.run(
        [sys.executable, "-c", FORKED.replace("LOOP", loop), server.url, str(arrived)],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert (done.returncode, done.stderr) == (0, "")
    own, parents, *others = done.stdout.splitlines()
    assert own == (
        "child ArgumentError, not_sent: this event loop belongs to the parent process: "
        "make a new one in this process"
    )
    assert parents == (
        "child DescopeError, unknown: the process was forked during this call, and only the "
        "parent process gets the result; the service may have processed the request"
    )
    assert sorted(others) == [f"child {MASKED}", f"parent {MASKED}", f"parent {MASKED}"]
