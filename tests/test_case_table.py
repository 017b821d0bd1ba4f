"""The rows of the case table are checked when they are loaded."""

from __future__ import annotations

from typing import Any

import pytest

from support.case_cut import choose_rows
from support.case_table import Row, build_call, expected_results, load_rows
from support.typed_json import problems

VALID: dict[str, Any] = {"name": "a_row", "wire": 1, "result": {"status": 0}}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, None),
        ({"wire": [{"method": "GET"}], "server": [{"status": 503, "trickle": 1}]}, None),
        ({"serve": []}, "row has the unknown key 'serve'"),
        ({"server": [{"statsu": 503}]}, "row.server[0] has the unknown key 'statsu'"),
        ({"server": [{"then": "stay"}]}, "row.server[0].then is 'stay'; allowed are 'keep', "),
        ({"calls": "2"}, "row.calls is '2', which has the wrong type"),
        ({"wire": "1"}, "row.wire is '1', which has the wrong type"),
        ({"wire": True}, "row.wire is True, which has the wrong type"),
        ({"proxy": "open"}, "row.proxy must be a list"),
        ({"result": {}}, "row.result lacks the key 'status'"),
        ({"result": {"status": 1, "error": {"outcome": "lost"}}}, "row.result.error.outcome is"),
    ],
)
def test_wrong_key_or_value_of_a_row_is_reported(change: Any, problem: Any) -> None:
    found = problems({**VALID, **change}, Row, "row")
    assert [text[: len(problem)] for text in found] == [problem] if problem else found == []


def test_the_cut_has_each_status_outcome_and_operation_in_few_rows() -> None:
    rows = load_rows()
    chosen = choose_rows(rows)
    assert len(chosen) < len(rows) / 5
    assert shown_by(chosen) == shown_by(rows)


def shown_by(rows: "list[Row]") -> set[tuple[Any, ...]]:
    """The pairs of status and outcome of rows, their operations, and what they need."""
    results = [result for row in rows for result in expected_results(row)]
    shown: set[tuple[Any, ...]] = {
        (result["status"], result.get("error", {}).get("outcome")) for result in results
    }
    shown |= {(build_call(row).operation,) for row in rows}
    shown |= {("tls", row.get("tls")) for row in rows}
    return shown | {("key", key) for row in rows for key in row}
