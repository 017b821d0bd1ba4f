"""A process with several interpreters that share the GIL, as in Apache with mod_wsgi.

Prints a JSON line for each run of `interpreter_journey`, and for each other check.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

if sys.version_info >= (3, 13):
    import _interpreters as interpreters  # type: ignore[import-not-found]

    def create() -> Any:
        """A new interpreter that shares the GIL."""
        return interpreters.create("legacy")

    def create_isolated() -> Any:
        """A new interpreter with a GIL of its own."""
        return interpreters.create("isolated")
else:
    import _xxsubinterpreters as interpreters  # type: ignore[import-not-found]

    def create() -> Any:
        """A new interpreter that shares the GIL."""
        return interpreters.create(isolated=False)

    def create_isolated() -> Any:
        """A new interpreter with a GIL of its own, from Python 3.12 on."""
        return interpreters.create(isolated=True)


JOURNEY = """
import json, os, interpreter_journey
os.write(1, json.dumps(interpreter_journey.run({name!r}, awaits={awaits})).encode() + b"\\n")
"""

IMPORT = """
import os
try:
    import descope_ml
except ImportError as error:
    os.write(1, b'{"import_error": "%s"}\\n' % str(error).encode())
"""

# A call that Python's signal handlers must not end: they belong to another interpreter.
SIGN_IN = """
import os
from descope_ml import DeliveryMethod, DescopeClient
client = DescopeClient("P", base_url={url!r}, max_attempts=1)
sent = client.magiclink.sign_in(DeliveryMethod.SMS, "+14155550123")
os.write(1, b'{{"sent": "%s"}}\\n' % sent.encode())
"""


class HandlerError(Exception):
    """What the handler of a signal raises."""


def main() -> None:
    """Runs the journey in interpreters that start and end beside each other."""
    first, second = create(), create()
    run(first, "first")
    run(second, "second")
    in_threads(
        lambda: run(first, "first-beside-second", awaits=False),
        lambda: run(second, "second-beside-first", awaits=False),
    )
    interpreters.destroy(first)
    run(second, "second-without-first")
    third = create()
    run(third, "third")
    interpreters.destroy(second)
    run(third, "third-without-second")
    receive_signal(third)
    if sys.version_info >= (3, 12):
        isolated = create_isolated()
        run_code(isolated, IMPORT)
        interpreters.destroy(isolated)
    exec(JOURNEY.format(name="main", awaits=True), {})
    run(third, "third-after-main")
    before = open_descriptors()
    last = create()
    run(last, "last")
    during = open_descriptors()
    interpreters.destroy(last)
    write({"left": open_descriptors() - before, "connected": during > before})


def run(interpreter: Any, name: str, *, awaits: bool = True) -> None:
    """Runs the journey in an interpreter."""
    run_code(interpreter, JOURNEY.format(name=name, awaits=awaits))


def run_code(interpreter: Any, code: str) -> None:
    """Runs code in an interpreter, which must succeed."""
    # Before Python 3.13 it raises an exception if the code does.
    failure = interpreters.run_string(interpreter, code)
    if failure is not None:
        raise RuntimeError(failure)


def open_descriptors() -> int:
    """How many descriptors the process has open."""
    return len(os.listdir("/proc/self/fd"))


def write(result: dict[str, Any]) -> None:
    """Prints a result. In one piece, as the interpreters do."""
    os.write(1, json.dumps(result).encode() + b"\n")


def in_threads(*work: Callable[[], None]) -> None:
    """Runs everything at the same time, each on a thread."""
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def receive_signal(interpreter: Any) -> None:
    """A signal arrives during a call of another interpreter, whose handler raises an exception."""

    def handle(*_: object) -> None:
        raise HandlerError

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1 << 16)
            signal.pthread_kill(main_thread, signal.SIGUSR1)
            body = b'{"maskedPhone": "+1********23"}'
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    main_thread = threading.get_ident()
    signal.signal(signal.SIGUSR1, handle)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve)
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            run_code(interpreter, SIGN_IN.format(url=url))
            threading.Event().wait(60)  # At the latest here the handler runs.
        except HandlerError:
            write({"handler": "ran after the call"})
        server.join()


main()
