"""An exception that leaves the guards of web frameworks shows no token in its local variables."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import pytest
import redis

from descope_ml import ConfigError, DescopeClient, DescopeClientAsync, TokenError
from descope_ml.landing import LandingPage, LandingRequest, respond, respond_async
from descope_ml.landing_page import LandingView
from descope_ml.refresh_store import RefreshStore
from descope_ml.web.cookie_settings import CookieSettings
from descope_ml.web.errors import AuthFailure
from descope_ml.web.guard import Guard, Steps, await_call, run, run_async, sign_out
from descope_ml.web.links import verification
from descope_ml.web.requests import WebRequest
from descope_ml.web.responses import ResponseChanges
from frame_locals import MARK, package_frames, secrets_in_locals

PROJECT = "P2test"
TOKEN = f"eyJhbGciOiJSUzI1NiJ9.{MARK}.{MARK}"
BEARER = WebRequest(authorization=f"Bearer {TOKEN}")
SESSION_COOKIE = WebRequest(cookie_header=f"DS={TOKEN}")
REFRESH_COOKIE = WebRequest(cookie_header=f"DSR={TOKEN}")

# What a web framework asks for, by a client.
Ask = Callable[[Any], "Steps[Any]"]

ASKS: dict[str, Ask] = {
    "bearer": lambda client: Guard(lambda: client).check(BEARER, ResponseChanges()),
    "session": lambda client: Guard(lambda: client).check(SESSION_COOKIE, ResponseChanges()),
    "refresh": lambda client: Guard(lambda: client).check(REFRESH_COOKIE, ResponseChanges()),
    "link": lambda client: verification(client, TOKEN),
}


def assert_hidden(error: BaseException) -> None:
    """Checks that the exception has passed the guard, and shows no token."""
    assert any(
        frame.f_globals["__name__"].startswith("descope_ml.web.") for frame in package_frames(error)
    )
    assert secrets_in_locals(error, own_module=__name__) == []


@pytest.mark.parametrize("name", ASKS)
def test_errors_and_refusals_show_no_token(name: str) -> None:
    closed = DescopeClient(PROJECT)
    closed.close()
    with pytest.raises(ConfigError) as failed:
        run(ASKS[name](closed))
    assert_hidden(failed.value)
    unreachable = DescopeClient(PROJECT, base_url="http://127.0.0.1:9", max_attempts=1)
    with pytest.raises(AuthFailure) as refused:
        run(ASKS[name](unreachable))
    assert_hidden(refused.value)


@pytest.mark.parametrize("name", ASKS)
def test_errors_and_refusals_in_an_event_loop_show_no_token(name: str) -> None:
    closed = DescopeClientAsync(PROJECT)
    closed.close()
    with pytest.raises(ConfigError) as failed:
        asyncio.run(run_async(ASKS[name](closed), await_call))
    assert_hidden(failed.value)
    unreachable = DescopeClientAsync(PROJECT, base_url="http://127.0.0.1:9", max_attempts=1)
    with pytest.raises(AuthFailure) as refused:
        asyncio.run(run_async(ASKS[name](unreachable), await_call))
    assert_hidden(refused.value)


class FailingTemplate:
    """A template of a landing page that fails with the token in a local variable."""

    def __call__(self, view: LandingView) -> str:
        """Copies the token, as a template engine does in functions of its own."""
        return _fill(dict(view.fields))


def _fill(fields: dict[str, str]) -> str:
    message = f"{len(fields)} fields"
    raise LookupError(message)


def landing_request(method: str) -> LandingRequest:
    """A request for the page of a link, or one of its button."""
    form = {"t": TOKEN, "csrf": hmac.new(b"c" * 43, TOKEN.encode(), hashlib.sha256).hexdigest()}
    cookies = {"descope-link": "c" * 43}
    return LandingRequest(method, False, {"t": TOKEN}, form, cookies, headers={})


def shown_locals(error: BaseException) -> list[str]:
    """The secrets in the frames of an exception, also in those that the package called."""
    return secrets_in_locals(error, own_module="")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_error_of_a_landing_page_shows_no_token(method: str) -> None:
    """Its template has the token, so the frames of the template show none either."""
    page = LandingPage(template=FailingTemplate())
    options: dict[str, Any] = {"base_url": "http://127.0.0.1:9", "max_attempts": 1}
    client, awaited = DescopeClient(PROJECT, **options), DescopeClientAsync(PROJECT, **options)
    with pytest.raises(LookupError, match="2 fields") as failed:
        respond(client, page, landing_request(method))
    assert shown_locals(failed.value) == []
    with pytest.raises(LookupError, match="2 fields") as failed:
        asyncio.run(respond_async(awaited, page, landing_request(method)))
    assert shown_locals(failed.value) == []


def test_an_error_of_a_refresh_by_way_of_a_store_shows_no_token() -> None:
    """The store does not answer, and the token is no JWT."""
    options: dict[str, Any] = {"base_url": "http://127.0.0.1:9", "max_attempts": 1}
    client, awaited = DescopeClient(PROJECT, **options), DescopeClientAsync(PROJECT, **options)
    store = RefreshStore(redis.Redis(port=9))
    with pytest.raises(TokenError) as failed:
        store.refresh(TOKEN, functools.partial(_refresh, client), client.validate_session)
    assert secrets_in_locals(failed.value, own_module=__name__) == []
    with pytest.raises(TokenError) as failed:
        asyncio.run(
            store.refresh_async(
                TOKEN, functools.partial(_refresh, awaited), awaited.validate_session
            )
        )
    assert secrets_in_locals(failed.value, own_module=__name__) == []


def _refresh(client: Any) -> Any:
    return client.refresh_session(TOKEN)


def test_an_error_during_a_sign_out_shows_no_token() -> None:
    client: Any = object()
    with pytest.raises(AttributeError) as failed:
        run(sign_out(client, CookieSettings(), REFRESH_COOKIE, ResponseChanges()))
    assert_hidden(failed.value)
