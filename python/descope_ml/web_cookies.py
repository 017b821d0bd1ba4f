"""Shared code of the helpers for web frameworks: the cookies with the tokens of a session."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from descope_ml.constants import (
    COOKIE_DATA_NAME,
    REFRESH_SESSION_COOKIE_NAME,
    REFRESH_SESSION_TOKEN_NAME,
    SESSION_COOKIE_NAME,
    SESSION_TOKEN_NAME,
)
from descope_ml.results import DescopeResponse, cookie_data
from descope_ml.web_responses import MappingHeaders, forbid_storing


class Response(Protocol):
    """A response of any framework: all of them set cookies in the same way."""

    @property
    def set_cookie(self) -> Callable[..., None]:
        """Sets a cookie: name, value, attributes."""


@dataclass(frozen=True)
class _Cookie:
    name: str
    domain: str
    path: str
    value: str = field(default="", repr=False)
    max_age: int = 0

    def set_on(self, response: Response, same_site: str) -> None:
        response.set_cookie(
            self.name,
            self.value,
            max_age=self.max_age,
            path=self.path or "/",
            domain=self.domain or None,
            secure=True,
            httponly=True,
            samesite=same_site,
        )


def set_cookies(response: Response, login: Mapping[str, Any], *, same_site: str = "Lax") -> None:
    """Sets cookies with the tokens of a session: Secure, HttpOnly, with the project's names.

    The response gets `Cache-Control: no-store`.

    Args:
        response: The response to the browser.
        login: The result of a verification or a refresh.
        same_site: `Lax` by default. With `Strict`, the browser would not send the cookies after a
            redirect from the verify page, because the link was opened from another site.

    Example:
        >>> from http.cookies import SimpleCookie
        >>> class Response(SimpleCookie):
        ...     def set_cookie(self, key, value, **attributes):
        ...         self[key] = value
        >>> response = Response()
        >>> set_cookies(response, {"sessionToken": {"jwt": "s", "exp": 0}, "cookieData": {}})
        >>> print(response)
        Set-Cookie: DS=s
    """
    now = _time_of_login(login)
    for key, cookie in _cookies(login.get(COOKIE_DATA_NAME, {})).items():
        if key in login:
            token = login[key]
            remaining = max(0, int(token["exp"] - now))
            max_age = remaining if key == SESSION_TOKEN_NAME else cookie.max_age or remaining
            replace(cookie, value=token["jwt"], max_age=max_age).set_on(response, same_site)
    _forbid_storing(response)


def _forbid_storing(response: Response) -> None:
    """No cache may give one user's cookies to another."""
    headers = getattr(response, "headers", None)
    if headers is not None:
        forbid_storing(MappingHeaders(headers))


def _time_of_login(login: Mapping[str, Any]) -> float:
    """When the tokens were issued, by the clock of the service: that of this machine may be wrong."""
    time_of_response = login.get(COOKIE_DATA_NAME, {}).get("serverTime")
    issued = login.get(SESSION_TOKEN_NAME, {}).get("iat")
    return next((float(one) for one in (time_of_response, issued) if one is not None), time.time())


def clear_cookies(
    response: Response, answer: DescopeResponse | None = None, *, same_site: str = "Lax"
) -> None:
    """Deletes the cookies with the tokens of a session.

    The response gets `Cache-Control: no-store`.

    Args:
        response: The response to the browser.
        answer: The result of the logout. It has the project's names of the cookies. Default: `DS`
            and `DSR`.
        same_site: The same value as in `set_cookies`.
    """
    data = cookie_data(answer.json() if answer is not None else {})
    for cookie in _cookies(data).values():
        replace(cookie, max_age=0).set_on(response, same_site)
    _forbid_storing(response)


def _cookies(data: Mapping[str, Any]) -> dict[str, _Cookie]:
    """The cookies of both tokens, without values, by the keys of the tokens in a login result."""
    domain, path = data.get("domain", ""), data.get("path", "/")
    session_domain = data.get("sessionCookieDomain") or domain
    session = _Cookie(data.get("sessionCookieName") or SESSION_COOKIE_NAME, session_domain, path)
    name = data.get("cookieName") or REFRESH_SESSION_COOKIE_NAME
    refresh = _Cookie(name, domain, path, max_age=data.get("maxAge", 0))
    return {SESSION_TOKEN_NAME: session, REFRESH_SESSION_TOKEN_NAME: refresh}
