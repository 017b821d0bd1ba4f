"""The bare calls for sessions: a request in the API's own names in, the answer out.

As the bare calls for magic links; a `refreshToken` or `sessionToken` in the request goes into the
bearer.
"""

from __future__ import annotations

from descope_ml.calls import perform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from typing_extensions import Unpack

    from descope_ml.config import Config


def session_validate(request: Mapping[str, Any] | str, **config: Unpack[Config]) -> dict[str, Any]:
    """Checks a session token on this machine; keys that are not known yet are fetched.

    Takes `sessionToken` and `audience`, a text or several; answers `jwt`, `claims`, `userId`,
    `projectId`, `permissions`, `roles` and `tenants`.
    """
    return perform("session/validate", request, config)


def session_validate_remote(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Asks the service whether a `sessionToken` holds; answers `parsedJWT`.

    API: POST /v1/auth/validate
    """
    return perform("session/validate_remote", request, config)


def session_refresh(request: Mapping[str, Any] | str, **config: Unpack[Config]) -> dict[str, Any]:
    """Asks for a new session token by a `refreshToken`, which is checked here first.

    API: POST /v1/auth/refresh

    Answers as `magiclink_verify`; the refresh token is the given one where no new one came.
    """
    return perform("session/refresh", request, config)


def session_select_tenant(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Asks for a session in a `tenant` by a `refreshToken`; answers as `magiclink_verify`.

    API: POST /v1/auth/tenant/select
    """
    return perform("session/select_tenant", request, config)


def session_logout(request: Mapping[str, Any] | str, **config: Unpack[Config]) -> dict[str, Any]:
    """Ends the session of a `refreshToken`.

    API: POST /v1/auth/logout
    """
    return perform("session/logout", request, config)


def session_logout_all(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Ends all sessions of the user of a `refreshToken`.

    API: POST /v1/auth/logoutall
    """
    return perform("session/logout_all", request, config)


def session_me(request: Mapping[str, Any] | str, **config: Unpack[Config]) -> dict[str, Any]:
    """Who the user of a `refreshToken` is.

    API: GET /v1/auth/me
    """
    return perform("session/me", request, config)


def session_history(request: Mapping[str, Any] | str, **config: Unpack[Config]) -> dict[str, Any]:
    """When the user of a `refreshToken` has signed in; answers `authHistory`.

    API: GET /v1/auth/me/history
    """
    return perform("session/history", request, config)


def session_match_permissions(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Which `permissions` the `claims` of a session grant, on this machine.

    Takes a `tenant` too; answers `all`, whether it grants them all, and `matched`.

    Example:
        >>> import descope_ml
        >>> claims = {"permissions": ["read"]}
        >>> descope_ml.session_match_permissions({"claims": claims, "permissions": ["read", "w"]})
        {'all': False, 'matched': ['read']}
    """
    return perform("session/match_permissions", request, config)


def session_match_roles(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Which `roles` the `claims` of a session grant, on this machine.

    Takes a `tenant` too; answers `all`, whether it grants them all, and `matched`.
    """
    return perform("session/match_roles", request, config)
