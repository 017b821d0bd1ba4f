"""The event loop examples end by themselves, with the results of their calls."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from support.artefacts import skip_or_fail, tool
from support.emulator import Emulator
from support.programs import CHECKERS, ROOT, build, checker, cpp_compiler, library_flags, run

EXAMPLES = ROOT / "examples/event-loops"
PATH = "/v1/auth/magiclink/signin/sms"
CANCELLED = "call 2: cancelled (not_sent)\n"
# Of each example: the module of pkg-config and the Debian package that it needs.
PACKAGES = {
    "epoll": ("", ""),
    "libuv": ("libuv", "libuv1-dev"),
    "glib": ("glib-2.0", "libglib2.0-dev"),
    "asio": ("", "libasio-dev"),
    "qt": ("Qt6Core", "qt6-base-dev"),
}


@pytest.fixture(scope="module", params=PACKAGES)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A built example."""
    name: str = request.param
    if not is_installed(name):
        skip_or_fail(f"{PACKAGES[name][1]} is not installed")
    folder = tmp_path_factory.mktemp("event-loops")
    flags = " ".join(library_flags())
    # The flags of a make that runs the tests are not for this one.
    clean = ["env", "-u", "MAKEFLAGS", "-u", "MFLAGS", "-u", "CFLAGS", "-u", "CXXFLAGS"]
    make = [*clean, tool("make"), "-C", str(EXAMPLES), f"OUT={folder}", f"DESCOPE_FLAGS={flags}"]
    build([*make, f"{folder}/{name}"])
    return f"{folder}/{name}"


def is_installed(name: str) -> bool:
    """Whether this machine has what an example needs."""
    module, package = PACKAGES[name]
    if not package:
        return True
    if module:
        command = [tool("pkg-config"), "--exists", module]
    else:
        command = [cpp_compiler(), "-E", "-x", "c++", "-include", "asio/version.hpp", os.devnull]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def phone_of(program: str) -> str:
    """The login ID for an example. Each one has its own."""
    return f"+1415555300{list(PACKAGES).index(Path(program).name)}"


@pytest.mark.parametrize("how", CHECKERS)
def test_example_sends_one_link_and_cancels_the_other(
    program: str, how: str, local: Emulator
) -> None:
    phone = phone_of(program)
    local.control("reset")
    local.sign_up(phone)

    done = run([*checker(how), program, phone], local.environment())

    sent = f"call 1: sent to +1********{phone[-2:]}\n"
    assert (done.stdout, done.stderr, done.returncode) == (CANCELLED + sent, "", 0)
    assert [request["path"] for request in local.requests()].count(PATH) == 1


def test_example_repeats_a_call_when_its_timer_expires(program: str, local: Emulator) -> None:
    """The descriptor alone wakes the loop up, also when a retry is due."""
    phone = phone_of(program)
    local.control("reset")
    local.sign_up(phone)
    local.control("faults", path=PATH, status=503, times=2)

    done = run([program], {**local.environment(), "DESCOPE_LOGIN_ID": phone})

    sent = f"call 1: sent to +1********{phone[-2:]}\n"
    assert (done.stdout, done.stderr, done.returncode) == (CANCELLED + sent, "", 0)
    assert [request["path"] for request in local.requests()].count(PATH) == 3


def test_example_explains_an_error_of_the_service(program: str, local: Emulator) -> None:
    local.control("reset")
    done = run([program, "+19995550000"], local.environment())
    assert (done.stdout, done.returncode) == (CANCELLED, 1)
    assert done.stderr.startswith("call 1: DESCOPE_E_API: HTTP 400 E062108: no user has this")
    assert done.stderr.endswith("(refused)\n")
    assert "+1999" not in done.stderr


@pytest.mark.parametrize("how", CHECKERS)
def test_example_explains_a_missing_project(program: str, how: str) -> None:
    done = run([*checker(how), program, "+19995550000"])
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr.startswith("DESCOPE_E_CONFIG: ")
    assert "DESCOPE_PROJECT_ID" in done.stderr
