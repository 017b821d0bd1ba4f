"""The `Set-Cookie` headers of a response."""

from __future__ import annotations

from typing import Any

Scope = tuple[str, str, str]


def attributes(line: str) -> dict[str, str]:
    """The attributes of a `Set-Cookie` header; the value is empty."""
    parts = [part.strip().partition("=") for part in line.split(";")[1:]]
    return {name.lower(): value for name, _, value in parts}


def lines(response: Any) -> list[str]:
    """The `Set-Cookie` headers of a response of any framework or of httpx."""
    headers = response.headers
    for method in ("get_list", "getlist"):
        if hasattr(headers, method):
            return list(getattr(headers, method)("Set-Cookie"))
    return [cookie.OutputString() for cookie in response.cookies.values()]


def scopes(response: Any, is_cleared: bool = False) -> set[Scope]:
    """Names, domains and paths of the cookies that a response sets or clears."""
    found = set()
    for line in lines(response):
        parts = attributes(line)
        if (parts["max-age"] == "0") is is_cleared:
            found.add((line.partition("=")[0], parts.get("domain", ""), parts["path"]))
    return found
