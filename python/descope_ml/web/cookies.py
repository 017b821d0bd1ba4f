"""Shared code of the helpers for web frameworks: the cookies with the tokens of a session."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterable, Mapping
from http.cookies import Morsel
from typing import Any

from descope_ml.constants import (
    COOKIE_DATA_NAME,
    REFRESH_SESSION_TOKEN_NAME,
    SESSION_TOKEN_NAME,
)
from descope_ml.error_frames import hides_locals
from descope_ml.results import DescopeResponse, cookie_data
from descope_ml.web.cookie_settings import (
    CookieScope,
    CookieSettings,
    known_scopes,
    remember,
    says_something,
)
from descope_ml.web.responses import Response, forbid_storing, headers_of

# Browsers drop larger cookies without a word (RFC 6265bis, section 5.6): name and value, in bytes.
_MAX_SIZE = 4096

_DEFAULT = CookieSettings()

_log = logging.getLogger("descope_ml")


@hides_locals
def set_cookies(
    response: Response,
    login: Mapping[str, Any],
    *,
    same_site: str = "",
    cookies: CookieSettings | None = None,
) -> None:
    """Sets cookies with the tokens of a session: Secure, HttpOnly, with the project's names.

    Both live as long as the refresh token: the session token in its cookie expires by itself, and a
    guard refreshes it. The response gets `Cache-Control: no-store`.

    Args:
        response: The response to the browser.
        login: The result of a verification or a refresh.
        same_site: `Lax` by default. With `Strict`, the browser would not send the cookies after a
            redirect from the verify page, because the link was opened from another site.
        cookies: The settings of the cookies. Default: what the project says.

    Raises:
        ValueError: The name, the domain or the path of a cookie is invalid. Nothing was set.

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
    _set_all(response, login_cookies(login, _with_same_site(cookies, same_site)))


@hides_locals
def clear_cookies(
    response: Response,
    answer: DescopeResponse | None = None,
    *,
    same_site: str = "",
    cookies: CookieSettings | None = None,
) -> None:
    """Deletes the cookies with the tokens of a session.

    The response gets `Cache-Control: no-store`.

    Args:
        response: The response to the browser.
        answer: The result of the logout, if there is one. It has the project's names of the
            cookies. Default: the names of earlier answers; else `DS` and `DSR`.
        same_site: The same value as in `set_cookies`.
        cookies: The same settings as in `set_cookies`.
    """
    data = cookie_data(answer.json()) if answer is not None else {}
    _set_all(response, clearing_cookies(_with_same_site(cookies, same_site), data))


def login_cookies(login: Mapping[str, Any], settings: CookieSettings) -> list[Morsel[str]]:
    """The cookies with the tokens of a login. What the project says of cookies is remembered.

    Args:
        login: The result of a verification or a refresh.
        settings: The settings of the cookies.

    Raises:
        ValueError: The name, the domain or the path of a cookie is invalid.
    """
    data = login.get(COOKIE_DATA_NAME, {})
    session, refresh = settings.scopes(data)
    now = _time_of_login(login)
    tokens = [(session, login.get(SESSION_TOKEN_NAME))]
    tokens.append((refresh, login.get(REFRESH_SESSION_TOKEN_NAME)))
    lifetimes = [int(token["exp"] - now) for _, token in tokens if token is not None]
    max_age = max(0, data.get("maxAge", 0) or lifetimes[-1]) if lifetimes else 0
    remember(login.get("projectId", ""), data)
    made = [_cookie(scope, settings, token["jwt"], max_age) for scope, token in tokens if token]
    for cookie in made:
        _warn_if_too_large(cookie)
    return made


def clearing_cookies(
    settings: CookieSettings,
    data: Mapping[str, Any],
    names: Iterable[str] = (),
    more_scopes: Iterable[tuple[str, str]] = (),
) -> list[Morsel[str]]:
    """Cookies that delete those of a session.

    Args:
        settings: The settings of the cookies.
        data: What the answer to a logout says of cookies, if there is an answer.
        names: Names of more cookies.
        more_scopes: More domains and paths where cookies of these names may be.
    """
    scopes = list(settings.scopes(data)) if says_something(data) else known_scopes(settings)
    more = list(more_scopes)
    all_names = dict.fromkeys([*(scope.name for scope in scopes), *names])
    scopes += [CookieScope(name, "", "/") for name in names]
    scopes += [CookieScope(name, domain, path) for name in all_names for domain, path in more]
    return [_cookie(scope, settings, "", 0) for scope in dict.fromkeys(scopes)]


def _set_all(response: Response, cookies: Iterable[Morsel[str]]) -> None:
    headers = headers_of(response)
    for cookie in cookies:
        headers.add_cookie(cookie)
    # No cache may give one user's cookies to another.
    forbid_storing(headers)


def _with_same_site(settings: CookieSettings | None, same_site: str) -> CookieSettings:
    found = settings or _DEFAULT
    return found.replaced(same_site=same_site) if same_site else found


def _time_of_login(login: Mapping[str, Any]) -> float:
    """When the tokens were issued, by the clock of the service: this machine's may be wrong."""
    time_of_response = getattr(login, "server_time", None)
    issued = login.get(SESSION_TOKEN_NAME, {}).get("iat")
    return next((float(one) for one in (time_of_response, issued) if one is not None), time.time())


def _cookie(scope: CookieScope, settings: CookieSettings, value: str, max_age: int) -> Morsel[str]:
    cookie: Morsel[str] = Morsel()
    cookie.set(scope.name, value, value)
    cookie["domain"] = scope.domain
    cookie["path"] = scope.path
    cookie["max-age"] = str(max_age)
    cookie["samesite"] = settings.same_site
    cookie["httponly"] = "true"
    if settings.secure:
        cookie["secure"] = "true"
    return cookie


def _warn_if_too_large(cookie: Morsel[str]) -> None:
    size = len(cookie.key) + len(cookie.value)
    if size > _MAX_SIZE:
        message = (
            f"the cookie {cookie.key} has {size} bytes, and browsers drop cookies of more than "
            f"{_MAX_SIZE}: the user would have to sign in again and again. Put fewer claims into "
            "the token, or send it by the Authorization header instead of a cookie"
        )
        warnings.warn(message, stacklevel=5)  # Of `set_cookies`, to which `hides_locals` adds one
        _log.warning(message)


def cookie_pairs(header: str) -> list[tuple[str, str]]:
    """The names and values of a `Cookie` header.

    Example:
        >>> cookie_pairs('DS=old; DS="new"; theme=dark')
        [('DS', 'old'), ('DS', 'new'), ('theme', 'dark')]
    """
    pairs = [part.strip().partition("=") for part in header.split(";")]
    return [(name.strip(), value.strip().strip('"')) for name, equals, value in pairs if equals]
