"""Round trips: calls over a network with a delay of 40 ms in each direction."""

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

from bench.paths import BENCH_BUILD, emulator, library
from bench.workload import REQUEST

LATENCY_MS = 40
#: The pause between two calls of a program that makes few calls.
IDLE_SECONDS = 60

Call = Callable[[], None]


class Client:
    """A client of the library, through its C ABI."""

    def __init__(self, ready: dict[str, Any], **config: object) -> None:
        """Creates the client, without sending anything.

        Args:
            ready: The emulator's ready line.
            config: More keys of the configuration.
        """
        self._library = ctypes.CDLL(str(library()))
        self._library.descope_client_call.argtypes = [ctypes.c_void_p, *[ctypes.c_char_p] * 3]
        self._library.descope_client_warm_up.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        self._library.descope_client_free.argtypes = [ctypes.c_void_p]
        self._handle = ctypes.c_void_p()
        names = ("projectId", "baseUrl", "caFile")
        document = json.dumps({**{name: ready[name] for name in names}, **config}).encode()
        status = self._library.descope_client_new(document, ctypes.byref(self._handle), None)
        _check(status)

    def call(self) -> None:
        """Makes one sign-in."""
        request = json.dumps(REQUEST).encode()
        operation = b"magiclink/signin/sms"
        _check(self._library.descope_client_call(self._handle, operation, request, None))

    def warm_up(self) -> None:
        """Opens a connection for the next call."""
        _check(self._library.descope_client_warm_up(self._handle, None))

    def close(self) -> None:
        """Frees the client, which closes its connections."""
        self._library.descope_client_free(self._handle)


def round_trips(rounds: int) -> list[dict[str, Any]]:
    """For each kind of call its title, its median time in ms, and that time in round trips."""
    times_by_call: dict[str, list[tuple[float, float]]] = {}

    def measure(what: str, call: Call) -> None:
        start, cpu_start = time.perf_counter(), time.thread_time()
        call()
        times = (time.perf_counter() - start, time.thread_time() - cpu_start)
        times_by_call.setdefault(what, []).append(times)

    with _distant_emulator() as ready:
        idle_client = Client(ready)
        idle_client.call()
        idle_since = time.monotonic()
        for _ in range(rounds):
            # With an idle timeout of 1 ms the second call needs a new connection.
            for config, second in (({}, "next call"), ({"idleTimeoutMs": 1}, _RESUMED)):
                client = Client(ready, **config)
                measure("first call", client.call)
                time.sleep(0.01)
                measure(second, client.call)
                client.close()
            client = Client(ready)
            measure("descope_client_warm_up", client.warm_up)
            measure("first call after descope_client_warm_up", client.call)
            client.close()
            libcurl_call = _libcurl(ready)
            measure("libcurl (pycurl): first call", libcurl_call)
            measure("libcurl (pycurl): next call", libcurl_call)
        time.sleep(max(0.0, IDLE_SECONDS - (time.monotonic() - idle_since)))
        measure(f"call after {IDLE_SECONDS} s without one", idle_client.call)
        idle_client.close()
    return [
        {
            "what": what,
            "ms": (wall := median(wall for wall, _ in times) * 1e3),
            "roundTrips": wall / (2 * LATENCY_MS),
            "cpuMs": median(cpu for _, cpu in times) * 1e3,
        }
        for what, times in times_by_call.items()
    ]


_RESUMED = "call on a new connection, which resumes the TLS session"


def _check(status: int) -> None:
    if status:
        raise RuntimeError(f"a call failed with status {status}")


def _libcurl(ready: dict[str, Any]) -> Call:
    """The same sign-in through libcurl, with a reused handle."""
    folder = str(BENCH_BUILD / "python")
    if folder not in sys.path:
        sys.path.append(folder)
    import pycurl  # type: ignore[import-untyped,import-not-found,unused-ignore]

    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, f"{ready['baseUrl']}/v1/auth/magiclink/signin/sms")
    bearer = f"Authorization: Bearer {ready['projectId']}"
    handle.setopt(pycurl.HTTPHEADER, ["Content-Type: application/json", bearer])
    handle.setopt(pycurl.CAINFO, ready["caFile"])
    handle.setopt(pycurl.POSTFIELDS, json.dumps(REQUEST))
    handle.setopt(pycurl.WRITEFUNCTION, lambda _: None)

    def call() -> None:
        handle.perform()
        _check(handle.getinfo(pycurl.RESPONSE_CODE) - 200)

    return call


@contextmanager
def _distant_emulator() -> Iterator[dict[str, Any]]:
    """Runs the emulator with a network delay; gives its ready line."""
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
