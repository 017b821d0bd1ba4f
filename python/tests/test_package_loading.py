"""The import of the package: what it loads, which names it has, and what introspection shows."""

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
    "client_async",
    "config",
    "default_client",
    "errors",
    "functions",
    "magiclink_async",
    "management",
    "options",
    "results",
]
# The standard modules that a sign-in needs, as a program that loads only them. `logging` is loaded
# only if the program uses it.
NEEDED = "import __future__, json, os, sys, typing\nprint(*sys.modules)"


def _output_of(code: str, *arguments: str) -> str:
    command = [sys.executable, "-S", "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def test_a_sign_in_loads_only_the_standard_modules_that_it_needs() -> None:
    name, *loaded = _output_of(SIGN_IN).split()
    assert name == "DESCOPE_E_NETWORK"
    assert "descope_ml.client" in loaded
    others = {module for module in loaded if module.partition(".")[0] != "descope_ml"}
    assert others - set(_output_of(NEEDED).split()) == set()


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
def test_every_module_and_name_is_an_attribute_of_the_package(name: str) -> None:
    assert _output_of(FIRST_USE, name) == "True\n"


def test_import_star_imports_every_public_name() -> None:
    names = _output_of("from descope_ml import *\nprint(*dir())").split()
    assert set(descope_ml.__all__) <= set(names)


def test_an_unknown_name_raises_the_usual_error() -> None:
    for module in (descope_ml, descope_ml.common, descope_ml.config):
        with pytest.raises(AttributeError, match=f"module '{module.__name__}' has no .* 'nothing'"):
            _ = module.nothing
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        exec("from descope_ml import nothing")  # noqa: S102 - the statement is the test


def test_a_method_shows_its_signature_and_source() -> None:
    for client_class in (DescopeClient, DescopeClientAsync):
        signature = inspect.signature(client_class.validate_session)
        assert list(signature.parameters) == ["self", "session_token", "audience"]
        assert signature.return_annotation == "dict[str, Any]"
        assert client_class.validate_session.__annotations__["return"] == "dict[str, Any]"
        evaluated = inspect.signature(client_class.validate_session, eval_str=True)
        assert evaluated.parameters["audience"].annotation == str | Iterable[str] | None
        assert "SESSION_VALIDATE" in inspect.getsource(client_class.validate_session)


def test_type_hints_can_be_evaluated() -> None:
    hints = typing.get_type_hints(MagicLink.sign_in)
    assert hints["method"] is DeliveryMethod
    assert hints["login_options"] == LoginOptions | Mapping[str, Any] | None
    assert hints["return"] is str
    hints = typing.get_type_hints(DescopeClientAsync.validate_session)
    assert hints["audience"] == str | Iterable[str] | None
    assert hints["return"] == dict[str, Any]
    assert typing.get_type_hints(DescopeClient.logout)["return"] is descope_ml.DescopeResponse
    assert "base_url" in typing.get_type_hints(DescopeClient.__init__)
    # Also with the names of the module only, as pydantic evaluates them.
    names = vars(descope_ml.magiclink) | {"LoginOptions": LoginOptions}
    assert typing.get_type_hints(MagicLink.sign_in, names)["return"] is str
    assert "token" in typing.get_type_hints(MagicLink.verify, vars(descope_ml.magiclink))
    assert "key" in typing.get_type_hints(descope_ml.DescopeResponse.get)
    assert "base_url" in typing.get_type_hints(descope_ml.Config)


def test_delivery_methods_and_options_can_be_pickled() -> None:
    for value in (DeliveryMethod.SMS, LoginOptions(locale="pl-PL")):
        assert pickle.loads(pickle.dumps(value)) == value
    assert descope_ml.common.LoginOptions is LoginOptions
    assert descope_ml.options.DeliveryMethod is DeliveryMethod
