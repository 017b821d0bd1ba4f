"""Tokens and keys at every face: key rotation, failing key fetches, cookies."""

from __future__ import annotations

import base64
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import descope_ml
from support import faces
from support.emulator import TOKENS_IN_COOKIES, Emulator, run_emulator
from support.faces import Face
from support.user import User

KEYS = "/v2/keys/*"

_clients = itertools.count()


@pytest.fixture(scope="module")
def own_emulator() -> Iterator[Emulator]:
    """An emulator that each test resets and may change."""
    with run_emulator() as own:
        yield own


@pytest.fixture(params=faces.FACES)
def user(
    request: pytest.FixtureRequest, face: Callable[[str], Face], own_emulator: Emulator
) -> User:
    """A new user and client at each face. The client may fetch the keys at any time."""
    own_emulator.control("reset", keys=True)
    agent = f"test/{next(_clients)}"
    return User(face(request.param), own_emulator, keysIntervalMs=1, userAgent=agent)


def key_fetch_count(emulator: Emulator) -> int:
    """How often the keys were fetched."""
    paths = [request["path"] for request in emulator.requests()]
    return len([path for path in paths if path.startswith("/v2/keys/")])


def test_unknown_key_id_triggers_a_key_fetch(user: User, own_emulator: Emulator) -> None:
    """After a rotation that keeps the old key, sessions of both keys are valid."""
    old = user.sign_up()["sessionJwt"]
    own_emulator.control("keys/rotate", keepOld=True, alg="ES256")
    user.call_ok("magiclink/signin/sms", loginId=user.phone)
    new = user.call_ok("magiclink/verify", token=user.link_token())["sessionJwt"]
    for token in (old, new):
        user.call_ok("session/validate", sessionToken=token)


@pytest.mark.parametrize("name", faces.FACES)
def test_unknown_key_id_in_a_response_is_fetched_at_once(
    name: str, face: Callable[[str], Face], own_emulator: Emulator
) -> None:
    """Verifying a link succeeds even if the key was rotated just after the last fetch."""
    own_emulator.control("reset", keys=True)
    verifying_user = User(face(name), own_emulator, userAgent=f"test/{next(_clients)}")
    verifying_user.sign_up()
    own_emulator.control("keys/rotate", keepOld=False)
    verifying_user.call_ok("magiclink/signin/sms", loginId=verifying_user.phone)
    signed_in = verifying_user.call_ok("magiclink/verify", token=verifying_user.link_token())
    verifying_user.call_ok("session/validate", sessionToken=signed_in["sessionJwt"])


def session_of_the_current_key(emulator: Emulator, phone: str) -> str:
    """A session that a client did not see before."""
    emulator.post("/v1/auth/magiclink/signin/sms", {"loginId": phone})
    link = {"token": emulator.messages(phone)[0]["token"]}
    return str(emulator.post("/v1/auth/magiclink/verify", link)["sessionJwt"])


def forged(token: str) -> Iterator[str]:
    """Tokens like this one, each with another key ID."""
    header, rest = token.split(".", 1)
    fields = json.loads(base64.urlsafe_b64decode(header + "=="))
    for number in itertools.count():
        invented = json.dumps({**fields, "kid": f"forged-{number}"}).encode()
        yield f"{base64.urlsafe_b64encode(invented).decode().rstrip('=')}.{rest}"


@pytest.mark.parametrize("name", faces.FACES)
def test_forged_token_does_not_delay_a_new_key(
    name: str, face: Callable[[str], Face], own_emulator: Emulator
) -> None:
    """A token of a new key is valid at once, although a forged one has just caused a fetch."""
    own_emulator.control("reset", keys=True)
    one = User(face(name), own_emulator, userAgent=f"test/{next(_clients)}")
    invented = next(forged(one.sign_up()["sessionJwt"]))
    assert one.call_error("session/validate", sessionToken=invented)["reason"] == "unknown_key"
    own_emulator.control("keys/rotate", keepOld=False)
    one.call_ok(
        "session/validate", sessionToken=session_of_the_current_key(own_emulator, one.phone)
    )


