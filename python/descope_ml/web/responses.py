"""Shared code of the helpers for web frameworks: what a guard changes in a response.

A guard runs before the view, and the response comes from elsewhere: from the view, from the handler
of an exception, from a stream or a file. So a guard notes its changes, and they are applied to
whatever response goes out. They can be applied twice: the second time changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http.cookies import Morsel, SimpleCookie
from typing import Any, Protocol

from descope_ml.error_frames import hides_locals

# What a guard reads: caches must not use a response for requests that differ in them.
_VARY = ("Cookie", "Authorization")

# `private` says less than `no-store`, but the cache of Django heeds only `private`.
_NO_STORE = "no-store, private"


class Response(Protocol):
    """A response of any framework: all of them set cookies in the same way, and have headers."""

    @property
    def set_cookie(self) -> Callable[..., None]:
        """Sets a cookie: name, value, attributes."""


class Headers(Protocol):
    """The headers of a response of any framework."""

    def values(self, name: str) -> list[str]:
        """The values of a header, one per line."""

    def replace(self, name: str, value: str) -> None:
        """Sets a header, instead of all lines that it has."""

    def add_cookie(self, cookie: Morsel[str]) -> None:
        """Adds a `Set-Cookie` line, also if another one has the same name."""


class ResponseChanges:
    """The changes to the response to one request.

    Attributes:
        is_guarded: Whether the response depends on who is signed in.
        is_refusal: Whether it refuses the request.
        cookies: The cookies that are set or cleared.
    """

    def __init__(self) -> None:
        """No changes."""
        self.is_guarded = False
        self.is_refusal = False
        self.cookies: list[Morsel[str]] = []

    @hides_locals
    def apply(self, headers: Headers) -> None:
        """Applies the changes.

        Args:
            headers: The headers of the response.
        """
        self._add_cookies(headers)
        if self.is_guarded:
            headers.replace("Vary", _with_vary(headers.values("Vary")))
        if self.cookies or self.is_refusal:
            forbid_storing(headers)
        elif self.is_guarded and not any(headers.values("Cache-Control")):
            headers.replace("Cache-Control", "private")

    def _add_cookies(self, headers: Headers) -> None:
        """Adds the cookies, except those that the view itself has set or cleared."""
        ours = {cookie.OutputString() for cookie in self.cookies}
        present = set(headers.values("Set-Cookie"))
        set_by_view = {line.partition("=")[0] for line in present - ours}
        for cookie in self.cookies:
            if cookie.OutputString() not in present and cookie.key not in set_by_view:
                headers.add_cookie(cookie)


def forbid_storing(headers: Headers) -> None:
    """Sets `Cache-Control: no-store`, unless the response has it."""
    if "no-store" not in _items(headers.values("Cache-Control")):
        headers.replace("Cache-Control", _NO_STORE)


def _with_vary(lines: Iterable[str]) -> str:
    """The value of `Vary` with what a guard reads added."""
    value = ", ".join(line for line in lines if line)
    present = _items([value])
    if "*" in present:
        return value
    return ", ".join(([value] if value else []) + [n for n in _VARY if n.lower() not in present])


def _items(lines: Iterable[str]) -> set[str]:
    return {item.strip().lower() for line in lines for item in line.split(",")}


def headers_of(response: Response) -> Headers:
    """The headers of a response of any framework."""
    cookies = getattr(response, "cookies", None)
    if isinstance(cookies, SimpleCookie):
        return DjangoHeaders(response.headers, cookies)  # type: ignore[attr-defined]
    headers = getattr(response, "headers", None)
    return _OnlyCookies(response) if headers is None else ListHeaders(headers)


class ListHeaders:
    """Headers with any number of lines of a name, as Flask and Starlette have them."""

    def __init__(self, headers: Any) -> None:
        """Takes the headers."""
        self._headers = headers
        self._add = getattr(headers, "append", None) or headers.add

    def values(self, name: str) -> list[str]:
        """The values of a header, one per line."""
        return list(self._headers.getlist(name))

    def replace(self, name: str, value: str) -> None:
        """Sets a header, instead of all lines that it has."""
        self._headers[name] = value

    def add_cookie(self, cookie: Morsel[str]) -> None:
        """Adds a `Set-Cookie` line."""
        self._add("Set-Cookie", cookie.OutputString())


class _OnlyCookies:
    """A response that can set cookies and nothing else."""

    def __init__(self, response: Response) -> None:
        self._response = response

    def values(self, _name: str) -> list[str]:
        return []

    def replace(self, name: str, value: str) -> None:
        """There are no headers."""

    def add_cookie(self, cookie: Morsel[str]) -> None:
        self._response.set_cookie(
            cookie.key,
            cookie.value,
            max_age=int(cookie["max-age"]),
            path=cookie["path"],
            domain=cookie["domain"] or None,
            secure=bool(cookie["secure"]),
            httponly=True,
            samesite=cookie["samesite"],
        )


class DjangoHeaders:
    """The headers of a response of Django: one line of a name, and the cookies apart."""

    def __init__(self, headers: Any, cookies: SimpleCookie) -> None:
        """Takes the headers and the cookies."""
        self._headers = headers
        self._cookies = cookies

    def values(self, name: str) -> list[str]:
        """The values of a header, one per line."""
        if name == "Set-Cookie":
            return [cookie.OutputString() for cookie in self._cookies.values()]
        return [self._headers[name]] if name in self._headers else []

    def replace(self, name: str, value: str) -> None:
        """Sets a header."""
        self._headers[name] = value

    def add_cookie(self, cookie: Morsel[str]) -> None:
        """Adds a cookie."""
        # Django sends all values of this dictionary. The keys need not be the names: there can be
        # several cookies of one name, which differ in domain or path.
        present = self._cookies.get(cookie.key)
        is_other = present is not None and _scope(present) != _scope(cookie)
        key = f"{cookie.key};{_scope(cookie)}" if is_other else cookie.key
        self._cookies[key] = cookie


def _scope(cookie: Morsel[str]) -> tuple[str, str]:
    return str(cookie["domain"]), str(cookie["path"])
