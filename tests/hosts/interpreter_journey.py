"""What each interpreter of a process does: every error class, both clients, the log, events.

The environment configures the clients. The service has a fault for each error that it must make.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import urllib.request
from collections.abc import Callable
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import descope_ml
from descope_ml import (
    DeliveryMethod,
    DescopeClient,
    DescopeClientAsync,
    LoginOptions,
    SignUpOptions,
    _native,
    errors,
)

_REDIRECT = "https://app.example.com/verify"
_URL = os.environ["DESCOPE_BASE_URL"]
_NOWHERE = "http://127.0.0.1:1"

_client = DescopeClient()
_client_async = DescopeClientAsync()


def run(name: str, *, awaits: bool = True) -> dict[str, Any]:
    """All that an interpreter does, for a user of its own.

    Args:
        name: Names the interpreter and the run.
        awaits: Whether the client for asyncio is used as well. Before Python 3.12, asyncio itself
            fails if two interpreters run event loops at the same time.

    Returns:
        What the test compares with the name.
    """
    with _lines() as lines, _events() as events:
        caught = [_catch(error_class, call) for error_class, call in _failing_calls()]
        address = f"{name}@interpreters.example.com"
        options = LoginOptions(custom_claims={"interpreter": name})
        _client.magiclink.sign_up(
            DeliveryMethod.EMAIL, address, uri=_REDIRECT, signup_options=SignUpOptions(locale="pl")
        )
        logins = [_verified(address)]
        _client.magiclink.sign_in(DeliveryMethod.EMAIL, address, _REDIRECT, options)
        logins.append(_verified(address))
        if awaits:
            with contextlib.closing(asyncio.new_event_loop()) as loop:
                logins.append(loop.run_until_complete(_run_async(address, options.document())))
    return {
        "name": name,
        "caught": caught,
        "users": sorted({login["user"]["email"] for login in logins}),
        "claims": [_claim(login) for login in logins],
        "default": _default_client(address),
        "lines": sum("failed after" in line for line in lines),
        "events": sum(event["status"] != 0 for event in events),
    }


def _failing_calls() -> list[tuple[type[errors.DescopeError], Callable[[], object]]]:
    """A call for each class, which has to raise it."""
    magiclink = _client.magiclink
    https = _URL.replace("http://", "https://")
    address = "ada@example.com"
    return [
        (errors.ArgumentError, lambda: magiclink.sign_in(DeliveryMethod.EMAIL, "")),
        (errors.ArgumentError, lambda: magiclink.sign_in(None, address)),  # type: ignore[arg-type]
        (errors.ConfigError, lambda: DescopeClient(timeout_seconds=-1)),
        (errors.TokenError, lambda: _client.validate_session("a.b.c")),
        (errors.ApiError, lambda: magiclink.verify("no-such-token")),
        (errors.RateLimitException, lambda: magiclink.sign_in(DeliveryMethod.WHATSAPP, "+1415")),
        (errors.ProtocolError, lambda: magiclink.sign_in(DeliveryMethod.SMS, "+14155550123")),
        (errors.NetworkError, lambda: _sign_in_at(_NOWHERE)),
        (errors.TlsError, lambda: _sign_in_at(https)),
        (errors.CallTimeoutError, lambda: _sign_in_at(_URL + "/silent", timeout_seconds=0.1)),
        (errors.InternalError, lambda: errors.value_of(_native.warm_up(0))),
    ]


def _catch(error_class: type[errors.DescopeError], call: Callable[[], object]) -> str:
    """The class with which the program has caught what a call raises."""
    try:
        call()
    except error_class as error:
        return type(error).__name__
    except Exception as error:
        return f"not caught: {error!r}"
    return "nothing"


def _sign_in_at(url: str, **config: Any) -> None:
    client = DescopeClient(base_url=url, max_attempts=1, **config)
    client.magiclink.sign_in(DeliveryMethod.EMAIL, "ada@example.com")


def _verified(address: str) -> dict[str, Any]:
    login = _client.magiclink.verify(_link_token(address))
    session = _client.validate_session(login["sessionToken"]["jwt"])
    assert session["sub"] == login["user"]["userId"]
    return login


async def _run_async(address: str, options: dict[str, Any]) -> dict[str, Any]:
    # Not a dictionary, so that the native module leaves it to the package.
    mapping = MappingProxyType(options)
    sign_in = _client_async.magiclink.sign_in
    await sign_in(DeliveryMethod.EMAIL, address, _REDIRECT, mapping)
    login: dict[str, Any] = await _client_async.magiclink.verify(_link_token(address))
    for _ in range(2):
        try:
            await _client_async.magiclink.verify("no-such-token")
        except errors.ApiError:
            continue
        message = "an invalid link was accepted"
        raise AssertionError(message)
    return login


def _claim(login: dict[str, Any]) -> Any:
    return _client.validate_session(login["sessionToken"]["jwt"]).get("interpreter")


def _link_token(address: str) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{_URL}/_emulator/messages?to={quote(address)}&wait=5s") as response:
        return str(json.load(response)["messages"][0]["token"])


def _default_client(address: str) -> str:
    """What the default client does. The first run of an interpreter leaves one that fails."""
    request = {"loginId": address, "redirectUrl": _REDIRECT}
    try:
        descope_ml.magiclink_signin_email(request)
    except errors.NetworkError:
        return "unreachable"
    descope_ml.configure(base_url=_NOWHERE, max_attempts=1)
    return "configured now"


@contextlib.contextmanager
def _lines() -> Any:
    lines: list[str] = []
    handler = logging.Handler(logging.INFO)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("descope_ml")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


@contextlib.contextmanager
def _events() -> Any:
    events: list[dict[str, Any]] = []
    descope_ml.set_event_handler(events.append)
    yield events
    descope_ml.set_event_handler(None)
