"""Answers that a service gives on a bad day, read by the official package and by ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import descope
import pytest

import descope_ml
from support.drop_in import PHONE, URI, Difference, Journey, check, journey
from support.recording_server import ScriptedResponse, run_server
from support.tokens import token_placeholders

REFUSAL = {"errorCode": "E062108", "errorDescription": "User not found", "errorMessage": "No"}
SLOW_DOWN = {"errorCode": "E130429", "errorDescription": "Too many", "errorMessage": "Slow down"}
NOBODY = frozenset(
    {
        "permissions",
        "roles",
        "tenants",
        "projectId",
        "userId",
        "cookieData",
        "user",
        "firstSeen",
    }
)
HTML = "<html><body>Bad gateway</body></html>"


def sign_in(j: Journey) -> None:
    """Asks for a link."""
    j("magiclink.sign_in", j.method("SMS"), PHONE, URI)


def verify(j: Journey) -> None:
    """Follows a link."""
    j("magiclink.verify", "t0ken")


def refresh(j: Journey) -> None:
    """Asks for another session token."""
    j("refresh_session", token_placeholders()["REFRESH"])


def validate(j: Journey) -> None:
    """Checks a session."""
    j("validate_session", token_placeholders()["SESSION"])


def me(j: Journey) -> None:
    """Asks who the user is."""
    j("me", "r-jwt")


def logout(j: Journey) -> None:
    """Ends the session."""
    j("logout", "r-jwt")


def signed_in(**changes: Any) -> ScriptedResponse:
    """An answer that is the key set and the session at once: either request may come first."""
    tokens = {
        "sessionJwt": token_placeholders()["SESSION"],
        "refreshJwt": token_placeholders()["REFRESH"],
    }
    members = {**json.loads(token_placeholders()["ONE_KEY"]), **tokens, **changes}
    return {"json": {key: value for key, value in members.items() if value is not None}}


def limited(retry_after: Any, **answer: Any) -> ScriptedResponse:
    """An answer that asks for fewer requests."""
    return {"status": 429, "headers": {"Retry-After": retry_after}, **answer}


CASES: Mapping[str, tuple[Callable[[Journey], None], Callable[[], ScriptedResponse]]] = {
    "a refusal": (sign_in, lambda: {"status": 400, "json": REFUSAL}),
    "a conflict": (sign_in, lambda: {"status": 409, "json": REFUSAL}),
    "an unknown path": (sign_in, lambda: {"status": 404, "body": "404 page not found"}),
    "a refusal in HTML": (sign_in, lambda: {"status": 403, "body": HTML}),
    "a refusal without a word": (sign_in, lambda: {"status": 401, "body": ""}),
    "a failure": (sign_in, lambda: {"status": 500, "json": REFUSAL}),
    "a failure in HTML": (sign_in, lambda: {"status": 502, "body": HTML}),
    "a failed verification": (verify, lambda: {"status": 500, "body": HTML}),
    "a redirect": (sign_in, lambda: {"status": 307, "headers": {"Location": "/x"}, "body": ""}),
    "too many requests": (sign_in, lambda: limited(30, json=SLOW_DOWN)),
    "too many requests, no time": (sign_in, lambda: limited(None, json=SLOW_DOWN)),
    "too many requests, an odd time": (sign_in, lambda: limited("soon", json=SLOW_DOWN)),
    "too many requests, in HTML": (sign_in, lambda: limited(7, body=HTML)),
    "too many requests, without a word": (sign_in, lambda: limited(7, body="")),
    "too many requests, without a code": (sign_in, lambda: limited(7, json={})),
    "success in HTML": (sign_in, lambda: {"body": HTML}),
    "success without the address": (sign_in, lambda: {"json": {}}),
    "success that is a list": (sign_in, lambda: {"json": []}),
    "a user that is no object": (me, lambda: {"body": "null"}),
    "a verification": (verify, signed_in),
    "a verification with cookie data": (
        verify,
        lambda: signed_in(
            cookieExpiration=7,
            cookieMaxAge=6,
            cookieDomain="x.org",
            cookiePath="/a",
            user={"userId": "U2ann"},
            firstSeen=False,
        ),
    ),
    "a verification without a refresh token": (verify, lambda: signed_in(refreshJwt=None)),
    "a verification without tokens": (verify, lambda: signed_in(sessionJwt="", refreshJwt="")),
    "a verification with an expired token": (
        verify,
        lambda: signed_in(sessionJwt=token_placeholders()["EXPIRED"]),
    ),
    "a verification with a forged token": (
        verify,
        lambda: signed_in(sessionJwt=token_placeholders()["WRONG_KEY"]),
    ),
    "a refresh": (refresh, signed_in),
    "a refresh without a refresh token": (refresh, lambda: signed_in(refreshJwt="")),
    "a logout": (logout, lambda: {"json": {"sessionJwt": "", "refreshJwt": ""}}),
    "a logout without a word": (logout, lambda: {"json": {}}),
    "a session": (validate, lambda: {"body": token_placeholders()["KEYS"]}),
    "no keys": (validate, lambda: {"json": {"keys": []}}),
    "keys of another project": (validate, lambda: {"body": token_placeholders()["OTHER_KEYS"]}),
    "keys that are none": (validate, lambda: {"json": {"keys": "none"}}),
    "a key set without keys": (validate, lambda: {"json": {}}),
    "keys in HTML": (validate, lambda: {"body": HTML}),
    "keys that cannot be had": (validate, lambda: {"status": 500, "json": REFUSAL}),
    "too many requests for keys": (validate, lambda: limited(7, json=SLOW_DOWN)),
    "a broken connection": (sign_in, lambda: {"instead": "close"}),
    "a reset connection": (sign_in, lambda: {"instead": "reset"}),
    "an answer cut short": (sign_in, lambda: {"cut": 5}),
}

_EVERY = "every failure is a DescopeError, and what is no answer of the API is a ProtocolError"
_KEYS = "keys that cannot be read are no fault of the token, so no AuthException"
_BAD_KEYS = "AuthException 500, invalid public key"
_LIMITED = "RateLimitException 429, API rate limit exceeded, "

# Everything that ours does otherwise on a bad day; docs/python.md tells it to users.
DIFFERENCES: dict[str, Difference] = {
    **{
        name: Difference(
            "`Retry-After` is told whatever the body says",
            {0: (f"{_LIMITED}{{}}", f"{_LIMITED}{{'Retry-After': 7}}")},
        )
        for name in ("too many requests, in HTML", "too many requests, without a word")
    },
    **{
        name: Difference(_EVERY, {0: (official, ours)})
        for name, official, ours in (
            ("success in HTML", "JSONDecodeError", "ProtocolError"),
            ("success without the address", "KeyError", "ProtocolError"),
            ("success that is a list", "TypeError", "ProtocolError"),
            ("a user that is no object", None, "ProtocolError"),
            ("an answer cut short", "RemoteProtocolError", "ProtocolError"),
            ("a broken connection", "RemoteProtocolError", "NetworkError"),
            ("a reset connection", "ReadError", "NetworkError"),
        )
    },
    "a verification without tokens": Difference(
        "an answer without a session is no success", {0: (NOBODY, "ProtocolError")}
    ),
    "a verification with a forged token": Difference(
        "a token that does not hold is a TokenError",
        {0: ("InvalidSignatureError", "AuthException 401, invalid token")},
    ),
    "keys of another project": Difference(
        "a token that does not hold is a TokenError",
        {0: (_BAD_KEYS, "AuthException 401, invalid token")},
    ),
    **{
        name: Difference(_KEYS, {0: (_BAD_KEYS, "ProtocolError")})
        for name in ("no keys", "keys that are none", "a key set without keys", "keys in HTML")
    },
}


def ends(package: Any, is_async: bool, name: str) -> list[tuple[str, Any]]:
    """What each call of a case led to with a package."""
    perform, answer = CASES[name]
    with run_server() as server:
        server.script = [answer()]
        options = {"project_id": "P2test", "base_url": server.url}
        with journey(package, is_async, None, **options) as j:
            perform(j)
            return j.steps


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("name", CASES)
def test_both_packages_read_the_same(name: str, is_async: bool) -> None:
    check(ends(descope, is_async, name), ends(descope_ml, is_async, name), DIFFERENCES.get(name))


def test_every_intended_difference_has_its_case() -> None:
    assert set(DIFFERENCES) <= set(CASES)
