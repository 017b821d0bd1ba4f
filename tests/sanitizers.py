"""Tests of the sanitizers themselves: they report a known error. `make test` skips this file.

`make sanitize` runs it before the other test files. Those must produce no report; their programs,
drivers and library are all built for a sanitizer.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.programs import compile_program, run

REPORTS = {
    "address": [
        ("free", ["heap-use-after-free", "descope_queue_fd"]),
        ("leak", ["LeakSanitizer: detected memory leaks", "descope_client_new"]),
        ("overflow", ["runtime error: signed integer overflow"]),
    ],
    "thread": [("race", ["ThreadSanitizer: data race", "descope_ml::pointers::write_out"])],
}


@pytest.mark.parametrize(("error", "expected_report"), REPORTS[os.environ["DESCOPE_ML_SANITIZER"]])
def test_sanitizer_reports_the_error_and_the_function_of_the_library(
    error: str, expected_report: list[str], tmp_path: Path
) -> None:
    """Otherwise a sanitizer that detects nothing would look like a library without errors."""
    done = run([compile_program("c/sanitizer_self_test.c", tmp_path), error])
    assert done.returncode != 0
    assert all(text in done.stderr for text in expected_report), done.stderr
