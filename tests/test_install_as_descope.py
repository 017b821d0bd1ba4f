"""`install_as_descope`: other people's packages import `descope` and get this package."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.emulator import run_emulator

TESTS = Path(__file__).resolve().parent


def output_of(*arguments: str, **environment: str) -> str:
    """The output of a Python program, which must succeed silently."""
    done = subprocess.run(
        [sys.executable, "-W", "error::ImportWarning", *arguments],
        capture_output=True,
        text=True,
        cwd=TESTS,
        env={**os.environ, **environment},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def run(program: str) -> Any:
    """Runs lines after the installation. The program prints JSON."""
    start = "import json, descope_ml; descope_ml.install_as_descope()\n"
    return json.loads(output_of("-c", start + program))


IMPORTS = [
    ("from descope import {name}", "DescopeClient"),
    ("from descope import {name}", "DescopeClientAsync"),
    ("from descope import {name}", "SESSION_COOKIE_NAME"),
    ("from descope import {name}", "AuthException"),
    ("from descope.exceptions import {name}", "RateLimitException"),
    ("from descope.common import {name}", "DeliveryMethod"),
    ("from descope.descope_client import {name}", "DescopeClient"),
    ("from descope.descope_client_async import {name}", "DescopeClientAsync"),
    ("from descope.authmethod.magiclink import {name}", "MagicLink"),
    ("from descope.authmethod.magiclink_async import {name}", "MagicLinkAsync"),
    ("from descope.http_client import {name}", "DescopeResponse"),
    ("from descope.management.common import {name}", "AssociatedTenant"),
    ("from descope.management.user import {name}", "CreateUserObj"),
]


@pytest.mark.parametrize(("statement", "name"), IMPORTS)
def test_imports_give_the_very_names_of_this_package(statement: str, name: str) -> None:
    program = f"{statement.format(name=name)}\nprint(json.dumps({name} is descope_ml.{name}))"
    assert run(program) is True


def test_modules_are_found_in_every_way() -> None:
    program = """
import descope, descope.management.common, importlib.util
from descope import exceptions, flask
from descope import *
descope_ml.install_as_descope()
print(json.dumps([
    descope.common.DeliveryMethod is DeliveryMethod,
    descope.management.common.AssociatedFamily is AssociatedFamily,
    exceptions is descope.exceptions and exceptions.AuthException is AuthException,
    flask.descope_logout is __import__("descope_ml.flask").flask.descope_logout,
    importlib.util.find_spec("descope.common").name == "descope.common",
    importlib.import_module("descope") is descope,
    "DescopeClient" in dir(descope),
]))
"""
    assert run(program) == [True] * 7


MISSING = [
    ("from descope import UserPassword", "`descope.UserPassword` is not here"),
    ("from descope.common import get_method_string", "`descope.common.get_method_string` is"),
    ("import descope.auth", "`descope.auth` is not here"),
    ("import descope.authmethod.otp", "`descope.authmethod.otp` is not here"),
    ("from descope.authmethod import otp", "`descope.authmethod.otp` is not here"),
    ("from descope.management.common import DescoperRole", "DescoperRole` is not here"),
]


@pytest.mark.parametrize(("statement", "message"), MISSING)
def test_an_import_of_what_is_not_here_says_so(statement: str, message: str) -> None:
    program = f"""
try:
    {statement}
except ImportError as error:
    print(json.dumps([str(error), error.name]))
"""
    text, name = run(program)
    assert message in text
    assert "install `descope` and do not call `descope_ml.install_as_descope()`" in text
    assert name.startswith("descope.")


def test_an_attribute_that_is_not_here_says_so() -> None:
    program = """
import descope, descope.common
client = descope.DescopeClient("P", management_key="K")
places = [
    (descope, "UserObj"), (descope.common, "PHONE_REGEX"), (client, "otp"),
    (descope.DescopeClientAsync("P"), "password"), (client.mgmt, "tenant"),
    (client.mgmt.user, "search_all"), (client.magiclink, "get_session"), (descope, "_auth"),
]
found = []
for place, name in places:
    assert not hasattr(place, name)
    try:
        getattr(place, name)
    except AttributeError as error:
        found.append([str(error), error.name])
print(json.dumps(found))
"""
    found = run(program)
    names = ["UserObj", "PHONE_REGEX", "otp", "password", "tenant", "search_all", "get_session"]
    assert [name for _, name in found] == [*names, "_auth"]
    for text, name in found[:-1]:
        assert f"{name}`" in text
        assert "magic links and sessions" in text


def test_a_mock_of_a_name_is_seen_by_later_imports() -> None:
    program = """
import descope
from unittest.mock import patch
with patch("descope.DescopeClient") as fake:
    from descope import DescopeClient
    inside = DescopeClient is fake
print(json.dumps([inside, descope.DescopeClient is descope_ml.DescopeClient]))
"""
    assert run(program) == [True, True]


def test_it_is_too_late_after_an_import_of_the_official_package() -> None:
    program = """
import descope, descope_ml
try:
    descope_ml.install_as_descope()
except ImportError as error:
    print(error)
assert descope.DescopeClient is not descope_ml.DescopeClient
"""
    assert "imported already" in output_of("-c", program)


def test_django_descope_works_unmodified() -> None:
    """`django-descope` of PyPI in a site with sessions and users, against the emulator."""
    with run_emulator() as emulator:
        steps = json.loads(
            output_of(
                "-m",
                "support.django_descope_site",
                DESCOPE_PROJECT_ID=emulator.project_id,
                DESCOPE_MANAGEMENT_KEY=emulator.management_key,
                DESCOPE_BASE_URI=emulator.base_url,
            )
        )
    ada = {"is_authenticated": True, "email": "ada@example.com", "is_superuser": False}
    assert steps == {
        "nobody has signed in": {"is_authenticated": False},
        "a session without a token is stored": 400,
        "a forged session is stored": 200,
        "a forged session": {"is_authenticated": False},
        "the session is stored": 200,
        "a user with a role": {**ada, "is_staff": True, "is_user_of_session": True},
        "an expired session": {**ada, "is_staff": True, "is_user_of_session": True},
        "the expired token was replaced": True,
        "a superuser": {
            **ada,
            "email": "bob@example.com",
            "is_staff": False,
            "is_superuser": True,
            "is_user_of_session": True,
        },
        "after the sign-out": {"is_authenticated": False},
        "the refresh token after the sign-out": "AuthException",
        "an expired session that was revoked": {"is_authenticated": False},
    }
