"""JSON: the native fast path, and the Python codec for everything else."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest

from descope_ml import _native
from descope_ml.errors import ArgumentError, ProtocolError
from descope_ml.handles import Client
from descope_ml.json_codec import load_response
from local_server import LocalServer

SIGN_IN = "magiclink/signin/sms"


class StrSubclass(str):
    """A subclass of `str`."""


DEEP: Any = []
for _ in range(40):
    DEEP = [DEEP]

FAST: list[dict[str, Any]] = [
    {},
    {"": "", "a": None, "b": True, "c": False},
    {"quoted": 'a "b" \\ / \b\f\n\r\t\x00\x1f\x7f', "wide": "żółć 😀 \u2028"},
    {"numbers": [0, -1, 2**63 - 1, -(2**63)]},
    {"nested": {"list": [[], {}, [1, "x", None]], "more": {"a": {"b": {}}}}},
]
SLOW: list[dict[str, Any]] = [
    {"a": 1.5},
    {"a": 2**63},
    {"a": (1, 2)},
    {"a": StrSubclass("x")},
    {"a": MappingProxyType({"b": 1})},
    {"a": DEEP},
    {StrSubclass("a"): 1},
]


def _sent(server: LocalServer, claims: Any) -> Any:
    """The claims as the server receives them."""
    native = Client(json.dumps({"projectId": "P2test", "baseUrl": server.url}))
    native.call(SIGN_IN, {"loginId": "+14155550123", "loginOptions": {"customClaims": claims}})
    return server.received[-1].body["loginOptions"]["customClaims"]


@pytest.mark.parametrize("document", FAST)
def test_the_fast_path_encodes_as_json_dumps_does(
    document: dict[str, Any], server: LocalServer
) -> None:
    """Members keep their order, and every value is decoded unchanged, on both paths."""
    assert repr(_sent(server, document)) == repr(document)
    assert repr(_sent(server, MappingProxyType(document))) == repr(document)


@pytest.mark.parametrize("document", SLOW)
def test_values_outside_the_fast_path_are_encoded_by_the_codec(
    document: dict[str, Any], server: LocalServer
) -> None:
    expected = {"a": {"b": 1}} if isinstance(document.get("a"), MappingProxyType) else document
    assert _sent(server, document) == json.loads(json.dumps(expected))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({1: "a"}, "a key that is not a string"),
        ({"a": {None: 1}}, "a key that is not a string"),
        ({"a": "\ud800"}, "surrogate"),
        ({"a": {"x"}}, "the type set"),
        ({"a": float("nan")}, "NaN"),
    ],
)
def test_values_without_a_json_form_are_rejected(
    document: dict[Any, Any], message: str, server: LocalServer
) -> None:
    with pytest.raises(ArgumentError, match=message):
        _sent(server, document)
    assert not server.received


@pytest.mark.parametrize("document", FAST)
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("indent", [None, 2])
def test_the_fast_path_decodes_as_json_loads_does(
    document: dict[str, Any], ascii_only: bool, indent: int | None
) -> None:
    """Values, types and order, for any way to write the text."""
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    padded = f" {text} "
    for value in (
        _native.fast_json_loads(text),
        _native.fast_json_loads(padded),
        load_response(text),
    ):
        assert repr(value) == repr(document)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 18446744073709551615}',
        '{"a": 1, "b": 2, "a": 3}',
        '{"a": "\\ud83d\\ude00\\/\\u0000"}',
        '["a", {"b": [[]]}]',
        '"text"',
        "7",
        "true",
    ],
)
def test_the_fast_path_decodes_any_kind_of_value(text: str) -> None:
    assert repr(_native.fast_json_loads(text)) == repr(json.loads(text))


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1.5}',
        '{"a": 1e3}',
        '{"a": -0}',
        '{"a": 18446744073709551616}',
        '{"a": -9223372036854775809}',
        '{"a": NaN}',
        '{"a": "\\ud800"}',
        f'{{"a": {"[" * 40}{"]" * 40}}}',
    ],
)
def test_text_outside_the_fast_path_is_decoded_by_the_codec(text: str) -> None:
    """The fast path returns None, and the codec returns the values of `json.loads`."""
    assert _native.fast_json_loads(text) is None
    assert repr(load_response(text)) == repr(json.loads(text))


@pytest.mark.parametrize("text", ["null", "", "{", "{} {}", "nul", '{"a": "\n"}', '"\ud800"'])
def test_the_fast_path_returns_none_for_invalid_json(text: str) -> None:
    """The codec has the error messages."""
    assert _native.fast_json_loads(text) is None


def test_a_response_that_python_cannot_decode_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError, match="cannot decode the response in Python"):
        load_response('{"a": ' * 100_000)


# An operation that needs no network and whose response shows the request.
MATCH = "session/match_roles"
ROLES = {"claims": {"roles": ["a", "b"]}, "roles": ["b", "c"]}
MATCHED = {"matched": ["b"], "all": False}


@pytest.fixture(scope="module")
def native() -> Client:
    """A client without a server."""
    return Client('{"projectId": "P2test", "baseUrl": "http://127.0.0.1:9"}')


@pytest.mark.parametrize(
    "request_of",
    [dict, json.dumps, MappingProxyType, lambda roles: StrSubclass(json.dumps(roles))],
)
@pytest.mark.parametrize("skip_none", [False, True])
def test_a_request_may_be_any_mapping_or_json_text(
    request_of: Any, skip_none: bool, native: Client
) -> None:
    """Dictionaries take the fast path, other mappings the codec."""
    assert native.call(MATCH, request_of(ROLES), skip_none=skip_none) == MATCHED


@pytest.mark.parametrize(
    "members",
    [{"tenant": None, **ROLES}, {**ROLES, "tenant": None}, {"tenant": None, "x": None, **ROLES}],
)
def test_skip_none_leaves_out_members_that_are_none(
    members: dict[str, Any], native: Client
) -> None:
    """The first, the last, and several."""
    assert native.call(MATCH, members, skip_none=True) == MATCHED


def test_an_unknown_name_is_rejected_even_if_it_is_none(native: Client) -> None:
    """So a typo is found early."""
    with pytest.raises(ArgumentError, match="roels"):
        native.call(MATCH, {**ROLES, "roels": None})


def test_skip_none_keeps_none_in_nested_values(native: Client) -> None:
    """Only members of the request itself are left out."""
    claims = {"tenants": {"T1": None}, "roles": None}
    with pytest.raises(ArgumentError, match="roles"):
        native.call(MATCH, {"claims": claims, "roles": [None]}, skip_none=True)


@pytest.mark.parametrize("request_", [None, 7, [], b"{}", {"roles": "\ud800"}, {1: "a"}, "\ud800"])
def test_an_invalid_request_is_an_argument_error(request_: Any, native: Client) -> None:
    with pytest.raises(ArgumentError):
        native.call(MATCH, request_, skip_none=True)
