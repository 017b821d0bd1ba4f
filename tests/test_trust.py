"""Whom the library believes, at every face: keys that change, clocks apart, servers that fail."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import descope_ml
from support import faces
from support.emulator import Emulator, running
from support.faces import Face
from support.traveller import Traveller

KEYS = "/v2/keys/*"

_clients = itertools.count()


@pytest.fixture(scope="module")
def changing() -> Iterator[Emulator]:
    """A local Descope that is put back to its start by each test."""
    with running() as one:
        yield one


@pytest.fixture(params=faces.NAMES)
def traveller(
    request: pytest.FixtureRequest, face: Callable[[str], Face], changing: Emulator
) -> Traveller:
    """A new user and client at each face; the client asks for keys as often as it likes."""
    changing.control("reset", keys=True)
    agent = f"test/{next(_clients)}"
    return Traveller(face(request.param), changing, keysIntervalMs=1, userAgent=agent)


def fetches_of_keys(emulator: Emulator) -> int:
    """How often the keys were asked for."""
    paths = [request["path"] for request in emulator.requests()]
    return len([path for path in paths if path.startswith("/v2/keys/")])


def test_a_new_key_is_fetched_when_a_token_names_it(
    traveller: Traveller, changing: Emulator
) -> None:
    """Sessions of the old key and of the new one hold, while the service publishes both."""
    old = traveller.signs_up()["sessionJwt"]
    changing.control("keys/rotate", keepOld=True, alg="ES256")
    traveller.does("magiclink/signin/sms", loginId=traveller.phone)
    new = traveller.does("magiclink/verify", token=traveller.token())["sessionJwt"]
    for token in (old, new):
        traveller.does("session/validate", sessionToken=token)


@pytest.mark.parametrize("name", faces.NAMES)
def test_a_new_key_of_the_service_itself_is_fetched_without_delay(
    name: str, face: Callable[[str], Face], changing: Emulator
) -> None:
    """A link is not lost to a key that came into use moments after the last fetch."""
    changing.control("reset", keys=True)
    patient = Traveller(face(name), changing, userAgent=f"test/{next(_clients)}")
    patient.signs_up()
    changing.control("keys/rotate", keepOld=False)
    patient.does("magiclink/signin/sms", loginId=patient.phone)
    signed_in = patient.does("magiclink/verify", token=patient.token())
    patient.does("session/validate", sessionToken=signed_in["sessionJwt"])


def test_a_key_that_was_taken_back_signs_no_more(traveller: Traveller, changing: Emulator) -> None:
    """Once the library has the new set, the sessions of the old key are unknown to it."""
    old = traveller.signs_up()["sessionJwt"]
    changing.control("keys/rotate", keepOld=False)
    traveller.does("magiclink/signin/sms", loginId=traveller.phone)
    traveller.does("magiclink/verify", token=traveller.token())
    refused = traveller.fails("session/validate", sessionToken=old)
    assert (refused["name"], refused["reason"]) == ("DESCOPE_E_TOKEN", "unknown_key")


def test_a_session_holds_while_the_keys_are_down(traveller: Traveller, changing: Emulator) -> None:
    """Known keys are enough; an unknown one is refused, and nothing is told of the failed fetch."""
    token = traveller.signs_up()["sessionJwt"]
    changing.control("faults", path=KEYS, status=500)
    traveller.does("session/validate", sessionToken=token)
    head, payload, signature = token.split(".")
    for broken in (
        f"{head}.{payload}.{signature[:-8]}AAAAAAAA",
        f"{head}.{payload[:-8]}.{signature}",
    ):
        refused = traveller.fails("session/validate", sessionToken=broken)
        assert refused["reason"] == "bad_signature"


def test_a_link_is_not_used_up_while_the_keys_are_down(
    traveller: Traveller, changing: Emulator
) -> None:
    """Without keys verify sends nothing; once they are there again the same link works."""
    changing.control("faults", path=KEYS, status=500, times=1)
    user = {"phone": traveller.phone}
    traveller.does("magiclink/signup/sms", loginId=traveller.phone, user=user)
    refused = traveller.fails("magiclink/verify", token=traveller.token())
    assert (refused["name"], refused["httpStatus"], refused["outcome"]) == (
        "DESCOPE_E_API",
        500,
        "not_sent",
    )
    paths = [request["path"] for request in changing.requests()]
    assert "/v1/auth/magiclink/verify" not in paths


@pytest.mark.parametrize(("ahead", "reason"), [(3600, "not_yet_valid"), (-7200, "expired")])
def test_clocks_apart_are_told(
    traveller: Traveller, changing: Emulator, ahead: int, reason: str
) -> None:
    """A service whose clock is another one gives tokens that do not hold here."""
    now = changing.control("clock", advance="0s")["now"]
    changing.control("clock", set=now + ahead)
    user = {"phone": traveller.phone}
    traveller.does("magiclink/signup/sms", loginId=traveller.phone, user=user)
    refused = traveller.fails("magiclink/verify", token=traveller.token())
    assert (refused["name"], refused["reason"], refused["outcome"]) == (
        "DESCOPE_E_TOKEN",
        reason,
        "unknown",
    )


def test_a_link_expires(traveller: Traveller, changing: Emulator) -> None:
    """A link that is followed too late is refused with the service's own code."""
    user = {"phone": traveller.phone}
    traveller.does("magiclink/signup/sms", loginId=traveller.phone, user=user)
    token = traveller.token()
    changing.control("clock", advance="4m")
    assert traveller.fails("magiclink/verify", token=token)["errorCode"] == "E062504"


