"""Decorators keep the types of views: mypy and pyright check this file as the code of a user.

A line with `type: ignore` is an error: `make lint` fails if one of the two does not report it.
"""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Any, TypeVar

import flask
import pytest
from typing_extensions import assert_type

from descope_ml import DescopeClient, django
from descope_ml import flask as flask_helpers

View = TypeVar("View", bound=Callable[..., Any])

client = DescopeClient("P2test")
flask_auth, django_auth = flask_helpers.DescopeAuth(client), django.DescopeAuth(client)

URI = "https://app.example.com/verify"


def book(title: str, page: int = 1) -> flask.Response:
    """A view of Flask."""
    return flask.Response(f"{title}: {page}")


def shelf(request: django.DescopeRequest, name: str, page: int = 1) -> list[str]:
    """A view of Django."""
    return [request.path, name, str(page)]


async def late_shelf(request: django.DescopeRequest, name: str, page: int = 1) -> list[str]:
    """An async view of Django."""
    return shelf(request, name, page)


# By each decorator.
BOOKS = [
    flask_helpers.require_session(client, roles="reader")(book),
    flask_auth.require_session(optional=True)(book),
    flask_helpers.descope_validate_auth(client)(book),
    flask_helpers.descope_verify_magiclink_token(client)(book),
    flask_helpers.descope_signin_magiclink_by_email(client, URI)(book),
    flask_helpers.descope_signup_magiclink_by_email(client, URI)(book),
    flask_helpers.descope_logout(client)(book),
]
SHELVES = [
    django.require_session(client, roles="reader")(shelf),
    django.verified(client)(shelf),
    django.sign_out(client)(shelf),
    django_auth.require_session(optional=True)(shelf),
    django_auth.verified()(shelf),
    django_auth.sign_out()(shelf),
]
LATE_SHELVES = [
    django.require_session(client, roles="reader")(late_shelf),
    django.verified(client)(late_shelf),
    django.sign_out(client)(late_shelf),
    django_auth.require_session(optional=True)(late_shelf),
    django_auth.verified()(late_shelf),
    django_auth.sign_out()(late_shelf),
]


@django.require_session(client)
def account(request: django.DescopeRequest) -> str:
    """A view that uses all that is added to its request."""
    session = request.descope_session
    return f"{session['userId']} {request.descope_login['userId']} {request.user.pk}"


async def check_types(request: django.DescopeRequest) -> None:
    """Is not called: only mypy and pyright read it."""
    for decorated in BOOKS:
        assert_type(decorated("Emma", page=2), flask.Response)
        decorated(7)  # type: ignore[arg-type]
        decorated("Emma", chapter=2)  # type: ignore[call-arg]
    for one in SHELVES:
        assert_type(one(request, "novels", page=2), "list[str]")
        one(request)  # type: ignore[call-arg]
    for late in LATE_SHELVES:
        assert_type(await late(request, "novels"), "list[str]")
        await late(request)  # type: ignore[call-arg]
    assert_type(account(request), str)
    account()  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("view", "decorated"), [(book, BOOKS), (shelf, SHELVES), (late_shelf, LATE_SHELVES)]
)
def test_decorated_views_have_the_signatures_of_the_views(
    view: Callable[..., Any], decorated: list[Callable[..., Any]]
) -> None:
    for one in decorated:
        assert one is not view
        assert inspect.signature(one) == inspect.signature(view)
        assert inspect.iscoroutinefunction(one) is inspect.iscoroutinefunction(view)
        assert typing.get_type_hints(one) == typing.get_type_hints(view)
        assert (one.__name__, one.__doc__) == (view.__name__, view.__doc__)
