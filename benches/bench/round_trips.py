"""What a user feels: calls over a network on which every byte is under way for 40 ms."""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench.places import BENCH, emulator, library
from bench.task import REQUEST

LATENCY_MS = 40
#: What lies between two calls of a program that is little used, in seconds.
GAP = 60

Call = Callable[[], None]


class Client:
    """A client of the library by its C ABI."""

    def __init__(self, given: dict[str, Any], **config: object) -> None:
        """Makes it; nothing is sent."""
        self._library = ctypes.CDLL(str(library()))
        self._library.descope_client_call.argtypes = [ctypes.c_void_p, *[ctypes.c_char_p] * 3]
        self._library.descope_client_warm_up.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        self._library.descope_client_free.argtypes = [ctypes.c_void_p]
        self._handle = ctypes.c_void_p()
        names = ("projectId", "baseUrl", "caFile")
        document = json.dumps({**{name: given[name] for name in names}, **config}).encode()
        made = self._library.descope_client_new(document, ctypes.byref(self._handle), None)
        _check(made)

    def call(self) -> None:
        """A sign-in."""
        request = json.dumps(REQUEST).encode()
        operation = b"magiclink/signin/sms"
        _check(self._library.descope_client_call(self._handle, operation, request, None))

    def warm_up(self) -> None:
        """Connects ahead."""
        _check(self._library.descope_client_warm_up(self._handle, None))

    def close(self) -> None:
        """Ends its connections."""
        self._library.descope_client_free(self._handle)


def round_trips(rounds: int) -> list[dict[str, Any]]:
    """Each kind of call: what it is, its median in ms, and how many round trips that is."""
    found: dict[str, list[tuple[float, float]]] = {}

    def note(what: str, call: Call) -> None:
        began, used = time.perf_counter(), time.thread_time()
        call()
        took = (time.perf_counter() - began, time.thread_time() - used)
        found.setdefault(what, []).append(took)

    with _far_away() as given:
        waiting = Client(given)
        waiting.call()
        began = time.monotonic()
        for _ in range(rounds):
            # The second time idle connections are let go at once: the call needs another one.
            for config, second in (({}, "next call"), ({"idleTimeoutMs": 1}, _RESUMED)):
                client = Client(given, **config)
                note("first call", client.call)
                time.sleep(0.01)
                note(second, client.call)
                client.close()
            client = Client(given)
            note("descope_client_warm_up", client.warm_up)
            note("first call after descope_client_warm_up", client.call)
            client.close()
            theirs = _libcurl(given)
            note("libcurl (pycurl): first call", theirs)
            note("libcurl (pycurl): next call", theirs)
        time.sleep(max(0.0, GAP - (time.monotonic() - began)))
        note(f"call after {GAP} s without one", waiting.call)
        waiting.close()
    return [
        {
            "what": what,
            "ms": (wall := median(wall for wall, _ in times) * 1e3),
            "roundTrips": wall / (2 * LATENCY_MS),
            "cpuMs": median(used for _, used in times) * 1e3,
        }
        for what, times in found.items()
    ]


_RESUMED = "call on a new connection, which resumes the TLS session"


def _check(status: int) -> None:
    if status:
        raise RuntimeError(f"a call ended with the status {status}")


def _libcurl(given: dict[str, Any]) -> Call:
    """The same sign-in by libcurl; the handle is kept."""
    folder = str(BENCH / "python")
    if folder not in sys.path:
        sys.path.append(folder)
    import pycurl  # type: ignore[import-untyped,import-not-found,unused-ignore]

    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, f"{given['baseUrl']}/v1/auth/magiclink/signin/sms")
    bearer = f"Authorization: Bearer {given['projectId']}"
    handle.setopt(pycurl.HTTPHEADER, ["Content-Type: application/json", bearer])
    handle.setopt(pycurl.CAINFO, given["caFile"])
    handle.setopt(pycurl.POSTFIELDS, json.dumps(REQUEST))
    handle.setopt(pycurl.WRITEFUNCTION, lambda _: None)

    def call() -> None:
        handle.perform()
        _check(handle.getinfo(pycurl.RESPONSE_CODE) - 200)

    return call


@contextmanager
def _far_away() -> Iterator[dict[str, Any]]:
    """A local Descope behind a slow network: its ready line."""
    with tempfile.TemporaryDirectory() as folder:
        seed = Path(folder) / "users.json"
        phone = REQUEST["loginId"]
        seed.write_text(json.dumps([{"loginId": phone, "phone": phone}]))
        command = [str(emulator()), "--port", "0", "--exit-with-stdin", "--tls"]
        command += ["--latency", f"{LATENCY_MS}ms", "--seed", str(seed)]
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
            process.stdin.close()
