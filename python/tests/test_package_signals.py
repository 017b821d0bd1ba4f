"""Signals during blocking calls on the main thread: handlers run while the call waits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from local_server import LocalServer, Reply

SET_UP = """
import logging, os, signal, sys
from descope_ml import DeliveryMethod, DescopeClient, DescopeError

# A program that was started in the background of a shell ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, format="%(message)s")
client = DescopeClient("P2abc", base_url=os.environ["URL"], max_attempts=1, timeout_seconds=60)

def sign_in():
    return client.magiclink.sign_in(DeliveryMethod.SMS, "+14155550123")
"""


class Program:
    """A Python program whose call gets no response until it has had its signal."""

    def __init__(self, server: LocalServer, code: str) -> None:
        """Starts the program."""
        self.requested = threading.Event()
        self.answered = threading.Event()
        self._server = server
        server.answer = self._answer
        environment = {**os.environ, "URL": server.url, "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SET_UP + code],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _answer(self) -> Reply:
        self.requested.set()
        assert self.answered.wait(60)
        return Reply()

    def send(self, number: signal.Signals) -> None:
        """Sends a signal while the call waits for its response."""
        assert self.requested.wait(30)
        self.process.send_signal(number)

    def output(self) -> str:
        """Waits for the end of the program."""
        output, _ = self.process.communicate(timeout=50)
        assert self.process.returncode == 0, output
        return output


Start = Callable[[str], Program]


@pytest.fixture
def start(server: LocalServer) -> Start:
    """Starts a program."""
    return lambda code: Program(server, code)


def test_ctrl_c_ends_a_call_without_its_response(start: Start) -> None:
    program = start("""
try:
    sign_in()
except KeyboardInterrupt:
    print("interrupted")
""")
    program.send(signal.SIGINT)
    output = program.output()
    # The server has not answered: the call did not wait for it.
    program.answered.set()
    assert "interrupted" in output
    assert "DESCOPE_E_CANCELLED" in output
    assert "outcome unknown, attempts 1" in output


def test_a_handler_that_returns_does_not_end_the_call(start: Start) -> None:
    program = start("""
signal.signal(signal.SIGUSR1, lambda *_: print("handled"))
print(sign_in())
""")
    program.send(signal.SIGUSR1)
    stdout = program.process.stdout
    assert stdout is not None
    for line in stdout:
        if line == "handled\n":
            break
    program.answered.set()
    assert "+1********23" in program.output()


def test_the_exception_of_a_handler_is_raised(start: Start) -> None:
    program = start("""
class TooLate(Exception):
    pass

def give_up(*_):
    raise TooLate

signal.signal(signal.SIGALRM, give_up)
try:
    sign_in()
except TooLate:
    print("gave up")
""")
    program.send(signal.SIGALRM)
    assert "gave up" in program.output()
    program.answered.set()


def test_a_signal_ends_the_interruptible_call_of_another_thread(start: Start) -> None:
    """A handler that returns does not end the call of the main thread, in spite of the key."""
    program = start("""
import threading

signal.signal(signal.SIGUSR1, lambda *_: print("handled"))
client = DescopeClient("P2abc", base_url=os.environ["URL"], timeout_seconds=60, interruptible=True)

def run():
    try:
        sign_in()
    except DescopeError as error:
        print(error.name, error.outcome)

worker = threading.Thread(target=run)
worker.start()
sys.stdin.readline()
signal.pthread_kill(worker.ident, signal.SIGUSR1)
worker.join()
print(sign_in())
""")
    assert program.requested.wait(30)
    assert program.process.stdin is not None
    assert program.process.stdout is not None
    program.process.stdin.write("\n")
    program.process.stdin.flush()
    for line in program.process.stdout:
        if line == "DESCOPE_E_CANCELLED unknown\n":
            break
    program.requested.clear()
    program.send(signal.SIGUSR1)
    for line in program.process.stdout:
        if line == "handled\n":
            break
    program.answered.set()
    assert "+1********23" in program.output()


def test_ctrl_c_ends_a_key_fetch_and_a_warm_up(server: LocalServer) -> None:
    # A listener that accepts nothing: its TLS handshakes never end.
    code = """
import socket, threading

silent = socket.create_server(("127.0.0.1", 0))
url = "https://127.0.0.1:%d" % silent.getsockname()[1]
client = DescopeClient("P2abc", base_url=url, timeout_seconds=60, connect_timeout_seconds=60)
token = "eyJhbGciOiJSUzI1NiIsImtpZCI6IksxIn0.e30.c2ln"

def interrupt():
    silent.accept()
    os.kill(os.getpid(), signal.SIGINT)

for call in [client.warm_up, lambda: client.validate_session(token)]:
    try:
        # Inside, since a second connection of the call before may already wait.
        threading.Thread(target=interrupt, daemon=True).start()
        call()
    except KeyboardInterrupt:
        print("interrupted")
"""
    environment = {**os.environ, "URL": server.url}
    done = subprocess.run(
        [sys.executable, "-c", SET_UP + code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    assert done.stdout.count("interrupted") == 2, done.stdout + done.stderr
    assert done.stdout.count("outcome not_sent") == 2
