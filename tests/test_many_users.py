"""Many users over one client at once: each request carries what is one user's, and no other's."""

from __future__ import annotations

import asyncio
import json
import operator
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import descope_ml
from descope_ml import AuthException, DeliveryMethod
from support import emulator
from support.emulator import Emulator, fetch
from support.ownership import Owners
from support.programs import compiled, run
from support.relay import Relay, relaying

USERS = [f"+1415{number}" for number in range(6_000_000, 6_000_200)]
THREADS = 32

# What each user asks for after the link was sent, and how often.
ASKED = {
    "/v1/auth/magiclink/verify": 1,
    "/v1/auth/validate": 1,
    "/v1/auth/me": 1,
    "/v1/auth/me/history": 1,
    "/v1/auth/refresh": 2,
    "/v1/auth/logout": 1,
}

# A method of a client by its name, with its arguments.
Do = Callable[..., Awaitable[Any]]
# What users do with a client, and what has it all done at once.
Journeys = Callable[[Do], Iterable[Coroutine[Any, Any, None]]]
Together = Callable[[Journeys], None]


@pytest.fixture(params=["body", "cookies"])
def project(request: pytest.FixtureRequest) -> Iterator[tuple[Emulator, Relay]]:
    """A project that hands out tokens in one way or the other, and what goes by in front of it."""
    flags = ["--algorithm", "ES256", "--tokens", request.param]
    with emulator.running(*flags) as local, relaying(local.base_url) as relay:
        yield local, relay


@contextmanager
def threads(local: Emulator, relay: Relay) -> Iterator[Together]:
    """The client for threads, each of which makes one journey after the other."""
    client = descope_ml.DescopeClient(local.project_id, base_url=relay.url)

    async def do(name: str, *args: Any, **kwargs: Any) -> Any:
        return operator.attrgetter(name)(client)(*args, **kwargs)

    def together(journeys: Journeys) -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            for done in [pool.submit(asyncio.run, one) for one in journeys(do)]:
                done.result()

    yield together


@contextmanager
def tasks(local: Emulator, relay: Relay) -> Iterator[Together]:
    """The client for coroutines, with all journeys under way at once."""
    client = descope_ml.DescopeClientAsync(local.project_id, base_url=relay.url)

    async def do(name: str, *args: Any, **kwargs: Any) -> Any:
        return await operator.attrgetter(name)(client)(*args, **kwargs)

    async def gathered(journeys: Journeys) -> None:
        await asyncio.gather(*journeys(do))

    yield lambda journeys: asyncio.run(gathered(journeys))


async def sign_up(do: Do, phone: str) -> None:
    """Asks for a link, and for a claim that says whose the session will be."""
    options = {"customClaims": {"who": phone}}
    masked = await do("magiclink.sign_up_or_in", DeliveryMethod.SMS, phone, None, options)
    assert masked.endswith(phone[-2:])


async def use(do: Do, phone: str, link: str, user_id: str) -> None:
    """Follows a link and does all that can be done with the session; every answer is one's own."""
    signed_in = await do("magiclink.verify", link)
    assert (signed_in["userId"], signed_in["sessionToken"]["who"]) == (user_id, phone)
    assert signed_in["user"]["loginIds"] == [phone]
    session = signed_in["sessionToken"]["jwt"]
    refresh = signed_in["refreshSessionToken"]["jwt"]
    assert (await do("validate_session", session))["userId"] == user_id
    assert (await do("validate_session_remote", session))["sub"] == user_id
    assert (await do("me", refresh))["userId"] == user_id
    refreshed = await do("refresh_session", refresh, external_token=phone)
    assert (refreshed["userId"], refreshed["sessionToken"]["who"]) == (user_id, phone)
    assert {entry["userId"] for entry in await do("history", refresh)} == {user_id}
    await do("logout", refresh)
    with pytest.raises(AuthException) as ended:
        await do("refresh_session", refresh, external_token=phone)
    assert ended.value.error_code == "E064001"


@pytest.mark.parametrize("client", [threads, tasks])
def test_no_request_and_no_answer_is_anothers_in_python(
    client: Any, project: tuple[Emulator, Relay]
) -> None:
    local, relay = project
    with client(local, relay) as together:
        together(lambda do: (sign_up(do, phone) for phone in USERS))
        owners = Owners.known_to(local)
        sent = fetch(f"{local.base_url}/_emulator/messages")["messages"]
        links = {message["to"]: message["token"] for message in sent}
        owners.by_link = {token: owners.by_phone[phone] for phone, token in links.items()}
        asked_for = owners.by_phone
        together(lambda do: (use(do, who, links[who], asked_for[who]) for who in USERS))
    assert set(owners.by_phone) == set(USERS)
    check_wire(owners, local, relay, {"/v1/auth/magiclink/signup-in/sms": 1, **ASKED})


def test_no_request_and_no_answer_is_anothers_in_c(
    project: tuple[Emulator, Relay], tmp_path: Path
) -> None:
    local, relay = project
    config = {
        "projectId": local.project_id,
        "baseUrl": relay.url,
        "managementKey": local.management_key,
    }
    done = run([compiled("c/many_users.c", tmp_path), json.dumps(config), *USERS])
    assert (done.stderr, done.returncode) == ("", 0)
    lines = [line.split(" ") for line in done.stdout.splitlines()]
    owners = Owners.known_to(local)
    assert {phone: user_id for phone, user_id, _ in lines} == owners.by_phone
    assert set(owners.by_phone) == set(USERS)
    owners.by_link = {link: user_id for _, user_id, link in lines}
    made = {"/v1/mgmt/user/create/test": 1, "/v1/mgmt/tests/generate/magiclink": 1}
    check_wire(owners, local, relay, {**made, **ASKED})


def check_wire(owners: Owners, local: Emulator, relay: Relay, asked: Mapping[str, int]) -> None:
    """Each user made these requests, each about that user alone, and there were no others."""
    wanted = {(path, who): n for path, n in asked.items() for who in owners.by_phone.values()}
    assert owners.requests(relay.received, local.project_id) == Counter(wanted)
