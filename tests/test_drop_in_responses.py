"""Error responses and unusual responses, read by the official package and by ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

import descope
import pytest

import descope_ml
from support.drop_in import (
    KINDS,
    PHONE,
    SIGNED_IN,
    URI,
    Difference,
    Journey,
    Kind,
    compare,
    open_journey,
)
from support.recording_server import ScriptedResponse, run_server
from support.tokens import token_placeholders

REFUSAL = {"errorCode": "E062108", "errorDescription": "User not found", "errorMessage": "No"}
SLOW_DOWN = {"errorCode": "E130429", "errorDescription": "Too many", "errorMessage": "Slow down"}
NOBODY = SIGNED_IN - {"sessionToken", "refreshSessionToken"}
HTML = "<html><body>Bad gateway</body></html>"


def sign_in(j: Journey) -> None:
    """Signs in, which sends a link."""
    j("magiclink.sign_in", j.method("SMS"), PHONE, URI)


def verify(j: Journey) -> None:
    """Verifies a link."""
    j("magiclink.verify", "t0ken")


def refresh(j: Journey) -> None:
    """Refreshes a session."""
    j("refresh_session", token_placeholders()["REFRESH"])


def validate(j: Journey) -> None:
    """Validates a session."""
    j("validate_session", token_placeholders()["SESSION"])


def me(j: Journey) -> None:
    """Gets the user."""
    j("me", "r-jwt")


def logout(j: Journey) -> None:
    """Logs out."""
    j("logout", "r-jwt")


def signed_in(**changes: Any) -> ScriptedResponse:
    """A response that is a key set and a session, because either request may come first."""
    tokens = {
        "sessionJwt": token_placeholders()["SESSION"],
        "refreshJwt": token_placeholders()["REFRESH"],
    }
    members = {**json.loads(token_placeholders()["ONE_KEY"]), **tokens, **changes}
    return {"json": {key: value for key, value in members.items() if value is not None}}


def rate_limited(retry_after: Any, **response: Any) -> ScriptedResponse:
    """A response with status 429."""
    headers = {"Retry-After": retry_after}
    return cast(ScriptedResponse, {"status": 429, "headers": headers, **response})


RESPONSES: Mapping[str, tuple[Callable[[Journey], None], Callable[[], ScriptedResponse]]] = {
    "status 400": (sign_in, lambda: {"status": 400, "json": REFUSAL}),
    "status 409": (sign_in, lambda: {"status": 409, "json": REFUSAL}),
    "status 404 in plain text": (sign_in, lambda: {"status": 404, "body": "404 page not found"}),
    "status 403 in HTML": (sign_in, lambda: {"status": 403, "body": HTML}),
    "status 401 without a body": (sign_in, lambda: {"status": 401, "body": ""}),
    "status 500": (sign_in, lambda: {"status": 500, "json": REFUSAL}),
    "status 502 in HTML": (sign_in, lambda: {"status": 502, "body": HTML}),
    "a verification with status 500": (verify, lambda: {"status": 500, "body": HTML}),
    "a redirect": (sign_in, lambda: {"status": 307, "headers": {"Location": "/x"}, "body": ""}),
    "status 429": (sign_in, lambda: rate_limited(30, json=SLOW_DOWN)),
    "status 429 without Retry-After": (sign_in, lambda: rate_limited(None, json=SLOW_DOWN)),
    "status 429 with an invalid Retry-After": (
        sign_in,
        lambda: rate_limited("soon", json=SLOW_DOWN),
    ),
    "status 429 in HTML": (sign_in, lambda: rate_limited(7, body=HTML)),
    "status 429 without a body": (sign_in, lambda: rate_limited(7, body="")),
    "status 429 without an error code": (sign_in, lambda: rate_limited(7, json={})),
    "success in HTML": (sign_in, lambda: {"body": HTML}),
    "success without a masked address": (sign_in, lambda: {"json": {}}),
    "success with a list": (sign_in, lambda: {"json": []}),
    "a user that is null": (me, lambda: {"body": "null"}),
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
    "a logout with an empty object": (logout, lambda: {"json": {}}),
    "a session": (validate, lambda: {"body": token_placeholders()["KEYS"]}),
    "no keys": (validate, lambda: {"json": {"keys": []}}),
    "keys of another project": (validate, lambda: {"body": token_placeholders()["OTHER_KEYS"]}),
    "keys of another type": (validate, lambda: {"json": {"keys": "none"}}),
    "a key set without keys": (validate, lambda: {"json": {}}),
    "keys in HTML": (validate, lambda: {"body": HTML}),
    "keys with status 500": (validate, lambda: {"status": 500, "json": REFUSAL}),
    "keys with status 429": (validate, lambda: rate_limited(7, json=SLOW_DOWN)),
    "a closed connection": (sign_in, lambda: {"instead": "close"}),
    "a reset connection": (sign_in, lambda: {"instead": "reset"}),
    "a truncated response": (sign_in, lambda: {"cut": 5}),
}

_EVERY = "every failure is a DescopeError, and an invalid response is a ProtocolError"
_KEYS = "invalid key sets do not mean that the token is invalid, so this is no AuthException"
_BAD_KEYS = "AuthException 500, invalid public key"
_LIMITED = "RateLimitException 429, API rate limit exceeded, "

# All intended differences of our package. docs/python.md lists them for users.
DIFFERENCES: dict[str, Difference] = {
    **{
        name: Difference(
            "`Retry-After` is read whatever the body is",
            {0: (f"{_LIMITED}{{}}", f"{_LIMITED}{{'Retry-After': 7}}")},
        )
        for name in ("status 429 in HTML", "status 429 without a body")
    },
    **{
        name: Difference(_EVERY, {0: (official, ours)})
        for name, official, ours in (
            ("success in HTML", "JSONDecodeError", "ProtocolError"),
            ("success without a masked address", "KeyError", "ProtocolError"),
            ("success with a list", "TypeError", "ProtocolError"),
            ("a user that is null", None, "ProtocolError"),
            ("a truncated response", "RemoteProtocolError", "ProtocolError"),
            ("a closed connection", "RemoteProtocolError", "NetworkError"),
            ("a reset connection", "ReadError", "NetworkError"),
        )
    },
    "a verification without tokens": Difference(
        "a response without a session is not a success", {0: (NOBODY, "ProtocolError")}
    ),
    "a verification with an expired token": Difference(
        "a response without a date is not judged by time",
        {0: ("AuthException 401, invalid token", SIGNED_IN)},
    ),
    "a verification with a forged token": Difference(
        "an invalid token is a TokenError",
        {0: ("InvalidSignatureError", "AuthException 401, invalid token")},
    ),
    "keys of another project": Difference(
        "an invalid token is a TokenError",
        {0: (_BAD_KEYS, "AuthException 401, invalid token")},
    ),
    **{
        name: Difference(_KEYS, {0: (_BAD_KEYS, "ProtocolError")})
        for name in ("no keys", "keys of another type", "a key set without keys", "keys in HTML")
    },
}


def results_of(package: Any, kind: Kind, name: str) -> list[tuple[str, Any]]:
    """The result of each call with a package."""
    make_calls, response = RESPONSES[name]
    with run_server() as server:
        server.script = [response()]
        options = {"project_id": "P2test", "base_url": server.url}
        with open_journey(package, kind, None, **options) as j:
            make_calls(j)
            return j.steps


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", RESPONSES)
def test_both_packages_read_responses_in_the_same_way(name: str, kind: Kind) -> None:
    compare(
        results_of(descope, kind, name),
        results_of(descope_ml, kind, name),
        DIFFERENCES.get(name),
    )


def test_every_intended_difference_belongs_to_a_response() -> None:
    assert set(DIFFERENCES) <= set(RESPONSES)
