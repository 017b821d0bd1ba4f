"""The annotations of everything public can be evaluated, as FastAPI, pydantic and others do."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import descope_ml
from descope_ml import DescopeClient, DescopeClientAsync
from descope_ml.annotations import Unpack

MODULES = [
    "descope_ml",
    *(
        module.name
        for module in pkgutil.walk_packages(descope_ml.__path__, "descope_ml.")
        if "._" not in module.name
    ),
]


def public_members(module: ModuleType) -> Iterator[Any]:
    """The functions and classes of a module, and the methods and properties of these classes."""
    own = [name for name, value in vars(module).items() if _is_of(module, value)]
    names = getattr(module, "__all__", [name for name in own if not name.startswith("_")])
    for name in names:
        member = getattr(module, name)
        if inspect.isfunction(member):
            yield member
        elif inspect.isclass(member) and member.__module__.startswith("descope_ml"):
            yield member
            for method in dir(member):
                yield from _functions(inspect.getattr_static(member, method))


def _is_of(module: ModuleType, value: object) -> bool:
    return getattr(value, "__module__", None) == module.__name__


def _functions(member: Any) -> Iterator[Any]:
    """The functions of a method or property that this package has written."""
    if isinstance(member, property):
        found = [member.fget, member.fset]
    else:
        found = [getattr(member, "__func__", member)]
    for function in found:
        if inspect.isfunction(function) and function.__module__.startswith("descope_ml"):
            yield function


@pytest.mark.parametrize("name", MODULES)
def test_the_annotations_of_every_module_can_be_evaluated(name: str) -> None:
    for member in public_members(importlib.import_module(name)):
        hints = typing.get_type_hints(member)
        assert set(hints) == set(inspect.unwrap(member).__annotations__) or inspect.isclass(member)


def test_the_members_of_the_package_are_found() -> None:
    names = {member.__qualname__ for member in public_members(descope_ml)}
    assert len(names) > 140
    assert {"DescopeClient", "magiclink_signin_sms", "configure", "TokenError.__init__"} <= names
    assert {"MagicLink.verify", "_OfficialAttributes.templateId", "DescopeResponse.get"} <= names
    assert {"DescopeClientAsync.__aenter__", "ClientBase.__init__"} <= names


def test_the_hints_are_the_types_themselves() -> None:
    hints = typing.get_type_hints(descope_ml.magiclink_signin_sms)
    assert hints["config"] == Unpack[descope_ml.Config]
    assert hints["return"] == dict[str, Any]
    for client_class in (DescopeClient, DescopeClientAsync):
        hints = typing.get_type_hints(client_class.validate_session)
        assert hints["session_token"] is str
