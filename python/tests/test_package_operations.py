"""Every operation of core is in the table, is a function, and has a client method."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

import descope_ml
from descope_ml import (
    ArgumentError,
    DescopeClient,
    DescopeClientAsync,
    MagicLink,
    MagicLinkAsync,
    functions,
    operations,
)
from descope_ml.handles import Client
from descope_ml.management import Users, UsersAsync

SYNC_CLASSES = (DescopeClient, MagicLink, Users)
ASYNC_CLASSES = (DescopeClientAsync, MagicLinkAsync, UsersAsync)


def operations_of_core() -> list[str]:
    """The names of all operations, from core's error for an unknown operation."""
    client = Client('{"projectId": "P"}')
    with pytest.raises(ArgumentError) as caught:
        client.call("no such operation", {})
    return re.findall(r"\b[a-z]+(?:/[a-z_-]+)+", str(caught.value))


OPERATIONS = operations_of_core()


def methods_of(classes: tuple[type[Any], ...]) -> str:
    """The source of all methods of these classes and of their base classes."""
    bases = {base for one in classes for base in one.__mro__ if base.__module__ != "builtins"}
    return "\n".join(inspect.getsource(base) for base in bases)


def test_the_error_for_an_unknown_operation_lists_the_operations() -> None:
    assert len(OPERATIONS) == len(set(OPERATIONS))
    assert {"magiclink/signin/sms", "session/validate_remote"} < set(OPERATIONS)


def test_the_table_has_exactly_the_operations_of_core() -> None:
    assert sorted(operations.OPERATIONS) == sorted(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_has_a_function(name: str) -> None:
    function_name = re.sub("[/-]", "_", name)
    assert function_name in descope_ml.__all__
    assert getattr(descope_ml, function_name) is getattr(functions, function_name)
    source = inspect.getsource(getattr(functions, function_name))
    assert f"operations.{function_name.upper()}," in source
    assert getattr(operations, function_name.upper()).name == name


@pytest.mark.parametrize("classes", [SYNC_CLASSES, ASYNC_CLASSES], ids=["sync", "async"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_has_a_client_method(name: str, classes: tuple[type[Any], ...]) -> None:
    source = methods_of(classes)
    action, _, method = name.removeprefix("magiclink/").rpartition("/")
    is_called = f"operations.{re.sub('[/-]', '_', name).upper()}," in source
    is_sent_by_method = f'link_operation("{action}", method)' in source
    assert is_called or (is_sent_by_method and method in {"sms", "email", "whatsapp"})
