"""Shared code of the helpers for web frameworks: the verification of links on GET."""

from __future__ import annotations

import functools
from typing import Any

from descope_ml.web_errors import AuthFailure, map_errors, not_authenticated
from descope_ml.web_guard import Steps


def check_method(method: str) -> None:
    """Rejects methods that must not spend the token of a link.

    Mail scanners and previews send HEAD.

    Args:
        method: The HTTP method of the request.

    Raises:
        AuthFailure: 405 for any other method than GET and POST.
    """
    if method not in ("GET", "POST"):
        raise AuthFailure(405, "only GET and POST are allowed", {"Allow": "GET, POST"})


def verification(client: Any, token: str | None) -> Steps[dict[str, Any]]:
    """Verifies the token of a link.

    Args:
        client: The client that verifies the token.
        token: The value of `t` in the query of the request, if there is one.

    Returns:
        The result of `MagicLink.verify`.

    Raises:
        AuthFailure: The token is invalid.
        DescopeError: This server is at fault.
    """
    if not token:
        raise not_authenticated()
    with map_errors():
        login: dict[str, Any] = yield functools.partial(client.magiclink.verify, token)
    return login
