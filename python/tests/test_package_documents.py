"""How requests are written and answers are read: the quick way, and the way for what it leaves."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest

from descope_ml import _native
from descope_ml.documents import answer_from
from descope_ml.errors import ArgumentError, ProtocolError
from local_server import LocalServer

SIGN_IN = "magiclink/signin/sms"


class Text(str):
    """A text of somebody's own."""


DEEP: Any = []
for _ in range(40):
    DEEP = [DEEP]

PLAIN: list[dict[str, Any]] = [
    {},
    {"": "", "a": None, "b": True, "c": False},
    {"quoted": 'a "b" \\ / \b\f\n\r\t\x00\x1f\x7f', "wide": "żółć 😀 \u2028"},
    {"numbers": [0, -1, 2**63 - 1, -(2**63)]},
    {"nested": {"list": [[], {}, [1, "x", None]], "more": {"a": {"b": {}}}}},
]
OTHERS: list[dict[str, Any]] = [
    {"a": 1.5},
    {"a": 2**63},
    {"a": (1, 2)},
    {"a": Text("x")},
    {"a": MappingProxyType({"b": 1})},
    {"a": DEEP},
    {Text("a"): 1},
]


def _sent(server: LocalServer, claims: Any) -> Any:
    """What comes in of a member that may be anything."""
    native = _native.Client(json.dumps({"projectId": "P2test", "baseUrl": server.url}))
    native.call(SIGN_IN, {"loginId": "+14155550123", "loginOptions": {"customClaims": claims}})
    return server.received[-1].body["loginOptions"]["customClaims"]


@pytest.mark.parametrize("document", PLAIN)
def test_plain_documents_are_written_as_python_writes_them(
    document: dict[str, Any], server: LocalServer
) -> None:
    """Members stay in their order, and every value reads back as it was, whichever way it went."""
    assert repr(_sent(server, document)) == repr(document)
    assert repr(_sent(server, MappingProxyType(document))) == repr(document)


@pytest.mark.parametrize("document", OTHERS)
def test_what_is_not_plain_is_written_all_the_same(
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
def test_what_json_cannot_hold_is_refused(
    document: dict[Any, Any], message: str, server: LocalServer
) -> None:
    with pytest.raises(ArgumentError, match=message):
        _sent(server, document)
    assert not server.received


@pytest.mark.parametrize("document", PLAIN)
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("indent", [None, 2])
def test_plain_answers_are_read_as_python_reads_them(
    document: dict[str, Any], ascii_only: bool, indent: int | None
) -> None:
    """Values, types and order, whichever way the text is written."""
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    for read in (_native.plain_value(text), _native.plain_value(f" {text} "), answer_from(text)):
        assert repr(read) == repr(document)


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
def test_other_texts_are_read_as_python_reads_them(text: str) -> None:
    assert repr(_native.plain_value(text)) == repr(json.loads(text))


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
def test_what_is_not_plain_is_read_all_the_same(text: str) -> None:
    """The quick way leaves it, and the other one gives the same values."""
    assert _native.plain_value(text) is None
    assert repr(_native.answer(text)) == repr(json.loads(text))


@pytest.mark.parametrize("text", ["null", "", "{", "{} {}", "nul", '{"a": "\n"}', '"\ud800"'])
def test_what_is_no_value_is_left_to_the_other_way(text: str) -> None:
    """It has the messages for them."""
    assert _native.plain_value(text) is None


def test_what_python_cannot_hold_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError, match="Python cannot hold the answer"):
        _native.answer('{"a": ' * 100_000)


# An operation that takes no network, and shows in its answer what came through.
MATCH = "session/match_roles"
ROLES = {"claims": {"roles": ["a", "b"]}, "roles": ["b", "c"]}
MATCHED = {"matched": ["b"], "all": False}


@pytest.fixture(scope="module")
def native() -> _native.Client:
    """A client, for which nobody needs to listen."""
    return _native.Client('{"projectId": "P2test", "baseUrl": "http://127.0.0.1:9"}')


@pytest.mark.parametrize(
    "request_of",
    [dict, json.dumps, MappingProxyType, lambda roles: Text(json.dumps(roles))],
)
@pytest.mark.parametrize("leave_out_none", [False, True])
def test_a_request_may_be_any_mapping_or_its_text(
    request_of: Any, leave_out_none: bool, native: _native.Client
) -> None:
    """Plain dictionaries are written natively, other mappings by Python."""
    assert native.call(MATCH, request_of(ROLES), leave_out_none) == MATCHED


@pytest.mark.parametrize(
    "members",
    [{"tenant": None, **ROLES}, {**ROLES, "tenant": None}, {"tenant": None, "x": None, **ROLES}],
)
def test_members_that_are_none_are_left_out_where_that_is_asked_for(
    members: dict[str, Any], native: _native.Client
) -> None:
    """The first, the last, and several."""
    assert native.call(MATCH, members, leave_out_none=True) == MATCHED


def test_a_name_that_is_not_known_is_refused_even_where_it_is_none(native: _native.Client) -> None:
    """So that a slip of the pen is found before it matters."""
    with pytest.raises(ArgumentError, match="roels"):
        native.call(MATCH, {**ROLES, "roels": None})


def test_none_inside_a_member_stays(native: _native.Client) -> None:
    """Only the request's own members are left out."""
    claims = {"tenants": {"T1": None}, "roles": None}
    with pytest.raises(ArgumentError, match="roles"):
        native.call(MATCH, {"claims": claims, "roles": [None]}, leave_out_none=True)


@pytest.mark.parametrize("request_", [None, 7, [], b"{}", {"roles": "\ud800"}, {1: "a"}, "\ud800"])
def test_what_cannot_be_a_request_is_an_argument_error(
    request_: Any, native: _native.Client
) -> None:
    with pytest.raises(ArgumentError):
        native.call(MATCH, request_, leave_out_none=True)
