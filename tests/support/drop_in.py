"""Runs the same calls with the official package and with ours, and compares the results."""

from __future__ import annotations

import asyncio
import inspect
import operator
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal, Optional
from urllib.parse import parse_qs, urlsplit

import descope
import trio

import descope_ml
from support.emulator import Emulator

PHONE = "+14155550123"
EMAIL = "ada@example.com"
URI = "https://app.example.com/verify"

# The keys of a login result.
SIGNED_IN = frozenset(
    [
        "sessionToken",
        "refreshSessionToken",
        "permissions",
        "roles",
        "tenants",
        "projectId",
        "userId",
        "cookieData",
        "user",
        "firstSeen",
    ]
)

# Values that differ between two runs, and what replaces them.
_VARYING = {
    "<TOKEN>": re.compile(r"(?<=[?&]t=)[\w-]+|^[0-9A-Za-z]{64}$"),
    "<JWT>": re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*"),
    "<TIME>": re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)"),
    "<ID>": re.compile(r"\b[KSU][0-9A-Za-z]{20,}\b"),
}
# Numbers from this one on are timestamps or durations.
_SMALLEST_TIME = 1_000


# A client: blocking, or the async one under an event loop.
Kind = Literal["sync", "asyncio", "trio"]
KINDS: tuple[Kind, ...] = ("sync", "asyncio", "trio")


@dataclass
class Journey:
    """The calls of one user through one client, each recorded with its result in `steps`."""

    package: ModuleType
    client: Any
    emulator: Optional[Emulator] = None
    steps: list[tuple[str, Any]] = field(default_factory=list)
    run: Optional[Callable[[Awaitable[Any]], Any]] = None

    def __call__(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Makes a call, such as `magiclink.verify`, and returns its result; None if it fails."""
        try:
            result = operator.attrgetter(name)(self.client)(*args, **kwargs)
            if inspect.isawaitable(result):
                assert self.run is not None
                result = self.run(result)
        except Exception as error:
            self.steps.append((name, describe_exception(error)))
            return None
        self.steps.append((name, normalize(result)))
        return result

    def method(self, name: str) -> Any:
        """A delivery method of the package."""
        return self.package.DeliveryMethod[name]

    def link_token(self, to: str = PHONE) -> str:
        """The token of the newest link that was sent to an address."""
        assert self.emulator is not None
        return str(self.emulator.messages(to)[0]["token"])

    def sign_up(self) -> tuple[str, str]:
        """Signs up by SMS and verifies the link; returns the session token and refresh token."""
        self("magiclink.sign_up", self.method("SMS"), PHONE, URI, {"name": "Ada"})
        login = self("magiclink.verify", self.link_token())
        return login["sessionToken"]["jwt"], login["refreshSessionToken"]["jwt"]

    def test_user(self, **options: Any) -> Any:
        """Creates a test user and signs in with a generated link; returns the result."""
        sms = self.method("SMS")
        self("mgmt.user.create_test_user", PHONE, phone=PHONE, verified_phone=True, **options)
        link = self("mgmt.user.generate_magic_link_for_test_user", sms, PHONE, URI)
        (token,) = parse_qs(urlsplit(link["link"]).query)["t"]
        return self("magiclink.verify", token)


Calls = Callable[[Journey], None]


@dataclass(frozen=True)
class Difference:
    """An intended difference between the packages in one journey.

    Attributes:
        why: The reason.
        steps: The official result and ours, by the number of the call. A frozenset means a
            dictionary with these keys.
    """

    why: str
    steps: dict[int, tuple[Any, Any]]


def compare(
    official: list[tuple[str, Any]], ours: list[tuple[str, Any]], intended: Optional[Difference]
) -> None:
    """Asserts that two journeys have the same results, except for the intended differences."""
    assert [name for name, _ in ours] == [name for name, _ in official]
    steps = intended.steps if intended else {}
    for number, ((name, theirs), (_, own)) in enumerate(zip(official, ours)):
        if number in steps:
            expected_theirs, expected_own = steps[number]
            assert _matches(theirs, expected_theirs), f"the official {name} returned {theirs}"
            assert _matches(own, expected_own), f"our {name} returned {own}"
            assert own != theirs, f"{name} no longer differs"
        else:
            assert own == theirs, name


def _matches(value: Any, expected: Any) -> bool:
    if isinstance(expected, frozenset) and isinstance(value, dict):
        return expected == set(value)
    return bool(value == expected)


@contextmanager
def open_journey(
    package: ModuleType, kind: Kind, emulator: Optional[Emulator], **options: Any
) -> Iterator[Journey]:
    """A journey with its own client, until the end of the `with` block.

    The official package is compared under asyncio: its HTTP client lives in one event loop, and
    each call of a journey under trio has its own.
    """
    make_client = package.DescopeClient if kind == "sync" else package.DescopeClientAsync
    client = make_client(**options)
    open_loop = _open_trio if kind == "trio" and package is descope_ml else _open_asyncio
    with open_loop() as run:
        try:
            yield Journey(package, client, emulator, run=run)
        finally:
            if kind != "sync":
                run(client.aclose())


@contextmanager
def _open_asyncio() -> Iterator[Callable[[Awaitable[Any]], Any]]:
    with closing(asyncio.new_event_loop()) as loop:
        yield loop.run_until_complete


@contextmanager
def _open_trio() -> Iterator[Callable[[Awaitable[Any]], Any]]:
    async def wait_for(awaitable: Awaitable[Any]) -> Any:
        return await awaitable

    yield lambda awaitable: trio.run(wait_for, awaitable)


def describe_exception(error: Exception) -> str:
    """An exception as a program sees it: its class, status code and error type."""
    for package in (descope, descope_ml):
        if isinstance(error, package.RateLimitException):
            text = f"RateLimitException {error.status_code}, {error.error_type}"
            return f"{text}, {error.rate_limit_parameters}"
        if isinstance(error, package.AuthException):
            code = None if error.status_code is None else int(error.status_code)
            return f"AuthException {code}, {error.error_type}"
    return type(error).__name__


def normalize(value: Any) -> Any:
    """A result with placeholders for values that differ in every run."""
    if hasattr(value, "status_code"):
        return {"status_code": value.status_code, "json": normalize(value.json())}
    if isinstance(value, dict):
        # Our `cookieData` has these keys in addition to the official ones.
        added = {"cookieName", "sessionCookieName", "sessionCookieDomain", "serverTime"}
        value = {key: member for key, member in value.items() if key not in added}
        return {normalize(key): normalize(member) for key, member in value.items()}
    if isinstance(value, list):
        return [normalize(member) for member in value]
    if isinstance(value, str):
        for name, pattern in _VARYING.items():
            value = pattern.sub(name, value)
        return value
    if isinstance(value, (int, float)) and value >= _SMALLEST_TIME:
        return "<TIME>"
    return value