def test_verify_is_sent_once_whatever_the_edge_answers(
    traveller: Traveller, changing: Emulator
) -> None:
    """The service may have used the link up before the edge said otherwise."""
    user = {"phone": traveller.phone}
    traveller.does("magiclink/signup/sms", loginId=traveller.phone, user=user)
    changing.control("faults", path="/v1/auth/magiclink/verify", status=503, after=True, times=1)
    token = traveller.token()
    failed = traveller.fails("magiclink/verify", token=token)
    assert (failed["httpStatus"], failed["attempts"]) == (503, 1)
    paths = [request["path"] for request in changing.requests()]
    assert paths.count("/v1/auth/magiclink/verify") == 1
    assert traveller.fails("magiclink/verify", token=token)["errorCode"] == "E062504"


def test_tokens_come_from_cookies(traveller: Traveller, changing: Emulator) -> None:
    """Where the project sends its tokens as cookies, the answer has them all the same."""
    changing.put_settings(tokens="cookies", sessionCookie="S1", refreshCookie="R1")
    signed_in = traveller.signs_up()
    assert signed_in["sessionCookieName"] == "S1"
    me = traveller.does("session/me", refreshToken=signed_in["refreshJwt"])
    assert me["userId"] == signed_in["session"]["userId"]
    refreshed = traveller.does("session/refresh", refreshToken=signed_in["refreshJwt"])
    traveller.does("session/validate", sessionToken=refreshed["sessionJwt"])


def test_nobodys_cookie_travels_with_anothers_call(
    traveller: Traveller, changing: Emulator
) -> None:
    """Two users over one client: each request carries its own token and no cookie."""
    changing.put_settings(tokens="cookies")
    first = traveller.signs_up()
    second = traveller.another()
    theirs = second.signs_up()
    for one, signed_in in ((traveller, first), (second, theirs)):
        me = one.does("session/me", refreshToken=signed_in["refreshJwt"])
        assert me["userId"] == signed_in["session"]["userId"]
    headers = [set(map(str.lower, request["headers"])) for request in changing.requests()]
    assert headers
    assert not [names for names in headers if "cookie" in names]


def test_keys_are_fetched_once_for_many_sessions(traveller: Traveller, changing: Emulator) -> None:
    """One fetch serves every check that follows."""
    tokens = [traveller.signs_up()["sessionJwt"]]
    for _ in range(3):
        traveller.does("magiclink/signin/sms", loginId=traveller.phone)
        tokens.append(traveller.does("magiclink/verify", token=traveller.token())["sessionJwt"])
    for token in tokens * 3:
        traveller.does("session/validate", sessionToken=token)
    assert fetches_of_keys(changing) == 1


def test_a_project_that_many_requests_name_at_once_is_asked_for_its_keys_once(
    face: Callable[[str], Face], changing: Emulator
) -> None:
    """A client of one project checks the sessions of another: its threads share the keys."""
    changing.control("reset", keys=True)
    token = Traveller(face("python"), changing).signs_up()["sessionJwt"]
    for _ in range(5):
        before = fetches_of_keys(changing)
        config: Any = {"project_id": "P2other", "user_agent": f"test/{next(_clients)}"}
        everybody = threading.Barrier(16)

        def check(everybody: threading.Barrier, config: Any) -> str:
            everybody.wait(30)
            request = {"projectId": changing.project_id, "sessionToken": token}
            session = descope_ml.session_validate(request, base_url=changing.base_url, **config)
            return str(session["projectId"])

        with ThreadPoolExecutor(16) as pool:
            checks = [pool.submit(check, everybody, config) for _ in range(16)]
            assert {one.result() for one in checks} == {changing.project_id}
        assert fetches_of_keys(changing) == before + 1
