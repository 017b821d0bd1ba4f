"""Results: responses of the service converted to the dictionaries of the official package."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from descope_ml.annotations import Self
from descope_ml.constants import (
    COOKIE_DATA_NAME,
    REFRESH_SESSION_TOKEN_NAME,
    SESSION_TOKEN_NAME,
)
from descope_ml.error_frames import hides_locals

# The official keys of `cookieData`, the API's keys, and the values if the response has no such key.
_COOKIE_DATA = (
    ("exp", "cookieExpiration", 0),
    ("maxAge", "cookieMaxAge", 0),
    ("domain", "cookieDomain", ""),
    ("path", "cookiePath", "/"),
)
# Keys that are added to `cookieData` with the API's names, if the response has them.
_COOKIE_NAMES = ("cookieName", "sessionCookieName", "sessionCookieDomain")


class LoginResult(dict[str, Any]):
    """The result of a verification, a refresh or a tenant selection: the official dictionary.

    Attributes:
        server_time: When the response was sent, in seconds since 1970 by the clock of the service;
            None if it does not say. The clock of this machine may be wrong.
    """

    server_time: int | None = None


def to_validation_result(session: Mapping[str, Any]) -> dict[str, Any]:
    """The result of `validate_session`: the claims, also as `sessionToken`, and the authorization.

    Args:
        session: The response of `session/validate`.

    Returns:
        A dictionary with the claims, `jwt`, `sessionToken`, `permissions`, `roles`, `tenants`,
        `projectId` and `userId`.
    """
    token = {**session["claims"], "jwt": session["jwt"]}
    return {**token, SESSION_TOKEN_NAME: dict(token), **_authorization(session)}


def to_login_result(response: Mapping[str, Any]) -> LoginResult:
    """The result of a verification, a refresh or a tenant selection.

    Args:
        response: The response of the service. The library has added `session`, `refreshClaims` and
            `serverTime`.

    Returns:
        A dictionary with `sessionToken`, `refreshSessionToken` if there is one, `permissions`,
        `roles`, `tenants`, `projectId`, `userId`, `cookieData`, `user` and `firstSeen`.
    """
    result = LoginResult(_tokens(response))
    result.server_time = response.get("serverTime")
    result.update(_authorization(response["session"]))
    result[COOKIE_DATA_NAME] = cookie_data(response)
    result["user"] = response.get("user", {})
    result["firstSeen"] = response.get("firstSeen", True)
    return result


def to_access_key_result(response: Mapping[str, Any]) -> dict[str, Any]:
    """The result of the exchange of an access key.

    Args:
        response: The response of the service. The library has added `session`.

    Returns:
        A dictionary with `sessionToken`, `permissions`, `roles`, `tenants`, `projectId` and
        `keyId`.
    """
    result = {**_tokens(response), **_authorization(response["session"])}
    result["keyId"] = result.pop("userId")
    return result


def _tokens(response: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of each token of a response, with the token itself as `jwt`."""
    session = response["session"]
    tokens = {SESSION_TOKEN_NAME: {**session["claims"], "jwt": session["jwt"]}}
    if "refreshClaims" in response:
        tokens[REFRESH_SESSION_TOKEN_NAME] = {
            **response["refreshClaims"],
            "jwt": response["refreshJwt"],
        }
    return tokens


def cookie_data(response: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of the cookies.

    Args:
        response: The response of the service.

    Returns:
        `exp`, `maxAge`, `domain` and `path`; and `cookieName`, `sessionCookieName` and
        `sessionCookieDomain`, if the response has them.
    """
    cookies = {official: response.get(key, absent) for official, key, absent in _COOKIE_DATA}
    return {**cookies, **{key: response[key] for key in _COOKIE_NAMES if response.get(key)}}


def _authorization(session: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("permissions", "roles", "tenants", "projectId", "userId")
    return {key: session[key] for key in keys}


class DescopeResponse(Mapping[str, Any]):
    """The response to a logout: a mapping of its JSON, like the official class of this name.

    The official logout returns a response of httpx. Of that, this class has the status attributes
    and `json()`. Differs from both: there are no headers and cookies, because the native library
    has processed them already, and `repr()` shows no values.

    Example:
        >>> from descope_ml import DescopeResponse
        >>> response = DescopeResponse({"sessionJwt": ""})
        >>> response.ok, response["sessionJwt"], response
        (True, '', DescopeResponse(status_code=200, keys=['sessionJwt']))
    """

    status_code = 200
    ok = True
    is_success = True
    is_json = True
    is_error = False

    def __init__(self, document: dict[str, Any]) -> None:
        """Takes the JSON of the response."""
        self._document = document

    def json(self) -> dict[str, Any]:
        """The JSON of the response."""
        return self._document

    @property
    def text(self) -> str:
        """The response as JSON text."""
        return json.dumps(self._document, ensure_ascii=False, separators=(",", ":"))

    @property
    def content(self) -> bytes:
        """The response as JSON text in UTF-8."""
        return self.text.encode()

    def raise_for_status(self) -> Self:
        """Does nothing: a call that fails raises an exception and has no response."""
        return self

    def get(self, key: str, default: Any = None) -> Any:
        """A member of the response, or the default."""
        return self._document.get(key, default)

    @hides_locals
    def __getitem__(self, key: str) -> Any:
        """A member of the response."""
        return self._document[key]

    def __iter__(self) -> Iterator[str]:
        """The keys of the response."""
        return iter(self._document)

    def __len__(self) -> int:
        """The number of members."""
        return len(self._document)

    def __bool__(self) -> bool:
        """True, also if the response has no members."""
        return True

    def __eq__(self, other: object) -> bool:
        """Compares the JSON of the responses, or with a dictionary."""
        return self._document == (other.json() if isinstance(other, DescopeResponse) else other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """The keys only: a value may be a token."""
        return f"DescopeResponse(status_code={self.status_code}, keys={list(self)})"
