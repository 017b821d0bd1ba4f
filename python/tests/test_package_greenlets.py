"""Blocking calls under gevent and eventlet: while one waits, others run."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import Any

import pytest

from local_server import LocalServer, Reply
from tokens import PROJECT, Signer

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

def result(job):
    return job.get()

def kill(job):
    job.kill()

def use_own_hub():
    pass  # `os.fork` has done it.

def is_idle():
    return gevent.wait(timeout=10)

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

def result(job):
    return job.wait()

def kill(job):
    job.kill()

def use_own_hub():
    eventlet.hubs.use_hub()

def is_idle():
    with eventlet.Timeout(10, False):
        while eventlet.hubs.get_hub().get_readers():
            eventlet.sleep(0.01)
        return True
    return False

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
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stdout + done.stderr
    return done.stdout


@each_library
@pytest.mark.parametrize("package", [OURS, OFFICIAL], ids=["ours", "official"])
def test_calls_run_at_the_same_time(patch: str, package: str, server: LocalServer) -> None:
    server.respond_together(CALLS)
    output = run(patch + package + f"print(run_all([sign_in] * {CALLS}))", server)
    assert output == f"{['+1********23'] * CALLS}\n"


@each_library
def test_module_level_functions_run_at_the_same_time(patch: str, server: LocalServer) -> None:
    server.respond_together(CALLS)
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


class FirstCallWaits:
    """The first call gets its response when `respond` is set; others get theirs at once."""

    def __init__(self, server: LocalServer) -> None:
        """Sets the responses of a server."""
        self.arrived = threading.Event()
        self.respond = threading.Event()
        server.answer = self._answer
        server.keys = self._keys()

    def _answer(self) -> Reply:
        if self.arrived.is_set():
            self.respond.set()
            return Reply()
        self.arrived.set()
        assert self.respond.wait(60)
        return Reply()

    def _keys(self) -> Reply:
        arrived = self.arrived

        # The route of the keys tells the program whether its call has arrived.
        class Keys(Reply):
            def __getattribute__(self, name: str) -> Any:
                if name == "body":
                    return "yes" if arrived.is_set() else "no"
                return super().__getattribute__(name)

        return Keys()


WAIT_FOR_ARRIVAL = """
import urllib.request
while urllib.request.urlopen(os.environ["URL"] + "/v2/keys/arrived").read() != b"yes":
    sleep(0.01)
"""


@each_library
def test_a_killed_greenlet_cancels_its_call(patch: str, server: LocalServer) -> None:
    call = FirstCallWaits(server)
    code = """
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, format="%(message)s")
job = start(sign_in)
"""
    end = """
kill(job)
sleep(0)
print("killed")
print(is_idle())
"""
    output = run(patch + OURS + code + WAIT_FOR_ARRIVAL + end, server)
    call.respond.set()
    assert output.endswith("killed\nTrue\n")
    assert output.count("DESCOPE_E_CANCELLED") == 1
    assert "outcome unknown, attempts 1" in output


@each_library
def test_a_killed_greenlet_does_not_end_the_calls_of_others(
    patch: str, server: LocalServer
) -> None:
    FirstCallWaits(server)
    code = "job = start(sign_in)" + WAIT_FOR_ARRIVAL + "other = start(sign_in)\nsleep(0)\nkill(job)"
    output = run(patch + OURS + code + "\nprint(result(other), is_idle())", server)
    assert output == "+1********23 True\n"


@each_library
def test_a_log_handler_that_never_returns_does_not_delay_the_result(
    patch: str, server: LocalServer
) -> None:
    code = """
from greenlet import GreenletExit

class Killed(logging.Handler):
    def emit(self, record):
        raise GreenletExit

logger = logging.getLogger("descope_ml")
logger.setLevel(logging.DEBUG)
logger.addHandler(Killed())
print(run_all([sign_in] * 2))
"""
    assert run(patch + OURS + code, server) == f"{['+1********23'] * 2}\n"


@each_library
def test_a_call_fails_if_the_calls_cannot_be_continued(patch: str, server: LocalServer) -> None:
    code = """
