"""Journeys through the official package and through ours, and what each call of them led to."""

from __future__ import annotations

import asyncio
import inspect
import operator
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Optional
from urllib.parse import parse_qs, urlsplit

import descope

import descope_ml
from support.emulator import Emulator

PHONE = "+14155550123"
EMAIL = "ada@example.com"
URI = "https://app.example.com/verify"

# What differs between two runs of the same journey, and what stands for it.
_VARYING = {
    "<TOKEN>": re.compile(r"(?<=[?&]t=)[\w-]+"),
    "<JWT>": re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*"),
    "<TIME>": re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)"),
    "<ID>": re.compile(r"\b[KSU][0-9A-Za-z]{20,}\b"),
}
# From which number on one is a time or counts down to one.
_TIMES = 1_000


@dataclass
class Journey:
    """One user's calls through one client, each recorded under its name."""

    package: ModuleType
    client: Any
    emulator: Optional[Emulator] = None
    steps: list[tuple[str, Any]] = field(default_factory=list)
    loop: Optional[asyncio.AbstractEventLoop] = None

    def __call__(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Makes a call, such as `magiclink.verify`; its result, or None where it has failed."""
        try:
            result = operator.attrgetter(name)(self.client)(*args, **kwargs)
            if inspect.isawaitable(result):
                assert self.loop is not None
                result = self.loop.run_until_complete(result)
        except Exception as error:
            self.steps.append((name, raised(error)))
            return None
        self.steps.append((name, plain(result)))
        return result

    def method(self, name: str) -> Any:
        """A delivery method of the package."""
        return self.package.DeliveryMethod[name]

    def token(self, to: str = PHONE) -> str:
        """The token of the newest link that was sent to an address."""
        assert self.emulator is not None
        return str(self.emulator.messages(to)[0]["token"])

    def signs_up(self) -> tuple[str, str]:
        """A user signs up by SMS and follows the link: the session and the refresh token."""
        self("magiclink.sign_up", self.method("SMS"), PHONE, URI, {"name": "Ada"})
        login = self("magiclink.verify", self.token())
        return login["sessionToken"]["jwt"], login["refreshSessionToken"]["jwt"]

    def test_user(self, **options: Any) -> Any:
        """A test user is made and signs in without a message: what the verification returned."""
        sms = self.method("SMS")
        self("mgmt.user.create_test_user", PHONE, phone=PHONE, verified_phone=True, **options)
        link = self("mgmt.user.generate_magic_link_for_test_user", sms, PHONE, URI)
        (token,) = parse_qs(urlsplit(link["link"]).query)["t"]
        return self("magiclink.verify", token)


Case = Callable[[Journey], None]


@dataclass(frozen=True)
class Difference:
    """What ours does otherwise on purpose, in a case.

    `steps` has, for the number of each call that ends otherwise, the official end and ours; a set
    stands for a dictionary with these keys.
    """

    why: str
    steps: dict[int, tuple[Any, Any]]


def check(
    official: list[tuple[str, Any]], ours: list[tuple[str, Any]], intended: Optional[Difference]
) -> None:
    """Compares two journeys call by call."""
    assert [name for name, _ in ours] == [name for name, _ in official]
    steps = intended.steps if intended else {}
    for number, ((name, theirs), (_, own)) in enumerate(zip(official, ours)):
        if number in steps:
            their_end, own_end = steps[number]
            assert _ends(theirs, their_end), f"the official {name} ended with {theirs}"
            assert _ends(own, own_end), f"our {name} ended with {own}"
            assert own != theirs, f"{name} no longer differs"
        else:
            assert own == theirs, name


def _ends(value: Any, end: Any) -> bool:
    if isinstance(end, frozenset) and isinstance(value, dict):
        return end == set(value)
    return bool(value == end)


@contextmanager
def journey(
    package: ModuleType, is_async: bool, emulator: Optional[Emulator], **options: Any
) -> Iterator[Journey]:
    """A journey with a client of its own, for the length of a block."""
    kind = package.DescopeClientAsync if is_async else package.DescopeClient
    client = kind(**options)
    loop = asyncio.new_event_loop()
    try:
        yield Journey(package, client, emulator, loop=loop)
    finally:
        if is_async:
            loop.run_until_complete(client.aclose())
        loop.close()


def raised(error: Exception) -> str:
    """What a program sees of an exception: its kind, status code and error type."""
    for package in (descope, descope_ml):
        if isinstance(error, package.RateLimitException):
            seen = f"RateLimitException {error.status_code}, {error.error_type}"
            return f"{seen}, {error.rate_limit_parameters}"
        if isinstance(error, package.AuthException):
            code = None if error.status_code is None else int(error.status_code)
            return f"AuthException {code}, {error.error_type}"
    return type(error).__name__


def plain(value: Any) -> Any:
    """A result without what is never the same twice."""
    if hasattr(value, "status_code"):
        return {"status_code": value.status_code, "json": plain(value.json())}
    if isinstance(value, dict):
        # Ours adds to the official `cookieData` what an answer says besides.
        added = {"cookieName", "sessionCookieName", "sessionCookieDomain"}
        value = {key: held for key, held in value.items() if key not in added}
        return {plain(key): plain(held) for key, held in value.items()}
    if isinstance(value, list):
        return [plain(held) for held in value]
    if isinstance(value, str):
        for name, pattern in _VARYING.items():
            value = pattern.sub(name, value)
        return value
    if isinstance(value, (int, float)) and value >= _TIMES:
        return "<TIME>"
    return value
