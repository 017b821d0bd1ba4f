"""That the sanitizers of `make sanitize` see what they are there for; `make test` leaves this out.

What they must not see is in the other files: `make sanitize` runs those with programs, drivers and
a library that are all built for a sanitizer.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.programs import compiled, run

REPORTS = {
    "address": [
        ("free", ["heap-use-after-free", "descope_client_call"]),
        ("leak", ["LeakSanitizer: detected memory leaks", "descope_client_new"]),
        ("overflow", ["runtime error: signed integer overflow"]),
    ],
    "thread": [("race", ["ThreadSanitizer: data race", "descope_ml::boundary::put"])],
}


@pytest.mark.parametrize(("misuse", "reported"), REPORTS[os.environ["DESCOPE_ML_SANITIZER"]])
def test_misuse_is_reported_with_where_in_the_library_it_happened(
    misuse: str, reported: list[str], tmp_path: Path
) -> None:
    """Without this, a set-up that sees nothing would look like a library without a fault."""
    done = run([compiled("c/sanitizer_self_test.c", tmp_path), misuse])
    assert done.returncode != 0
    assert all(text in done.stderr for text in reported), done.stderr