def descriptors():
    paths = [(number, "/proc/self/fd/" + number) for number in os.listdir("/proc/self/fd")]
    return {int(number) for number, path in paths if os.path.exists(path)
            and os.readlink(path) == "anon_inode:[eventpoll]"}

sleep(0)  # Makes the hub.
before = descriptors()
sign_in()
queue, = descriptors() - before
# A pipe that is readable takes the place of the queue's epoll descriptor.
readable, writable = os.pipe()
os.write(writable, b"x")
os.dup2(readable, queue)

def error():
    try:
        sign_in()
    except descope_ml.NetworkError as error:
        return "waiting failed" in str(error)

print(run_all([error] * 2))
"""
    assert run(patch + OURS + code, server) == "[True, True]\n"


@each_library
def test_the_error_of_a_call_does_not_refer_to_itself(patch: str, server: LocalServer) -> None:
    """Else it would keep the request, which may contain a token, until a garbage collection."""
    server.respond_with(400, {"errorCode": "E062108"})
    code = """
import gc, weakref
gc.disable()

def error():
    try:
        sign_in()
    except DescopeError as error:
        return weakref.ref(error)

reference = error()
sleep(0)  # The hub drops what it has delivered.
print(reference())
"""
    assert run(patch + OURS + code, server) == "None\n"


@each_library
def test_after_a_fork_only_the_parent_gets_the_result(patch: str, server: LocalServer) -> None:
    # The parent's call gets its response when the child makes its own call.
    FirstCallWaits(server)
    start = """
def outcome():
    try:
        return sign_in()
    except DescopeError as error:
        return f"{error.outcome}: {error}"

job = start(outcome)
"""
    fork = """
def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())  # In one piece.

child = os.fork()
if child == 0:
    say("child", result(job))
    use_own_hub()
    say("child", sign_in(), is_idle())
    os._exit(0)
say("parent", result(job))
_, status = os.waitpid(child, 0)
say("parent", sign_in(), is_idle(), status)
"""
    output = run(patch + OURS + start + WAIT_FOR_ARRIVAL + fork, server)
    assert output.splitlines()[0].startswith("child unknown: the process was forked during this")
    assert sorted(output.splitlines()[1:]) == [
        "child +1********23 True",
        "parent +1********23",
        "parent +1********23 True 0",
    ]


@each_library
def test_an_event_handler_can_wait_and_make_calls(patch: str, server: LocalServer) -> None:
    """The calls of other greenlets go on meanwhile."""
    code = """
operations = []

def handler(event):
    operations.append(event["operation"])
    sleep(0.01)
    sign_in()

descope_ml.set_event_handler(handler)
print(*run_all([sign_in] * 10))
print(sign_in())
while len(operations) < 11:
    sleep(0.01)
print(operations == ["magiclink/signin/sms"] * 11)
"""
    output = run(patch + OURS + code, server)
    assert output.split() == ["+1********23"] * 11 + ["True"]


@each_library
def test_a_log_handler_can_make_calls(patch: str, server: LocalServer) -> None:
    code = """
class Handler(logging.Handler):
    is_running = False

    def emit(self, record):
        if not Handler.is_running:
            Handler.is_running = True
            sign_in()
            Handler.is_running = False

logging.getLogger("descope_ml").addHandler(Handler())
logging.getLogger("descope_ml").setLevel(logging.DEBUG)
print(*run_all([sign_in] * 10))
"""
    assert run(patch + OURS + code, server).split() == ["+1********23"] * 10


@each_library
def test_the_clock_of_a_test_counts_in_greenlets(patch: str, server: LocalServer) -> None:
    """First the keys are fetched by way of the queue, then they are cached."""
    signer = Signer()
    server.keys = Reply(200, signer.key_set)
    code = f"""
from datetime import timedelta
from descope_ml.testing import clock
client = DescopeClient("{PROJECT}", base_url=os.environ["URL"])

def reason():
    try:
        return client.validate_session("{signer.token()}")["userId"]
    except DescopeError as error:
        return error.reason

with clock(timedelta(hours=1)):
    results = run_all([reason]) + run_all([reason])
print(results + run_all([reason]))
"""
    assert run(patch + OURS + code, server) == "['expired', 'expired', 'U2test']\n"
