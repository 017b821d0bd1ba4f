"""Shared code of the helpers for web frameworks: authentication and verification.

Use `descope_ml.fastapi`, `descope_ml.flask` or `descope_ml.django`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from descope_ml.client import DescopeClient
from descope_ml.client_async import DescopeClientAsync
from descope_ml.client_base import ClientBase
from descope_ml.web_errors import AuthFailure, map_errors


@dataclass(frozen=True)
class Requirements:
    """The permissions and roles that a session must have.

    Attributes:
        permissions: Required permissions; the session must have all of them.
        roles: Required roles; the session must have all of them.
        tenant: The tenant that the user must be in, and in which the session must have them. Empty:
            project-level permissions and roles.
    """

    permissions: str | Iterable[str] = ()
    roles: str | Iterable[str] = ()
    tenant: str = ""

    def __post_init__(self) -> None:
        """Stores the collections as tuples: an iterator could be read only once."""
        for name in ("permissions", "roles"):
            value = getattr(self, name)
            object.__setattr__(self, name, value if isinstance(value, str) else tuple(value))


def session_token(authorization: str | None, cookies: Mapping[str, str], cookie_name: str) -> str:
    """The session token of a request.

    Args:
        authorization: Its `Authorization` header.
        cookies: Its cookies.
        cookie_name: The name of the cookie with the session token.

    Returns:
        The token after `Bearer`; else the one in the cookie; else an empty string.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return cookies.get(cookie_name, "")


def authenticate(client: DescopeClient, token: str, required: Requirements) -> dict[str, Any]:
    """Validates a session and checks its permissions and roles.

    Args:
        client: The client that validates the session.
        token: The session token.
        required: The permissions and roles that the session must have.

    Returns:
        The result of `validate_session`.

    Raises:
        AuthFailure: The session is invalid, or lacks a permission or role.
        DescopeError: This server is at fault.
    """
    with map_errors():
        session = client.validate_session(token)
    _authorize(client, session, required)
    return session


async def authenticate_async(
    client: DescopeClientAsync, token: str, required: Requirements
) -> dict[str, Any]:
    """Like `authenticate`, for asyncio."""
    with map_errors():
        session = await client.validate_session(token)
    _authorize(client, session, required)
    return session


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


def verify_link(client: DescopeClient, token: str | None) -> dict[str, Any]:
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
    with map_errors():
        return client.magiclink.verify(token or "")


async def verify_link_async(client: DescopeClientAsync, token: str | None) -> dict[str, Any]:
    """Like `verify_link`, for asyncio."""
    with map_errors():
        return await client.magiclink.verify(token or "")


def _authorize(client: ClientBase, session: dict[str, Any], required: Requirements) -> None:
    """Raises 403 if the session lacks a permission, a role or the tenant."""
    tenant = required.tenant
    # This call also checks that the user is in the tenant, even if no permission is required.
    if not client.validate_tenant_permissions(session, tenant, required.permissions):
        raise AuthFailure(403, "a permission or the tenant is missing")
    if not client.validate_tenant_roles(session, tenant, required.roles):
        raise AuthFailure(403, "a role is missing")
