"""Texts that are larger than 1 MiB are refused, in whatever form they come."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

import descope_ml
from descope_ml import (
    ArgumentError,
    Config,
    ConfigError,
    DescopeClient,
    DescopeClientAsync,
    LoginOptions,
)
from local_server import LocalServer

PHONE = "+14155550123"
LIMIT = 1 << 20
LARGE = "x" * (50 << 20)
MESSAGE = "the request is larger than the limit of 1048576 bytes"


class Wrapped(Mapping[str, Any]):
    """A mapping that is no dictionary."""

    def __init__(self, items: dict[str, Any]) -> None:
        """Wraps a dictionary."""
        self._items = items

    def __getitem__(self, key: str) -> Any:
        """A value of the dictionary."""
        return self._items[key]

    def __iter__(self) -> Any:
        """The keys of the dictionary."""
        return iter(self._items)

    def __len__(self) -> int:
        """The size of the dictionary."""
        return len(self._items)


@pytest.mark.parametrize(
    "request_",
    [
        {"loginId": LARGE},
        {"loginId": "ż" * LIMIT},
        {"loginId": "\x01" * (LIMIT // 4)},
        {"loginId": PHONE, "user": {"name": LARGE}},
        {"loginId": PHONE, "loginOptions": {"customClaims": {"a": ["x" * 1000] * 2000}}},
        {LARGE: 1},
        {"loginId": PHONE, "loginOptions": LoginOptions(custom_claims={"a": LARGE})},
        Wrapped({"loginId": LARGE}),
        f'{{"loginId": "{LARGE}"}}',
        json.dumps({"loginId": "€" * LIMIT}, ensure_ascii=False),
        " " * (LIMIT + 1),
    ],
    ids=range(11),
)
def test_a_large_request_is_refused(request_: Any, server: LocalServer) -> None:
    with pytest.raises(ArgumentError, match=MESSAGE):
        descope_ml.magiclink_signup_sms(request_, project_id="P", base_url=server.url)
    assert server.received == []


def test_a_large_configuration_is_refused() -> None:
    for config in ({"user_agent": LARGE}, {"public_key": {"kty": LARGE}}, {LARGE: 1}):
        with pytest.raises(ConfigError, match="larger than the limit of 1048576 bytes"):
            descope_ml.configure(project_id="P", **config)
    with pytest.raises(ConfigError, match="larger than the limit of 1048576 bytes"):
        DescopeClient("P", base_url=LARGE)


def test_a_large_request_of_an_event_loop_is_refused(server: LocalServer) -> None:
    async def main() -> None:
        async with DescopeClientAsync("P", base_url=server.url) as client:
            with pytest.raises(ArgumentError, match=MESSAGE):
                await client.validate_session(LARGE)

    asyncio.run(main())


def test_the_largest_request_is_sent(server: LocalServer) -> None:
    around = len('{"loginId":"","redirectUrl":""}')
    request = {"loginId": PHONE, "redirectUrl": "x" * (LIMIT - around - len(PHONE))}
    config: Config = {"project_id": "P", "base_url": server.url}
    descope_ml.magiclink_signin_sms(request, **config)
    assert server.last.body["redirectUrl"] == request["redirectUrl"]
    with pytest.raises(ArgumentError, match=MESSAGE):
        descope_ml.magiclink_signin_sms({**request, "loginId": PHONE + "4"}, **config)
