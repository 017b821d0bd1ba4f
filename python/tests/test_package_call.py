"""Module-level functions and `configure`: requests, responses and cached clients."""

from __future__ import annotations

import enum
import json
from collections import OrderedDict, UserDict
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

import descope_ml
from descope_ml import ArgumentError, ConfigError, LoginOptions, ProtocolError
from local_server import MASKED, LocalServer

PHONE = "+14155550123"


class Key(str, enum.Enum):
    """Keys may be of a subclass of `str`."""

    LOGIN_ID = "loginId"


@pytest.mark.parametrize(
    "request_",
    [
        {"loginId": PHONE},
        MappingProxyType({"loginId": PHONE}),
        OrderedDict(loginId=PHONE),
        UserDict(loginId=PHONE),
        {Key.LOGIN_ID: PHONE},
        json.dumps({"loginId": PHONE}),
    ],
)
def test_a_request_is_a_mapping_or_json_text(server: LocalServer, request_: Any) -> None:
    answer = descope_ml.magiclink_signin_sms(request_, project_id="P", base_url=server.url)
    assert answer == {"maskedPhone": MASKED}
    assert server.last.body == {"loginId": PHONE}


def test_the_whole_response_is_returned(server: LocalServer) -> None:
    server.respond_with(
        200, '{"maskedPhone": "x", "new": {"n": 12345678901234567890123, "ż": [null]}}'
    )
    answer = descope_ml.magiclink_signin_sms(
        {"loginId": PHONE}, project_id="P", base_url=server.url
    )
    assert answer == {"maskedPhone": "x", "new": {"n": 12345678901234567890123, "ż": [None]}}


@pytest.mark.parametrize("value", ["[" * 200_000 + "]" * 200_000, "9" * 5_000])
def test_a_response_that_python_cannot_decode_is_a_protocol_error(
    server: LocalServer, value: str
) -> None:
    server.respond_with(200, f'{{"maskedPhone": "x", "new": {value}}}')
    with pytest.raises(ProtocolError, match="may have processed") as caught:
        descope_ml.magiclink_signin_sms({"loginId": PHONE}, project_id="P", base_url=server.url)
    assert (caught.value.status, caught.value.outcome) == (13, "unknown")


def test_every_key_of_a_request_is_sent(server: LocalServer) -> None:
    request = {
        "loginId": PHONE,
        "loginOptions": LoginOptions(stepup=None, mfa=None, locale="pl"),
        "providerId": "V",
        "ssoAppId": "S",
        "useRecovery": True,
        "templateId": "T",
        "extra": {"new": [1.0, {"a": None}]},
        "projectId": "P2other",
        "refreshToken": "r",
        "timeoutMs": 9_000,
    }
    descope_ml.magiclink_signin_sms(request, project_id="P", base_url=server.url)
    assert server.last.headers["authorization"] == "Bearer P2other:r"
    assert server.last.body == {
        "loginId": PHONE,
        "loginOptions": {"locale": "pl"},
        "providerId": "V",
        "ssoAppId": "S",
        "useRecovery": True,
        "templateId": "T",
        "new": [1.0, {"a": None}],
    }


def _circular() -> dict[str, Any]:
    document: dict[str, Any] = {}
    document["loginOptions"] = document
    return document


