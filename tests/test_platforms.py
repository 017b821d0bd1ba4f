"""The table of platforms has the shape of the results, and a runner runs the drivers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import platforms
from support.faces import Call, open_face
from support.platform_table import (
    DOCUMENT,
    SYSTEMS,
    Platform,
    read_results,
    table_row,
    table_rows,
    with_table,
)

RESULT: Platform = {
    "target": "s390x-unknown-linux-gnu",
    "builds": "yes",
    "http": True,
    "https": True,
    "rows": {"passed": 1063, "of": 1064},
    "languages": "C, C++",
    "isWhole": True,
    "how": "qemu-user 7.2",
    "size": 2491296,
}
LINE = (
    "| Linux, IBM Z (big-endian) | `s390x-unknown-linux-gnu` | yes | yes | yes"
    " | 1,063 of 1,064 rows | C, C++, qemu-user 7.2 | 2,491,296 |"
)


def test_the_committed_table_has_a_line_with_all_cells_for_known_platforms() -> None:
    rows = table_rows(DOCUMENT.read_text())
    assert [target for target in SYSTEMS if target in rows] == list(rows)
    for target, line in rows.items():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[:2] == [SYSTEMS[target], f"`{target}`"]
        assert cells[2] in {"yes", "type-checked", "no"}
        assert set(cells[3:5]) <= {"yes", "no", "not run"}
        assert len(cells) == 8


def test_a_new_result_replaces_the_line_of_its_platform_and_no_other() -> None:
    assert table_row(RESULT) == LINE
    document = with_table(DOCUMENT.read_text(), {"s390x-unknown-linux-gnu": RESULT})
    assert LINE in document.splitlines()
    before, after = table_rows(DOCUMENT.read_text()), table_rows(document)
    assert {**before, "s390x-unknown-linux-gnu": LINE} == after
    assert with_table(document, {}) == document


def test_a_result_with_an_unknown_key_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "s390x-unknown-linux-gnu.json"
    path.write_text(json.dumps(RESULT))
    assert read_results(tmp_path) == {"s390x-unknown-linux-gnu": RESULT}
    path.write_text(json.dumps({**RESULT, "ran": True}))
    with pytest.raises(AssertionError, match="unknown key 'ran'"):
        read_results(tmp_path)


def test_a_row_counts_as_passed_if_every_face_has_passed_it() -> None:
    tests = {
        "test_case[a-row-c]": True,
        "test_case[a-row-c-queue]": False,
        "test_case[another-row-c-named]": True,
        "test_case[another-row-cpp]": True,
        "test_example_sends_a_valid_link[c]": True,
    }
    assert platforms.passed_rows(tests) == {"passed": 1, "of": 2}
    assert platforms.all_passed(tests, "test_example_sends_a_valid_link[")
    assert not platforms.all_passed(tests, "test_example_sends_a_link_over_https[")


def test_a_runner_starts_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner is a command with arguments. This one sets what the driver then reads."""
    monkeypatch.setenv("DESCOPE_ML_RUNNER", "env DESCOPE_PROJECT_ID=bad/project")
    driver = open_face("c")
    result = driver.execute(Call({}, '{"loginId":"+14155550123"}', None))
    driver.close()
    assert result.status == 2, result.document
    assert "DESCOPE_PROJECT_ID" in result.document["error"]["message"]