@pytest.mark.parametrize("name", faces.FACES)
def test_flood_of_forged_tokens_causes_few_key_fetches_and_delays_a_new_key_little(
    name: str, face: Callable[[str], Face], own_emulator: Emulator
) -> None:
    """While forged tokens arrive, the next fetch that is allowed finds the new key."""
    own_emulator.control("reset", keys=True)
    one = User(face(name), own_emulator, userAgent=f"test/{next(_clients)}")
    started = time.monotonic()
    invented = forged(one.sign_up()["sessionJwt"])

    def forge(count: int) -> list[dict[str, Any]]:
        tokens = itertools.islice(invented, count)
        errors = [one.call_error("session/validate", sessionToken=token) for token in tokens]
        assert {error["reason"] for error in errors} == {"unknown_key"}
        return errors

    refused = [error for error in forge(100) if "retryAfter" in error]
    assert {error["retryAfter"] for error in refused} <= {1, 2}
    assert {"validate it again in" in error["message"] for error in refused} == {True}
    own_emulator.control("keys/rotate", keepOld=False)
    new = session_of_the_current_key(own_emulator, one.phone)
    fetches = key_fetch_count(own_emulator)
    while one.call("session/validate", sessionToken=new)[0] != 0:
        forge(20)
        assert key_fetch_count(own_emulator) <= fetches + 1
    allowed = 5 + (time.monotonic() - started) / 2
    assert 5 <= key_fetch_count(own_emulator) <= allowed


def test_session_of_a_removed_key_is_rejected(user: User, own_emulator: Emulator) -> None:
    """Once the library has the new key set, sessions of the removed key are invalid."""
    old = user.sign_up()["sessionJwt"]
    own_emulator.control("keys/rotate", keepOld=False)
    user.call_ok("magiclink/signin/sms", loginId=user.phone)
    user.call_ok("magiclink/verify", token=user.link_token())
    error = user.call_error("session/validate", sessionToken=old)
    assert (error["name"], error["reason"]) == ("DESCOPE_E_TOKEN", "unknown_key")


def test_session_is_valid_while_key_fetches_fail(user: User, own_emulator: Emulator) -> None:
    """Cached keys are enough. Invalid signatures are still reported as invalid signatures."""
    token = user.sign_up()["sessionJwt"]
    own_emulator.control("faults", path=KEYS, status=500)
    user.call_ok("session/validate", sessionToken=token)
    head, payload, signature = token.split(".")
    for broken in (
        f"{head}.{payload}.{signature[:-8]}AAAAAAAA",
        f"{head}.{payload[:-8]}.{signature}",
    ):
        error = user.call_error("session/validate", sessionToken=broken)
        assert error["reason"] == "bad_signature"


def test_failed_key_fetch_does_not_use_up_a_link(user: User, own_emulator: Emulator) -> None:
    """Without keys, verify sends no request for the link."""
    own_emulator.control("faults", path=KEYS, status=500, times=1)
    user.call_ok("magiclink/signup/sms", loginId=user.phone, user={"phone": user.phone})
    error = user.call_error("magiclink/verify", token=user.link_token())
    assert (error["name"], error["httpStatus"], error["outcome"]) == (
        "DESCOPE_E_API",
        500,
        "not_sent",
    )
    paths = [request["path"] for request in own_emulator.requests()]
    assert "/v1/auth/magiclink/verify" not in paths


def test_expired_link_is_rejected(user: User, own_emulator: Emulator) -> None:
    """The error has the code of the service."""
    user.call_ok("magiclink/signup/sms", loginId=user.phone, user={"phone": user.phone})
    token = user.link_token()
    own_emulator.control("clock", advance="4m")
    assert user.call_error("magiclink/verify", token=token)["errorCode"] == "E062504"