def _deeply_nested() -> dict[str, Any]:
    document: dict[str, Any] = {}
    for _ in range(100_000):
        document = {"a": document}
    return document


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (None, "must be a mapping or its JSON text, not NoneType"),
        (b"{}", "must be a mapping or its JSON text, not bytes"),
        ([], "must be a mapping or its JSON text, not list"),
        (5, "must be a mapping or its JSON text, not int"),
        ("", "is empty"),
        ("[]", "must be a JSON object, not an array"),
        ("{", "is not valid JSON"),
        ("\ud800", "surrogate"),
        ({}, "`loginId` is required"),
        ({"loginID": "secret"}, "did you mean `loginId`"),
        ({"loginId": "secret", 1: 2}, "a key that is not a string"),
        ({"loginId": "secret", None: 2}, "a key that is not a string"),
        ({"loginId": "secret", (1, 2): 2}, "a key that is not a string"),
        ({"loginId": "secret", "extra": [{True: 2}]}, "a key that is not a string"),
        ({"loginId": "secret", "extra": UserDict({1.5: 2})}, "a key that is not a string"),
        ({"loginId": LoginOptions(custom_claims={1: 2})}, "a key that is not a string"),  # type: ignore[dict-item]
        ({"loginId": "secret\ud800"}, "surrogate"),
        ({"loginId": "secret", "\udcff": 1}, "surrogate"),
        ({"loginId": b"secret"}, "the type bytes"),
        ({"loginId": "secret", "extra": {"a": Decimal(1)}}, "the type Decimal"),
        ({"loginId": "secret", "extra": {"a": {1}}}, "the type set"),
        ({"loginId": "secret", "extra": {"a": object()}}, "the type object"),
        ({"loginId": "secret", "extra": {"a": float("nan")}}, "NaN"),
        ({"loginId": "secret", "extra": {"a": float("-inf")}}, "infinity"),
        (_circular(), "a circular reference"),
        (_deeply_nested(), "nested too deeply"),
    ],
)
def test_an_invalid_request_is_an_argument_error(
    server: LocalServer, request_: Any, message: str
) -> None:
    with pytest.raises(ArgumentError, match=message) as caught:
        descope_ml.magiclink_signin_sms(request_, project_id="P", base_url=server.url)
    error = caught.value
    assert (error.status, error.name) == (1, "DESCOPE_E_ARGUMENT")
    assert (error.status_code, error.error_type) == (400, "invalid argument")
    assert error.outcome == "not_sent"
    assert "secret" not in str(error) + repr(error)
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    assert not server.received


def test_big_numbers_are_sent_exactly_or_rejected(server: LocalServer) -> None:
    def send(number: int) -> None:
        request = {"loginId": PHONE, "extra": {"n": number}}
        descope_ml.magiclink_signin_sms(request, project_id="P", base_url=server.url)

    send(10**400)
    assert server.last.body["n"] == 10**400
    try:
        text = str(10**5000)
    except ValueError:  # Newer versions of Python do not convert such a number.
        with pytest.raises(ArgumentError, match="too many digits"):
            send(10**5000)
    else:
        send(10**5000)
        assert text in server.last.text


def test_calls_with_the_same_configuration_share_connections(server: LocalServer) -> None:
    request = {"loginId": PHONE}
    for _ in range(3):
        descope_ml.magiclink_signin_sms(request, project_id="P", base_url=server.url)
        descope_ml.magiclink_signin_sms(request, base_url=server.url, project_id="P", proxy=None)
    assert len({received.connection for received in server.received}) == 1


def test_more_configurations_than_the_cache_holds_work(server: LocalServer) -> None:
    for number in range(40):
        descope_ml.magiclink_signin_sms(
            {"loginId": PHONE}, project_id=f"P{number}", base_url=server.url
        )
        assert server.last.headers["x-descope-project-id"] == f"P{number}"


def test_without_configuration_the_default_client_is_used(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = {"loginId": PHONE}
    with pytest.raises(ConfigError, match="DESCOPE_PROJECT_ID") as caught:
        descope_ml.magiclink_signin_sms(request, base_url=None)
    assert caught.value.status_code == 400

    descope_ml.configure(project_id="P2configured", base_url=server.url)
    descope_ml.magiclink_signin_sms(request)
    assert server.last.headers["x-descope-project-id"] == "P2configured"

    monkeypatch.setenv("DESCOPE_PROJECT_ID", "P2environment")
    monkeypatch.setenv("DESCOPE_BASE_URL", server.url)
    descope_ml.magiclink_signin_sms(request)
    assert server.last.headers["x-descope-project-id"] == "P2configured"
    descope_ml.configure()
    descope_ml.magiclink_signin_sms(request)
    assert server.last.headers["x-descope-project-id"] == "P2environment"


def test_an_invalid_configuration_changes_nothing(server: LocalServer) -> None:
    descope_ml.configure(project_id="P2configured", base_url=server.url)
    with pytest.raises(ConfigError):
        descope_ml.configure(base_url="ftp://x")
    descope_ml.magiclink_signin_sms({"loginId": PHONE})
    assert server.last.headers["x-descope-project-id"] == "P2configured"
