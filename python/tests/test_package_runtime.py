"""In the host process: threads run in parallel, forks work, nothing is printed, docs are true."""

from __future__ import annotations

import doctest
import importlib
import inspect
import json
import os
import pkgutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import descope_ml
from descope_ml import DeliveryMethod, DescopeClient
from local_server import MASKED, LocalServer, Reply

PHONE = "+14155550123"


@pytest.mark.parametrize("use_function", [True, False])
def test_calls_of_two_threads_run_in_parallel(server: LocalServer, use_function: bool) -> None:
    both_arrived = threading.Barrier(2)

    def answer() -> Reply:
        both_arrived.wait()  # The first gets its response only after the second has arrived.
        return Reply()

    server.answer = answer
    client = DescopeClient("P", base_url=server.url)

    def call(_: int) -> str:
        if use_function:
            request = {"loginId": PHONE}
            answer = descope_ml.magiclink_signin_sms(request, project_id="P", base_url=server.url)
            return str(answer["maskedPhone"])
        return client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(call, range(2))) == [MASKED, MASKED]


def test_many_threads_share_clients_and_the_cache(server: LocalServer) -> None:
    def call(number: int) -> str:
        descope_ml.magiclink_signin_sms(
            {"loginId": f"u{number}"}, project_id=f"P{number % 50}", base_url=server.url
        )
        return f"u{number}"

    with ThreadPoolExecutor(8) as threads:
        sent = sorted(threads.map(call, range(200)))
    assert sorted(request.body["loginId"] for request in server.received) == sent


FORKING = """
import os, sys, descope_ml
url = sys.argv[1]
client = descope_ml.DescopeClient("P", base_url=url)

def calls():
    descope_ml.magiclink_signin_sms({"loginId": "u"}, project_id="P", base_url=url)
    descope_ml.magiclink_signin_sms({"loginId": "u"})
    client.magiclink.sign_in(descope_ml.DeliveryMethod.SMS, "u")

descope_ml.configure(project_id="P", base_url=url)
calls()
child = os.fork()
calls()
if child == 0:
    os._exit(0)
_, status = os.waitpid(child, 0)
sys.exit(status)
"""


def test_clients_work_on_both_sides_of_a_fork(server: LocalServer) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKING, server.url], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(server.received) == 9


def test_the_example_prints_the_masked_address(server: LocalServer) -> None:
    example = Path(__file__).parents[2] / "examples" / "python" / "signin.py"
    environment = {**os.environ, "DESCOPE_PROJECT_ID": "P", "DESCOPE_BASE_URL": server.url}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(example), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    done = run(PHONE)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"sent to {MASKED}\n", "")
    assert server.last.body["loginId"] == PHONE
    server.respond_with(400, {"errorCode": "E062108"})
    done = run(PHONE)
    assert (done.returncode, done.stdout) == (1, "")
    assert "E062108" in done.stderr
    assert "Traceback" not in done.stderr


class Finder(doctest.DocTestFinder):
    """Finds examples of decorated functions too."""

    def _from_module(self, module: Any, object: Any) -> bool:  # noqa: A002 - the name of doctest
        return bool(super()._from_module(module, inspect.unwrap(object)))  # type: ignore[misc]


@contextmanager
def official_package_set_aside() -> Iterator[None]:
    """Allows `install_as_descope` in a block, and undoes it after that."""
    finders, official = list(sys.meta_path), pop_official_modules()
    try:
        yield
    finally:
        sys.meta_path[:] = finders
        pop_official_modules()
        sys.modules.update(official)


def pop_official_modules() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] == "descope"]
    return {name: sys.modules.pop(name) for name in names}


def test_every_example_in_the_documentation_runs(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESCOPE_PROJECT_ID", "P")
    monkeypatch.setenv("DESCOPE_BASE_URL", server.url)
    descope_ml.configure()
    names = [module.name for module in pkgutil.iter_modules(descope_ml.__path__)]
    modules = [importlib.import_module(f"descope_ml.{name}") for name in names if name != "_native"]
    pages = ["../../docs/python.md", "../../docs/links-and-scanners.md"]
    with official_package_set_aside():
        runner = doctest.DocTestRunner()
        for module in [descope_ml, *modules]:
            for test in Finder().find(module):
                runner.run(test)
        results = [runner.summarize()]
        results += [doctest.testfile(page) for page in pages]
    assert sum(result.failed for result in results) == 0
    assert sum(result.attempted for result in results) > 10


def test_the_package_has_its_version_and_type_marker() -> None:
    assert descope_ml.__version__ == metadata.version("descope-ml")
    for name in descope_ml.__all__:
        assert hasattr(descope_ml, name)
    assert (Path(descope_ml.__file__).parent / "py.typed").exists()


def test_responses_are_decoded_as_utf_8_in_any_locale(server: LocalServer) -> None:
    server.respond_with(200, json.dumps({"maskedPhone": "•••ż"}, ensure_ascii=False))
    client = DescopeClient("P", base_url=server.url)
    assert client.magiclink.sign_in(DeliveryMethod.SMS, PHONE) == "•••ż"


ENDING = """
import asyncio
from descope_ml import DescopeClientAsync

client = DescopeClientAsync("P", base_url="http://127.0.0.1:1", max_attempts=1)
loop = asyncio.new_event_loop()
calls = [loop.create_task(client.me("a.b.c")) for _ in range(100)]
loop.run_until_complete(asyncio.sleep(0))
for call in calls:
    call._log_destroy_pending = False
"""


def test_a_program_can_exit_while_its_calls_finish() -> None:
    """Their threads do not use the interpreter, so its shutdown does not affect them."""
    command = [sys.executable, "-c", ENDING]
    endings = [subprocess.run(command, capture_output=True, check=False) for _ in range(25)]
    assert [ending.returncode for ending in endings] == [0] * 25
    assert not [ending.stderr for ending in endings if b"FATAL" in ending.stderr]
