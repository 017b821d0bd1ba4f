"""Many users of one client at the same time: no request and no response mixes up users."""

from __future__ import annotations

import asyncio
import json
import operator
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

import descope_ml
from descope_ml import AuthException, DeliveryMethod
from support import emulator
from support.emulator import Emulator, fetch
from support.programs import compile_program, run
from support.relay import Relay, run_relay
from support.request_owners import RequestOwners

USERS = [f"+1415{number}" for number in range(6_000_000, 6_000_200)]
THREADS = 32

# The requests of each user after the link was sent, and how often each is made.
REQUESTS = {
    "/v1/auth/magiclink/verify": 1,
    "/v1/auth/validate": 1,
    "/v1/auth/me": 1,
    "/v1/auth/me/history": 1,
    "/v1/auth/refresh": 2,
    "/v1/auth/logout": 1,
}

# Calls a method of a client by its name.
CallMethod = Callable[..., Awaitable[Any]]
# Makes the coroutines of all users, and runs them at the same time.
Journeys = Callable[[CallMethod], Iterable[Coroutine[Any, Any, None]]]
RunConcurrently = Callable[[Journeys], None]


@pytest.fixture(params=["body", "cookies"])
def project(request: pytest.FixtureRequest) -> Iterator[tuple[Emulator, Relay]]:
    """A project that sends tokens in the body or in cookies, and a relay in front of it."""
    flags = ["--algorithm", "ES256", "--tokens", request.param]
    with emulator.run_emulator(*flags) as local, run_relay(local.base_url) as relay:
        yield local, relay


@contextmanager
def threads(local: Emulator, relay: Relay) -> Iterator[RunConcurrently]:
    """The synchronous client, with one journey after the other in each thread."""
    client = descope_ml.DescopeClient(local.project_id, base_url=relay.url)

    async def call(name: str, *args: Any, **kwargs: Any) -> Any:
        return operator.attrgetter(name)(client)(*args, **kwargs)

    def run_concurrently(journeys: Journeys) -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            for done in [pool.submit(asyncio.run, one) for one in journeys(call)]:
                done.result()

    yield run_concurrently


def tasks(backend: str) -> Callable[[Emulator, Relay], AbstractContextManager[RunConcurrently]]:
    """The async client under asyncio or trio, with all journeys at the same time."""

    @contextmanager
    def open_client(local: Emulator, relay: Relay) -> Iterator[RunConcurrently]:
        client = descope_ml.DescopeClientAsync(local.project_id, base_url=relay.url)

        async def call(name: str, *args: Any, **kwargs: Any) -> Any:
            return await operator.attrgetter(name)(client)(*args, **kwargs)

        async def run_journeys(journeys: Journeys) -> None:
            async def run_one(journey: Coroutine[Any, Any, None]) -> None:
                await journey

            async with anyio.create_task_group() as group:
                for journey in journeys(call):
                    group.start_soon(run_one, journey)

        yield lambda journeys: anyio.run(run_journeys, journeys, backend=backend)

    return open_client


async def sign_up(call: CallMethod, phone: str) -> None:
    """Requests a link and a claim with the phone number of the user."""
    options = {"customClaims": {"who": phone}}
    masked = await call("magiclink.sign_up_or_in", DeliveryMethod.SMS, phone, None, options)
    assert masked.endswith(phone[-2:])


async def use_session(call: CallMethod, phone: str, link: str, user_id: str) -> None:
    """Verifies a link and uses the session. Every response must be about the right user."""
    signed_in = await call("magiclink.verify", link)
    assert (signed_in["userId"], signed_in["sessionToken"]["who"]) == (user_id, phone)
    assert signed_in["user"]["loginIds"] == [phone]
    session = signed_in["sessionToken"]["jwt"]
    refresh = signed_in["refreshSessionToken"]["jwt"]
    assert (await call("validate_session", session))["userId"] == user_id
    assert (await call("validate_session_remote", session))["sub"] == user_id
    assert (await call("me", refresh))["userId"] == user_id
    refreshed = await call("refresh_session", refresh, external_token=phone)
    assert (refreshed["userId"], refreshed["sessionToken"]["who"]) == (user_id, phone)
    assert {entry["userId"] for entry in await call("history", refresh)} == {user_id}
    await call("logout", refresh)
    with pytest.raises(AuthException) as caught:
        await call("refresh_session", refresh, external_token=phone)
    assert caught.value.error_code == "E064001"


@pytest.mark.parametrize(
    "client", [threads, tasks("asyncio"), tasks("trio")], ids=["threads", "asyncio", "trio"]
)
def test_python_never_mixes_up_users(client: Any, project: tuple[Emulator, Relay]) -> None:
    local, relay = project
    with client(local, relay) as run_concurrently:
        run_concurrently(lambda call: (sign_up(call, phone) for phone in USERS))
        owners = RequestOwners.from_emulator(local)
        sent = fetch(f"{local.base_url}/_emulator/messages")["messages"]
        links = {message["to"]: message["token"] for message in sent}
        owners.by_link = {token: owners.by_phone[phone] for phone, token in links.items()}
        user_ids = owners.by_phone
        run_concurrently(
            lambda call: (use_session(call, who, links[who], user_ids[who]) for who in USERS)
        )
    assert set(owners.by_phone) == set(USERS)
    check_requests(owners, local, relay, {"/v1/auth/magiclink/signup-in/sms": 1, **REQUESTS})


def test_c_never_mixes_up_users(project: tuple[Emulator, Relay], tmp_path: Path) -> None:
    local, relay = project
    config = {
        "projectId": local.project_id,
        "baseUrl": relay.url,
        "managementKey": local.management_key,
    }
    done = run([compile_program("c/many_users.c", tmp_path), json.dumps(config), *USERS])
    assert (done.stderr, done.returncode) == ("", 0)
    lines = [line.split(" ") for line in done.stdout.splitlines()]
    owners = RequestOwners.from_emulator(local)
    assert {phone: user_id for phone, user_id, _ in lines} == owners.by_phone
    assert set(owners.by_phone) == set(USERS)
    owners.by_link = {link: user_id for _, user_id, link in lines}
    setup = {"/v1/mgmt/user/create/test": 1, "/v1/mgmt/tests/generate/magiclink": 1}
    check_requests(owners, local, relay, {**setup, **REQUESTS})


def check_requests(
    owners: RequestOwners, local: Emulator, relay: Relay, requests: Mapping[str, int]
) -> None:
    """Asserts that each user sent exactly these requests, each about this user alone."""
    expected = {(path, who): n for path, n in requests.items() for who in owners.by_phone.values()}
    assert owners.count_requests(relay.received, local.project_id) == Counter(expected)
