"""Shared code of the helpers for web frameworks: where the tokens are in a request."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from descope_ml.web.cookie_settings import CookieSettings, is_told, refresh_names, session_names
from descope_ml.web.cookies import cookie_pairs

_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)

# The most values that are tried of a request.
_MAX_VALUES = 8

_HOST_NAME = re.compile(r"[\w-]+(\.[\w-]+)*", re.ASCII)
_ADDRESS = re.compile(r"[\d.]+")


@dataclass(frozen=True)
class FoundToken:
    """A token in a cookie.

    Attributes:
        cookie: The name of the cookie.
        value: The token.
    """

    cookie: str
    value: str = field(repr=False)


@dataclass(frozen=True)
class WebRequest:
    """What a guard needs to know of a request of any framework.

    Attributes:
        authorization: The `Authorization` header.
        cookie_header: The `Cookie` header.
        cookies: The cookies as the framework has them: tests may set them there only.
        host: The host in the URL, perhaps with a port.
        path: The path in the URL.
    """

    authorization: str = field(default="", repr=False)
    cookie_header: str = field(default="", repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    host: str = ""
    path: str = "/"

    def bearer(self) -> str:
        """The token after `Bearer`; an empty string if there is none, or another scheme."""
        scheme, _, token = self.authorization.strip().partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def session_tokens(self, settings: CookieSettings) -> list[FoundToken]:
        """The values of the cookie with the session token, the likeliest first."""
        is_named = bool(settings.session_name) or is_told()
        return self._tokens(session_names(settings), None if is_named else "DS")

    def refresh_tokens(self, settings: CookieSettings) -> list[FoundToken]:
        """The values of the cookie with the refresh token, the likeliest first."""
        is_named = bool(settings.refresh_name) or is_told()
        return self._tokens(refresh_names(settings), None if is_named else "DSR")

    def other_scopes(self, settings: CookieSettings) -> list[tuple[str, str]]:
        """The domains and paths where cookies may be of which only the names are known.

        There are such if a name has several values, and if no project has said where its cookies
        are since this process started.
        """
        pairs = cookie_pairs(self.cookie_header)
        names = {*session_names(settings), *refresh_names(settings)}
        found = [name for name, _ in pairs if name in names]
        is_certain = len(found) == len(set(found)) and (is_told() or settings.domain is not None)
        return [] if is_certain else list(self._scopes_above())

    def _scopes_above(self) -> Iterator[tuple[str, str]]:
        """The domains and paths from which a browser may have sent cookies with this request."""
        host = self.host.partition(":")[0].lower()
        domains = [""]
        # What is no host name comes from no browser.
        if _HOST_NAME.fullmatch(host) and not _ADDRESS.fullmatch(host):
            labels = host.split(".")
            domains += [".".join(labels[first:]) for first in range(len(labels) - 1)][-3:]
        segments = [quote(segment) for segment in self.path.split("/") if segment]
        paths = ["/" + "/".join(segments[:count]) for count in range(min(len(segments), 2) + 1)]
        return ((domain, path) for domain in domains for path in paths)

    def _tokens(self, names: list[str], kind: str | None) -> list[FoundToken]:
        """The values of cookies with these names; with a kind, also all tokens of that kind.

        Until the project has said how its cookies are called, every cookie with a token is tried:
        this process may have started after the user signed in. The token itself says which kind it
        is, and its validation whether it is one of this project.
        """
        pairs = [*cookie_pairs(self.cookie_header), *self.cookies.items()]
        found = [FoundToken(*pair) for name in names for pair in pairs if pair[0] == name]
        if kind is not None:
            found += [FoundToken(*pair) for pair in pairs if _kind_of(pair[1]) == kind]
        return [token for token in dict.fromkeys(found) if token.value][:_MAX_VALUES]


def _kind_of(token: str) -> str:
    """What a token says that it is: `DS`, `DSR`, or an empty string. Nothing of it is verified."""
    if not _JWT.fullmatch(token):
        return ""
    payload = token.split(".")[1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        return ""
    return str(claims.get("drn", "")) if isinstance(claims, dict) else ""
