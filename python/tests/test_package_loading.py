"""What importing the package loads, and that what it leaves for later is there all the same."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
import typing
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

import descope_ml
import descope_ml.common
import descope_ml.config
import descope_ml.magiclink
from descope_ml import DeliveryMethod, DescopeClient, DescopeClientAsync, LoginOptions, MagicLink

SIGN_IN = """
import sys
from descope_ml import DeliveryMethod, DescopeClient, DescopeError
client = DescopeClient("P", base_url="http://127.0.0.1:1", max_attempts=1)
try:
    client.magiclink.sign_in(DeliveryMethod.SMS, "+14155550123")
except DescopeError as error:
    print(error.name, *sys.modules)
"""
FIRST_USE = """
import sys
import descope_ml
assert sys.argv[1] in dir(descope_ml)
print(getattr(descope_ml, sys.argv[1]) is getattr(descope_ml, sys.argv[1]))
"""
MODULES = [
    "calls",
    "calls_magiclink",
    "client_async",
    "config",
    "errors",
    "magiclink_async",
    "management",
    "options",
    "results",
]
HEAVY = {"asyncio", "dataclasses", "inspect", "json", "logging", "re", "typing"}


def _printed(code: str, *arguments: str) -> str:
    command = [sys.executable, "-S", "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def test_a_sign_in_loads_nothing_heavy() -> None:
    name, *loaded = _printed(SIGN_IN).split()
    assert name == "DESCOPE_E_NETWORK"
    assert "descope_ml.client" in loaded
    assert not HEAVY.intersection(loaded)


@pytest.mark.parametrize(
    "name",
    [
        *MODULES,
        "Config",
        "DescopeError",
        "LoginOptions",
        "MagicLinkAsync",
        "configure",
        "session_me",
        "test_create_user",
    ],
)
def test_what_is_left_for_later_is_there_at_its_first_use(name: str) -> None:
    assert _printed(FIRST_USE, name) == "True\n"


def test_a_star_brings_every_public_name() -> None:
    names = _printed("from descope_ml import *\nprint(*dir())").split()
    assert set(descope_ml.__all__) <= set(names)


def test_unknown_names_are_refused_as_of_any_module() -> None:
    for module in (descope_ml, descope_ml.common, descope_ml.config):
        with pytest.raises(AttributeError, match=f"module '{module.__name__}' has no .* 'nothing'"):
            _ = module.nothing
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        exec("from descope_ml import nothing")  # noqa: S102 - the statement is the test


def test_a_method_shows_the_parameters_and_the_result_of_its_call() -> None:
    for face in (DescopeClient, DescopeClientAsync):
        signature = inspect.signature(face.validate_session)
        assert list(signature.parameters) == ["self", "session_token", "audience"]
        assert signature.return_annotation == "dict[str, Any]"
        assert face.validate_session.__annotations__["return"] == "dict[str, Any]"
        evaluated = inspect.signature(face.validate_session, eval_str=True)
        assert evaluated.parameters["audience"].annotation == str | Iterable[str] | None
        assert "session/validate" in inspect.getsource(face.validate_session)


def test_annotations_can_be_evaluated() -> None:
    hints = typing.get_type_hints(MagicLink.sign_in)
    assert hints["method"] is DeliveryMethod
    assert hints["login_options"] == LoginOptions | Mapping[str, Any] | None
    assert hints["return"] is str
    hints = typing.get_type_hints(DescopeClientAsync.validate_session)
    assert hints["audience"] == str | Iterable[str] | None
    assert hints["return"] == dict[str, Any]
    assert typing.get_type_hints(DescopeClient.logout)["return"] is descope_ml.DescopeResponse
    assert "base_url" in typing.get_type_hints(DescopeClient.__init__)
    # As who looks at the module's own names only, such as pydantic.
    names = vars(descope_ml.magiclink) | {"LoginOptions": LoginOptions}
    assert typing.get_type_hints(MagicLink.sign_in, names)["return"] is str
    assert "token" in typing.get_type_hints(MagicLink.verify, vars(descope_ml.magiclink))
    assert "key" in typing.get_type_hints(descope_ml.DescopeResponse.get)
    assert "base_url" in typing.get_type_hints(descope_ml.Config)


def test_delivery_methods_and_options_travel_between_processes() -> None:
    for value in (DeliveryMethod.SMS, LoginOptions(locale="pl-PL")):
        assert pickle.loads(pickle.dumps(value)) == value
    assert descope_ml.common.LoginOptions is LoginOptions
    assert descope_ml.options.DeliveryMethod is DeliveryMethod
