"""How requests are written: the quick way, and the way for what it leaves out."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest

from descope_ml import _native
from descope_ml.documents import request_json


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


@pytest.mark.parametrize("document", PLAIN)
def test_plain_documents_are_written_as_python_writes_them(document: dict[str, Any]) -> None:
    """Members stay in their order, and every value reads back as it was."""
    written = _native.plain_json(document)
    assert written is not None
    assert json.loads(written) == document
    assert list(json.loads(written)) == list(document)
    assert written == request_json(document)


@pytest.mark.parametrize("document", OTHERS)
def test_what_is_not_plain_is_written_all_the_same(document: dict[str, Any]) -> None:
    """The quick way leaves it, and the other one gives the same values."""
    assert _native.plain_json(document) is None
    expected = {"a": {"b": 1}} if isinstance(document.get("a"), MappingProxyType) else document
    assert json.loads(request_json(document)) == json.loads(json.dumps(expected))


@pytest.mark.parametrize("document", [{1: "a"}, {"a": {None: 1}}, {"a": "\ud800"}])
def test_what_json_cannot_hold_is_left_to_the_other_way(document: dict[Any, Any]) -> None:
    """It has the messages for them."""
    assert _native.plain_json(document) is None
