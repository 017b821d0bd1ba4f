"""Blocking calls under gevent and eventlet: while one waits, others run."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import Any

import pytest

from local_server import LocalServer, Reply

CALLS = 10

GEVENT = """
from gevent import monkey
monkey.patch_all()
import gevent

def run_all(work):
    jobs = [gevent.spawn(one) for one in work]
    gevent.joinall(jobs, raise_error=True)
    return [job.value for job in jobs]

def start(work):
    return gevent.spawn(work)

def kill(job):
    job.kill()

sleep = gevent.sleep
"""

EVENTLET = """
import warnings
warnings.simplefilter("ignore")
import eventlet
eventlet.monkey_patch()

def run_all(work):
    return [job.wait() for job in [eventlet.spawn(one) for one in work]]

def start(work):
    return eventlet.spawn(work)

def kill(job):
    job.kill()

sleep = eventlet.sleep
"""

OURS = """
import logging, os, sys
import descope_ml
from descope_ml import DeliveryMethod, DescopeClient, DescopeError

client = DescopeClient("P2abc", base_url=os.environ["URL"], max_attempts=1, timeout_seconds=60)

def sign_in():
    return client.magiclink.sign_in(DeliveryMethod.SMS, "+14155550123")
"""

OFFICIAL = """
import os, sys
sys.modules["trio"] = None  # httpx imports it if it can, but under eventlet it cannot be imported.
from descope import DeliveryMethod, DescopeClient

client = DescopeClient(
    "P2aaaaaaaaaaaaaaaaaaaaaaaaaaa", base_url=os.environ["URL"], public_key=os.environ["KEY"]
)

def sign_in():
    return client.magiclink.sign_in(DeliveryMethod.SMS, "+14155550123", uri=None)
"""

each_library = pytest.mark.parametrize("patch", [GEVENT, EVENTLET], ids=["gevent", "eventlet"])


def run(code: str, server: LocalServer) -> str:
    """Runs a program and returns its output."""
    key = '{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "K1", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}'  # noqa: E501
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "URL": server.url, "DESCOPE_BASE_URI": server.url, "KEY": key},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wait_for_all(server: LocalServer) -> None:
    """No response is sent before all requests have arrived."""
    all_arrived = threading.Barrier(CALLS)

    def answer() -> Reply:
        all_arrived.wait(30)
        return Reply()

    server.answer = answer


@each_library
@pytest.mark.parametrize("package", [OURS, OFFICIAL], ids=["ours", "official"])
def test_calls_run_at_the_same_time(patch: str, package: str, server: LocalServer) -> None:
    wait_for_all(server)
    output = run(patch + package + f"print(run_all([sign_in] * {CALLS}))", server)
    assert output == f"{['+1********23'] * CALLS}\n"


@each_library
def test_module_level_functions_run_at_the_same_time(patch: str, server: LocalServer) -> None:
    wait_for_all(server)
    code = f"""
descope_ml.configure(project_id="P2abc", base_url=os.environ["URL"], max_attempts=1)

def sign_in_by_function():
    return descope_ml.magiclink_signin_sms({{"loginId": "+14155550123"}})["maskedPhone"]

print(run_all([sign_in_by_function] * {CALLS}))
"""
    assert run(patch + OURS + code, server) == f"{['+1********23'] * CALLS}\n"


@each_library
def test_errors_are_raised_where_the_call_was_made(patch: str, server: LocalServer) -> None:
    server.respond_with(400, {"errorCode": "E062108"})
    code = """
def error():
    try:
        sign_in()
    except DescopeError as error:
        return error.error_code

print(run_all([error] * 2))
client.warm_up()
try:
    client.magiclink.sign_in(DeliveryMethod.SMS, "")
except descope_ml.ArgumentError:
    print("argument")
"""
    assert run(patch + OURS + code, server) == "['E062108', 'E062108']\nargument\n"


@each_library
def test_a_killed_greenlet_cancels_its_call(patch: str, server: LocalServer) -> None:
    arrived, ended = threading.Event(), threading.Event()

    def answer() -> Reply:
        arrived.set()
        assert ended.wait(60)
        return Reply()

    server.answer = answer
    code = """
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, format="%(message)s")
job = start(sign_in)
import urllib.request
while urllib.request.urlopen(os.environ["URL"] + "/v2/keys/arrived").read() != b"yes":
    sleep(0.01)
kill(job)
sleep(0)
print("killed")
"""

    # The route of the keys tells the program whether its call has arrived.
    class Keys(Reply):
        def __getattribute__(self, name: str) -> Any:
            if name == "body":
                return "yes" if arrived.is_set() else "no"
            return super().__getattribute__(name)

    server.keys = Keys()
    output = run(patch + OURS + code, server)
    ended.set()
    assert "killed" in output
    assert output.count("DESCOPE_E_CANCELLED") == 1
    assert "outcome unknown, attempts 1" in output