def test_verify_is_never_retried(user: User, own_emulator: Emulator) -> None:
    """The service may have used up the link before the gateway responded with an error."""
    user.call_ok("magiclink/signup/sms", loginId=user.phone, user={"phone": user.phone})
    own_emulator.control(
        "faults", path="/v1/auth/magiclink/verify", status=503, after=True, times=1
    )
    token = user.link_token()
    error = user.call_error("magiclink/verify", token=token)
    assert (error["httpStatus"], error["attempts"]) == (503, 1)
    paths = [request["path"] for request in own_emulator.requests()]
    assert paths.count("/v1/auth/magiclink/verify") == 1
    assert user.call_error("magiclink/verify", token=token)["errorCode"] == "E062504"


def test_tokens_are_read_from_cookies(user: User, own_emulator: Emulator) -> None:
    """If the project sends its tokens as cookies, the response contains them as well."""
    own_emulator.put_settings(
        project_settings=TOKENS_IN_COOKIES,
        emulator={"session_token_cookie_name": "S1", "refresh_token_cookie_name": "R1"},
    )
    signed_in = user.sign_up()
    assert signed_in["sessionCookieName"] == "S1"
    me = user.call_ok("session/me", refreshToken=signed_in["refreshJwt"])
    assert me["userId"] == signed_in["session"]["userId"]
    refreshed = user.call_ok("session/refresh", refreshToken=signed_in["refreshJwt"])
    user.call_ok("session/validate", sessionToken=refreshed["sessionJwt"])


def test_no_cookie_is_ever_sent(user: User, own_emulator: Emulator) -> None:
    """Two users of one client: each request has the token of its user and no cookie."""
    own_emulator.put_settings(project_settings=TOKENS_IN_COOKIES)
    first = user.sign_up()
    other = user.other_user()
    second = other.sign_up()
    for caller, signed_in in ((user, first), (other, second)):
        me = caller.call_ok("session/me", refreshToken=signed_in["refreshJwt"])
        assert me["userId"] == signed_in["session"]["userId"]
    headers = [set(map(str.lower, request["headers"])) for request in own_emulator.requests()]
    assert headers
    assert not [names for names in headers if "cookie" in names]


def test_keys_are_fetched_once_for_many_validations(user: User, own_emulator: Emulator) -> None:
    """All validations use the keys of the first fetch."""
    tokens = [user.sign_up()["sessionJwt"]]
    for _ in range(3):
        user.call_ok("magiclink/signin/sms", loginId=user.phone)
        tokens.append(user.call_ok("magiclink/verify", token=user.link_token())["sessionJwt"])
    for token in tokens * 3:
        user.call_ok("session/validate", sessionToken=token)
    assert key_fetch_count(own_emulator) == 1


def test_concurrent_validations_for_another_project_share_one_key_fetch(
    face: Callable[[str], Face], own_emulator: Emulator
) -> None:
    """The threads of a client share the keys also for a project that only the requests name."""
    own_emulator.control("reset", keys=True)
    token = User(face("python"), own_emulator).sign_up()["sessionJwt"]
    for _ in range(5):
        before = key_fetch_count(own_emulator)
        config: Any = {"project_id": "P2other", "user_agent": f"test/{next(_clients)}"}
        barrier = threading.Barrier(16)

        def validate(barrier: threading.Barrier, config: Any) -> str:
            barrier.wait(30)
            request = {"projectId": own_emulator.project_id, "sessionToken": token}
            session = descope_ml.session_validate(request, base_url=own_emulator.base_url, **config)
            return str(session["projectId"])

        with ThreadPoolExecutor(16) as pool:
            validations = [pool.submit(validate, barrier, config) for _ in range(16)]
            assert {one.result() for one in validations} == {own_emulator.project_id}
        assert key_fetch_count(own_emulator) == before + 1
