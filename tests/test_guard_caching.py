"""No page of one user reaches another: what guarded responses say to caches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from descope_ml import DeliveryMethod, DescopeClient
from support.caching_proxy import caching_proxy
from support.emulator import Emulator
from support.guarded_sites import STATUSES, fastapi_app, flask_app, guarded_site
from support.web_sites import FRAMEWORKS

URI = "https://app.example.com/verify"
CACHE_OF_DJANGO = (
    "django.middleware.cache.UpdateCacheMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.cache.FetchFromCacheMiddleware",
)


@dataclass(frozen=True)
class User:
    """A user who is signed in."""

    id: str
    session: str

    @property
    def cookie(self) -> dict[str, str]:
        """The headers of a browser."""
        return {"Cookie": f"DS={self.session}"}

    @property
    def bearer(self) -> dict[str, str]:
        """The headers of a client of an API."""
        return {"Authorization": f"Bearer {self.session}"}


@pytest.fixture(scope="module")
def options(local: Emulator) -> dict[str, Any]:
    """The arguments of a client of the emulator."""
    return {
        "project_id": local.project_id,
        "base_url": local.base_url,
        "management_key": local.management_key,
    }


def link_token(options: dict[str, Any], phone: str) -> str:
    """The token of a link for a test user."""
    link = DescopeClient(**options).mgmt.user.generate_magic_link_for_test_user(
        DeliveryMethod.SMS, phone, URI
    )
    (token,) = parse_qs(urlsplit(str(link["link"])).query)["t"]
    return token


@pytest.fixture(scope="module")
def users(options: dict[str, Any]) -> list[User]:
    """Two users."""
    client = DescopeClient(**options)
    found = []
    for phone in ("+14155550151", "+14155550152"):
        client.mgmt.user.create_test_user(phone, phone=phone, verified_phone=True)
        login = client.magiclink.verify(link_token(options, phone))
        found.append(User(login["userId"], login["sessionToken"]["jwt"]))
    return found


def vary(response: httpx.Response) -> set[str]:
    """The names in `Vary`."""
    return set(re.split(r",\s*", response.headers["Vary"]))


def get(url: str, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """Gets a page with a new connection and without the cookies of an earlier response."""
    return httpx.get(f"{url}/{path}", headers=headers, trust_env=False)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_guarded_response_says_what_it_depends_on(
    framework: str, options: dict[str, Any], users: list[User]
) -> None:
    said = {"says": "public, max-age=60"}
    if framework == "flask":
        said["file"] = "no-cache"  # By `send_file`.
    with guarded_site(framework, options) as url:
        for name, status in STATUSES.items():
            for headers in (users[0].cookie, users[0].bearer):
                response = get(url, name, headers)
                assert response.status_code == status, name
                assert response.headers["Cache-Control"] == said.get(name, "private"), name
                assert vary(response) >= {"Cookie", "Authorization"}, name
                if name == "says":
                    assert "Accept" in vary(response)
            for headers in ({}, {"Cookie": "DS=x"}, {"Authorization": "Bearer x"}):
                refusal = get(url, name, headers)
                assert refusal.status_code == 401
                assert "no-store" in refusal.headers["Cache-Control"]
                assert vary(refusal) >= {"Cookie", "Authorization"}
        other = get(url, "open")
        assert {"Vary", "Cache-Control"}.isdisjoint(other.headers)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_responses_that_set_cookies_are_not_stored(
    framework: str, options: dict[str, Any], users: list[User]
) -> None:
    assert users
    with guarded_site(framework, options) as url:
        login = get(url, f"verified?t={link_token(options, '+14155550151')}")
        assert (login.status_code, "DS" in login.cookies) == (200, True)
        assert "no-store" in login.headers["Cache-Control"]
        refusal = get(url, "verified?t=garbage")
        assert (refusal.status_code, len(refusal.cookies)) == (401, 0)
        assert "no-store" in refusal.headers["Cache-Control"]


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("purpose", ["Sec-Purpose: prefetch;prerender", "Purpose: prefetch"])
def test_a_prefetch_spends_no_link(
    framework: str, purpose: str, options: dict[str, Any], users: list[User]
) -> None:
    assert users
    path = f"verified?t={link_token(options, '+14155550151')}"
    with guarded_site(framework, options) as url:
        prefetched = get(url, path, dict([purpose.split(": ")]))
        assert (prefetched.status_code, prefetched.content) == (204, b"")
        assert len(prefetched.cookies) == 0
        assert "no-store" in prefetched.headers["Cache-Control"]
        assert "DS" in get(url, path).cookies


def check_pages(url: str, users: list[User], options: dict[str, Any]) -> None:
    """Checks that through a cache everybody sees their own pages, and nobody those of others."""
    for name, status in STATUSES.items():
        for _ in range(2):
            for user in users:
                for headers in (user.cookie, user.bearer):
                    page = get(url, name, headers)
                    assert page.status_code == status
                    if name in ("page", "own", "says", "stream"):
                        assert page.text.strip('"') == user.id
            assert get(url, name).status_code == 401
    path = f"verified?t={link_token(options, '+14155550151')}"
    assert "DS" in get(url, path).cookies
    for _ in range(2):
        second = get(url, path)
        assert (second.status_code, len(second.cookies)) == (401, 0)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_caching_proxy_keeps_users_apart(
    framework: str, options: dict[str, Any], users: list[User], tmp_path: Path
) -> None:
    with guarded_site(framework, options) as origin, caching_proxy(origin, tmp_path) as url:
        assert [get(url, "open").headers["X-Cache"] for _ in range(2)] == ["MISS", "HIT"]
        check_pages(url, users, options)
        # The page that allows it is cached, for each user.
        assert get(url, "says", users[1].cookie).headers["X-Cache"] == "HIT"


@pytest.mark.parametrize("framework", ["django", "django-async"])
def test_the_cache_of_django_keeps_users_apart(
    framework: str, options: dict[str, Any], users: list[User]
) -> None:
    with guarded_site(framework, options, CACHE_OF_DJANGO) as url:
        assert "max-age=600" in get(url, "open").headers["Cache-Control"]
        check_pages(url, users, options)


def cached_flask_site(options: dict[str, Any], shape: str) -> Any:
    """A site in Flask with a page that Flask-Caching stores.

    Args:
        options: The arguments of its client.
        shape: Where the guard is, and where the cache: a key of `view_of`.
    """
    from flask import g, request
    from flask.views import MethodView
    from flask_caching import Cache

    from descope_ml.flask import descope_validate_auth, require_session

    app = flask_app(options, {})
    cache = Cache(app, config={"CACHE_TYPE": "SimpleCache"})
    client = DescopeClient(**options)
    guard = require_session(client)

    def key(*_args: Any, **_kwargs: Any) -> str:
        return f"{request.path} {g.descope_session['userId']}"

    def page(*_self: Any) -> str:
        return str(g.descope_session["userId"])

    stored, stored_per_user = cache.cached(), cache.cached(make_cache_key=key)

    def class_view(get: Any = page, decorators: Any = ()) -> Any:
        members = {"get": get, "decorators": decorators}
        return type("Page", (MethodView,), members).as_view("page")  # type: ignore[attr-defined]

    view_of: dict[str, Any] = {
        "function in a cache": lambda: stored(guard(page)),
        "class in a cache": lambda: stored(class_view(guard(page))),
        "class in a cache by its decorators": lambda: class_view(guard(page), [stored]),
        "guarded class in a cache": lambda: stored(class_view(decorators=[guard])),
        "official guard in a cache": lambda: stored(descope_validate_auth(client)(page)),
        "method in a cache": lambda: class_view(stored(guard(page))),
        "cached function": lambda: guard(stored_per_user(page)),
        "cached method": lambda: class_view(guard(stored_per_user(page))),
        "cached class": lambda: class_view(decorators=[stored_per_user, guard]),
        "class with a guard before the request": lambda: stored_per_user(class_view()),
    }
    if shape == "class with a guard before the request":
        app.before_request(guard(lambda: None))
    app.get("/cached", endpoint="cached")(view_of[shape]())
    return app.test_client(use_cookies=False)


@pytest.mark.parametrize(
    "shape",
    [
        "cached function",
        "cached method",
        "cached class",
        "class with a guard before the request",
    ],
)
def test_flask_caching_inside_of_a_guard_keeps_users_apart(
    shape: str, options: dict[str, Any], users: list[User]
) -> None:
    browser = cached_flask_site(options, shape)
    for _ in range(2):
        for user in users:
            page = browser.get("/cached", headers=user.cookie)
            assert (page.status_code, page.text) == (200, user.id)
            assert page.headers["Cache-Control"] == "private"
        assert browser.get("/cached").status_code == 401


@pytest.mark.parametrize(
    "shape",
    [
        "function in a cache",
        "class in a cache",
        "class in a cache by its decorators",
        "guarded class in a cache",
        "method in a cache",
        "official guard in a cache",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_flask_caching_around_a_guard_is_refused(
    shape: str, method: str, options: dict[str, Any], users: list[User]
) -> None:
    browser = cached_flask_site(options, shape)
    browser.application.config["PROPAGATE_EXCEPTIONS"] = True
    for headers in (users[0].cookie, {}):
        with pytest.raises(RuntimeError, match="put the guard above"):
            browser.open("/cached", method=method, headers=headers)


def test_middleware_of_fastapi_sees_the_headers_of_guards(
    options: dict[str, Any], users: list[User]
) -> None:
    """A cache inside of the application is middleware too."""
    import asyncio

    from starlette.middleware.base import BaseHTTPMiddleware

    seen: list[tuple[str, str]] = []

    async def record(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        seen.append((response.headers["Vary"], response.headers["Cache-Control"]))
        return response

    app = fastapi_app(options, {})
    app.add_middleware(BaseHTTPMiddleware, dispatch=record)

    async def fetch() -> None:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="https://site") as browser:
            await browser.get("/own", headers=users[0].cookie)

    asyncio.run(fetch())
    assert seen == [("Cookie, Authorization", "private")]
