"""Shared code of the helpers for web frameworks: the names and attributes of the cookies."""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from descope_ml.constants import REFRESH_SESSION_COOKIE_NAME, SESSION_COOKIE_NAME

# RFC 6265: a name is a token; a path has neither control characters nor semicolons.
_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_DOMAIN = re.compile(r"\.?[\w-]+(\.[\w-]+)*", re.ASCII)
_PATH = re.compile(r"/[\x20-\x3a\x3c-\x7e]*")

_log = logging.getLogger("descope_ml")

# What each project said of its cookies last, by the project ID.
_remembered: dict[str, Mapping[str, Any]] = {}


@dataclass(frozen=True)
class CookieScope:
    """Where a cookie lives: a browser has one cookie for each of them.

    Raises:
        ValueError: A part would add something else to the header.
    """

    name: str
    domain: str
    path: str

    def __post_init__(self) -> None:
        """Checks the parts."""
        _check("name", self.name, _NAME)
        if self.domain:
            _check("domain", self.domain, _DOMAIN)
        _check("path", self.path, _PATH)


@dataclass(frozen=True)
class CookieSettings:
    """The cookies of a session. What is not given is what the project says in its answers.

    Attributes:
        session_name: The name of the cookie with the session token. Default: what the project says;
            else `DS`.
        refresh_name: The name of the cookie with the refresh token. Default: what the project says;
            else `DSR`.
        domain: The domain of the cookies; empty: only this host, as on localhost. Default (None):
            what the project says.
        path: The path of the cookies. Default (None): what the project says; else `/`.
        same_site: `Lax`, `Strict` or `None`.
        secure: Whether browsers send the cookies only over HTTPS. False is for tests without it.

    Raises:
        ValueError: A value is invalid.

    Example:
        >>> CookieSettings(session_name="DS; Domain=evil.example")
        Traceback (most recent call last):
        ValueError: the name of a cookie is invalid: 'DS; Domain=evil.example'
    """

    session_name: str = ""
    refresh_name: str = ""
    domain: str | None = None
    path: str | None = None
    same_site: str = "Lax"
    secure: bool = True

    def __post_init__(self) -> None:
        """Checks the values."""
        self.scopes({})
        if self.same_site.lower() not in ("lax", "strict", "none"):
            raise ValueError("same_site must be Lax, Strict or None")
        if self.same_site.lower() == "none" and not self.secure:
            raise ValueError("browsers reject cookies with SameSite=None that are not secure")
        if not self.secure:
            _log.warning("the session cookies are not secure: anyone on the network can read them")

    def replaced(self, **values: Any) -> CookieSettings:
        """The same settings with other values."""
        return dataclasses.replace(self, **values)

    def scopes(self, data: Mapping[str, Any]) -> tuple[CookieScope, CookieScope]:
        """The scopes of the cookies with the session token and with the refresh token.

        Args:
            data: What the project says: the `cookieData` of a login.

        Raises:
            ValueError: A part would add something else to the header.
        """
        domain = self.domain if self.domain is not None else data.get("domain") or ""
        session_domain = self.domain if self.domain is not None else data.get("sessionCookieDomain")
        path = self.path if self.path is not None else data.get("path") or "/"
        session = self.session_name or data.get("sessionCookieName") or SESSION_COOKIE_NAME
        refresh = self.refresh_name or data.get("cookieName") or REFRESH_SESSION_COOKIE_NAME
        return CookieScope(session, session_domain or domain, path), CookieScope(
            refresh, domain, path
        )


def remember(project_id: str, data: Mapping[str, Any]) -> None:
    """Remembers what a project says of its cookies: the last answer counts."""
    _remembered[project_id] = dict(data)


def says_something(data: Mapping[str, Any]) -> bool:
    """Whether an answer says how the cookies are called or where they are."""
    keys = ("cookieName", "sessionCookieName", "sessionCookieDomain", "domain")
    return any(data.get(key) for key in keys)


def known_scopes(settings: CookieSettings) -> list[CookieScope]:
    """The scopes of all cookies that may be there, by what the projects have said."""
    said = _said() or [{}]
    return list(dict.fromkeys(scope for data in said for scope in settings.scopes(data)))


def session_names(settings: CookieSettings) -> list[str]:
    """The names that the cookie with the session token can have."""
    said = [*_said(), {}]
    return list(dict.fromkeys(settings.scopes(data)[0].name for data in said))


def refresh_names(settings: CookieSettings) -> list[str]:
    """The names that the cookie with the refresh token can have."""
    said = [*_said(), {}]
    return list(dict.fromkeys(settings.scopes(data)[1].name for data in said))


def _said() -> list[Mapping[str, Any]]:
    # A copy, since another thread may add a project meanwhile.
    return list(_remembered.copy().values())


def is_told() -> bool:
    """Whether a project has said how its cookies are called since the process started."""
    return bool(_remembered)


def _check(part: str, value: str, pattern: re.Pattern[str]) -> None:
    if not pattern.fullmatch(value):
        message = f"the {part} of a cookie is invalid: {value!r}"
        raise ValueError(message)
