"""Shared code of the helpers for web frameworks: what a guard changes in a response.

A guard runs before the view, and the response comes from elsewhere: from the view, from the handler
of an exception, from a stream or a file. So a guard notes its changes, and they are applied to
whatever response goes out. They can be applied twice: the second time changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from http.cookies import Morsel
from typing import Any, Protocol

# What a guard reads: caches must not use a response for requests that differ in them.
_VARY = ("Cookie", "Authorization")

# `private` says less than `no-store`, but the cache of Django heeds only `private`.
_NO_STORE = "no-store, private"


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

    def apply(self, headers: Headers) -> None:
        """Applies the changes.

        Args:
            headers: The headers of the response.
        """
        for cookie in self.cookies:
            if cookie.OutputString() not in headers.values("Set-Cookie"):
                headers.add_cookie(cookie)
        if self.is_guarded:
            headers.replace("Vary", _with_vary(headers.values("Vary")))
        if self.cookies or self.is_refusal:
            forbid_storing(headers)
        elif self.is_guarded and not any(headers.values("Cache-Control")):
            headers.replace("Cache-Control", "private")


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


class MappingHeaders:
    """The headers of a response that has `headers`, a mapping, and perhaps several lines of a name.

    Such are the responses of Flask, Starlette and Django.
    """

    def __init__(self, headers: Any) -> None:
        """Takes the mapping."""
        self._headers = headers

    def values(self, name: str) -> list[str]:
        """The values of a header, one per line."""
        if hasattr(self._headers, "getlist"):
            return list(self._headers.getlist(name))
        value = self._headers.get(name)
        return [] if value is None else [value]

    def replace(self, name: str, value: str) -> None:
        """Sets a header, instead of all lines that it has."""
        self._headers[name] = value

    def add_cookie(self, cookie: Morsel[str]) -> None:
        """Adds a `Set-Cookie` line."""
        add = getattr(self._headers, "append", None) or self._headers.add
        add("Set-Cookie", cookie.OutputString())
