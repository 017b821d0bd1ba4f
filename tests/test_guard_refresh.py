"""A session that lasts: guards refresh it, in every framework and on every kind of response."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
import redis.asyncio

from descope_ml import ConfigError, DeliveryMethod, DescopeClient, django, fastapi, flask
from descope_ml.refresh_store import RefreshStore
from support import hosts
from support.emulator import Emulator
from support.guarded_sites import STATUSES, guarded_site

EMAIL = "ada@example.com"
URI = "https://app.example.com/verify"
REFRESH = "/v1/auth/refresh"


@pytest.fixture
def old_login(local: Emulator, options: dict[str, Any]) -> dict[str, Any]:
    """A login whose session token has expired."""
    local.control("clock", offset="-11m")
    client = DescopeClient(**options)
    client.magiclink.sign_up_or_in(DeliveryMethod.EMAIL, EMAIL, URI)
    login = client.magiclink.verify(str(local.messages(EMAIL)[0]["token"]))
    local.control("clock", offset="0s")
    return login


@pytest.fixture
def cookies(old_login: dict[str, Any]) -> dict[str, str]:
    """The cookies of a browser whose session has expired."""
    return {"DS": old_login["sessionToken"]["jwt"], "DSR": old_login["refreshSessionToken"]["jwt"]}


def get(url: str, path: str, cookies: dict[str, str], **headers: str) -> httpx.Response:
    """Gets a page."""
    line = "; ".join(f"{name}={value}" for name, value in cookies.items())
    sent = {**headers, **({"Cookie": line} if line else {})}
    return httpx.get(f"{url}/{path}", headers=sent, trust_env=False)


def refreshes(local: Emulator) -> int:
    """How many refreshes were sent to the service."""
    return [request["path"] for request in local.requests()].count(REFRESH)


def assert_cleared(response: httpx.Response) -> None:
    """Checks that both cookies are cleared."""
    lines = response.headers.get_list("Set-Cookie")
    cleared = {line.partition("=")[0] for line in lines if "Max-Age=0" in line}
    assert cleared == {"DS", "DSR"}
    assert "no-store" in response.headers["Cache-Control"]


def test_every_response_of_a_guard_has_the_new_cookies(
    framework: str,
    local: Emulator,
    options: dict[str, Any],
    cookies: dict[str, str],
    old_login: dict[str, Any],
) -> None:
    with guarded_site(framework, options) as url:
        for count, (name, status) in enumerate(STATUSES.items(), 1):
            response = get(url, name, cookies)
            assert response.status_code == status
            assert set(response.cookies) == {"DS", "DSR"}
            assert response.cookies["DS"] != cookies["DS"]
            assert "no-store" in response.headers["Cache-Control"]
            assert refreshes(local) == count
            again = get(url, name, dict(response.cookies))
            assert (again.status_code, len(again.cookies)) == (status, 0)
            assert refreshes(local) == count
        assert get(url, "page", cookies).text.strip('"') == old_login["userId"]


@pytest.mark.parametrize("session", [None, "garbage", "eyJhbGciOiJub25lIn0.e30.x", "refresh"])
def test_a_session_token_that_cannot_be_verified_is_refreshed(
    framework: str, options: dict[str, Any], cookies: dict[str, str], session: str | None
) -> None:
    sent = {"DSR": cookies["DSR"]}
    if session is not None:
        sent["DS"] = cookies["DSR"] if session == "refresh" else session
    with guarded_site(framework, options) as url:
        response = get(url, "page", sent)
    assert (response.status_code, set(response.cookies)) == (200, {"DS", "DSR"})


def test_refresh_can_be_turned_off(
    framework: str, local: Emulator, options: dict[str, Any], cookies: dict[str, str]
) -> None:
    with guarded_site(framework, options, refresh=False) as url:
        response = get(url, "page", cookies)
    assert response.status_code == 401
    assert "Set-Cookie" not in response.headers
    assert refreshes(local) == 0


def test_a_bearer_is_never_refreshed(
    framework: str, local: Emulator, options: dict[str, Any], cookies: dict[str, str]
) -> None:
    with guarded_site(framework, options) as url:
        response = get(url, "page", cookies, Authorization=f"Bearer {cookies['DS']}")
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
        assert "Set-Cookie" not in response.headers
        assert refreshes(local) == 0
        # Another scheme says nothing of sessions.
        assert get(url, "page", cookies, Authorization="Basic YTpi").status_code == 200


def test_a_refused_refresh_clears_both_cookies(
    framework: str, options: dict[str, Any], cookies: dict[str, str]
) -> None:
    DescopeClient(**options).logout(cookies["DSR"])
    with guarded_site(framework, options) as url:
        response = get(url, "page", cookies)
        assert response.status_code == 401
        assert_cleared(response)
        broken = get(url, "page", {"DSR": "garbage"})
        assert broken.status_code == 401
        assert_cleared(broken)


FAULTS: list[tuple[dict[str, Any], int]] = [
    ({"reset": True}, 503),
    ({"status": 500}, 502),
    ({"status": 403, "body": "proxy"}, 502),
    ({"status": 429, "headers": {"Retry-After": "7"}}, 429),
]


@pytest.mark.parametrize(("fault", "status"), FAULTS)
def test_a_service_that_fails_clears_nothing(
    framework: str,
    local: Emulator,
    options: dict[str, Any],
    cookies: dict[str, str],
    fault: dict[str, Any],
    status: int,
) -> None:
    with guarded_site(framework, options) as url:
        local.control("faults", path=REFRESH, times=1, **fault)
        failed = get(url, "page", cookies)
        assert failed.status_code == status
        assert "Set-Cookie" not in failed.headers
        assert "no-store" in failed.headers["Cache-Control"]
        if status == 429:
            assert failed.headers["Retry-After"] == "7"
        assert get(url, "page", cookies).status_code == 200


def test_a_session_that_is_not_needed_is_never_an_error(
    framework: str, local: Emulator, options: dict[str, Any], cookies: dict[str, str]
) -> None:
    with guarded_site(framework, options, optional=True) as url:
        assert get(url, "file", {}).status_code == 200
        assert get(url, "file", {"DS": "garbage"}).status_code == 200
        assert get(url, "file", {}, Authorization="Bearer garbage").status_code == 200
        assert get(url, "page", cookies).status_code == 200
        local.control("faults", path=REFRESH, times=1, reset=True)
        failed = get(url, "file", cookies)
        assert failed.status_code == 200
        assert "Set-Cookie" not in failed.headers
        DescopeClient(**options).logout(cookies["DSR"])
        ended = get(url, "file", cookies)
        assert ended.status_code == 200
        assert_cleared(ended)


def test_overlapping_requests_share_a_refresh(
    framework: str, local: Emulator, options: dict[str, Any], cookies: dict[str, str]
) -> None:
    # The refresh waits until all requests have arrived.
    local.control("faults", path=REFRESH, delay="1s")
    with guarded_site(framework, options) as url, ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda _: get(url, "page", cookies), range(8)))
    assert [response.status_code for response in responses] == [200] * 8
    assert len({response.cookies["DS"] for response in responses}) == 1
    assert refreshes(local) == 1


def test_remote_sees_a_session_that_was_ended(
    framework: str, options: dict[str, Any], local: Emulator
) -> None:
    client = DescopeClient(**options)
    client.magiclink.sign_up_or_in(DeliveryMethod.EMAIL, EMAIL, URI)
    login = client.magiclink.verify(str(local.messages(EMAIL)[0]["token"]))
    session = {"DS": login["sessionToken"]["jwt"]}
    with guarded_site(framework, options) as url:
        assert get(url, "page", session).status_code == 200
    with guarded_site(framework, options, remote=True) as url:
        assert get(url, "page", session).status_code == 200
        client.logout(login["refreshSessionToken"]["jwt"])
        assert get(url, "page", session).status_code == 401


def test_an_audience_is_checked(
    framework: str, options: dict[str, Any], cookies: dict[str, str]
) -> None:
    with guarded_site(framework, options, audience=["another"]) as url:
        assert get(url, "page", cookies).status_code == 401


def test_forged_tokens_do_not_sign_users_out(
    framework: str, local: Emulator, options: dict[str, Any], cookies: dict[str, str]
) -> None:
    """They use up the allowance of key fetches, and then tokens with unknown keys wait for it."""
    forged = local.control("forge", count=8)["tokens"]
    with guarded_site(framework, {**options, "keys_interval_seconds": 3600}) as url:
        answers = [get(url, "page", {"DS": token}) for token in forged]
        assert (answers[0].status_code, answers[-1].status_code) == (401, 503)
        assert int(answers[-1].headers["Retry-After"]) > 0
        bearer = get(url, "page", {}, Authorization=f"Bearer {forged[-1]}")
        assert bearer.status_code == 503
        assert "Set-Cookie" not in answers[-1].headers
        refreshed = get(url, "page", {"DS": forged[-1], "DSR": cookies["DSR"]})
        assert (refreshed.status_code, set(refreshed.cookies)) == (200, {"DS", "DSR"})
        # A user who signs in now has tokens with a key that cannot be fetched yet.
        local.control("keys/rotate")
        client = DescopeClient(**options)
        client.magiclink.sign_up_or_in(DeliveryMethod.EMAIL, EMAIL, URI)
        login = client.magiclink.verify(str(local.messages(EMAIL)[0]["token"]))
        waiting = get(url, "page", {"DSR": login["refreshSessionToken"]["jwt"]})
        assert waiting.status_code == 503
        assert "Set-Cookie" not in waiting.headers


@pytest.mark.parametrize("kind", ["redis", "redis.asyncio"])
def test_one_refresh_serves_all_processes(
    framework: str,
    kind: str,
    local: Emulator,
    options: dict[str, Any],
    cookies: dict[str, str],
    tmp_path: Path,
) -> None:
    """The second site has nothing in common with the first one but the store."""
    is_sync = framework in ("flask", "django")
    local.put_settings(project_settings={"refresh_token_rotation": True})
    with hosts.run_redis(tmp_path) as redis_url:
        if is_sync and kind == "redis.asyncio":
            with pytest.raises(ConfigError, match=r"redis\.asyncio"):
                serve_once(framework, {**options, "refresh_store": store_of(kind, redis_url)})
            return
        for _ in range(2):
            store = store_of(kind, redis_url)
            with guarded_site(framework, {**options, "refresh_store": store}) as url:
                assert get(url, "page", cookies).status_code == 200
    assert refreshes(local) == 1


def store_of(kind: str, redis_url: str) -> RefreshStore:
    """A store with a client of the package `redis`. A busy machine needs more than 200 ms."""
    package: Any = redis if kind == "redis" else redis.asyncio
    return RefreshStore(package.Redis.from_url(redis_url), timeout_seconds=30)


def serve_once(framework: str, options: dict[str, Any]) -> None:
    """Starts and stops a site."""
    with guarded_site(framework, options):
        pass


@pytest.mark.parametrize("package", [flask, fastapi, django])
def test_a_store_is_made_of_a_client_that_fits(package: Any) -> None:
    client, url = DescopeClient("P2test"), "redis://127.0.0.1:1/0"
    auth = package.DescopeAuth(client, refresh_store=redis.Redis.from_url(url))
    assert isinstance(auth._refresh_store, RefreshStore)
    with pytest.raises(ConfigError, match=r"redis\.asyncio"):
        package.DescopeAuth(client, refresh_store=store_of("redis.asyncio", url))
    with pytest.raises(ConfigError):
        package.DescopeAuth(client, refresh_store=url)
