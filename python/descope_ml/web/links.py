"""Shared code of the helpers for web frameworks: the verification of links on GET."""

from __future__ import annotations

import functools
from typing import Any

from descope_ml.web.errors import NO_CONTENT, AuthFailure, map_errors, not_authenticated
from descope_ml.web.guard import Steps


def check_request(method: str, headers: Any) -> None:
    """Rejects requests that must not spend the token of a link.

    Mail scanners and previews send HEAD. Browsers fetch links in advance, and say so.

    Args:
        method: The HTTP method of the request.
        headers: The headers, as the framework has them: their names can have any case.

    Raises:
        AuthFailure: 405 for any other method than GET and POST; 204 for a prefetch.
    """
    if method not in ("GET", "POST"):
        raise AuthFailure(405, "only GET and POST are allowed", {"Allow": "GET, POST"})
    purpose = headers.get("Sec-Purpose", "") or headers.get("Purpose", "")
    if purpose.partition(";")[0].strip().lower() == "prefetch":
        raise AuthFailure(NO_CONTENT, "")


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
