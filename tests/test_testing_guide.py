"""The blocks of docs/python-testing.md are a test suite that passes."""

from __future__ import annotations

import re
from pathlib import Path

from support.programs import ROOT
from support.user_tests import assert_passed, run_user_tests

PAGE = ROOT / "docs" / "python-testing.md"

# A block that begins with the name of its file.
BLOCK = re.compile(
    r"^```(?:python|ini)\n# (?P<name>[\w.]+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)

FILES = {
    "pytest.ini",
    "test_books.py",
    "test_expiry.py",
    "test_send_link.py",
    "test_sign_in.py",
    "test_with_unittest.py",
    "test_without_network.py",
}


def test_the_suite_of_the_guide_passes(tmp_path: Path) -> None:
    page = PAGE.read_text()
    files = {match["name"]: match["code"] for match in BLOCK.finditer(page)}
    assert len(files) == page.count("```python") + page.count("```ini"), "a block without a name"
    assert set(files) == FILES
    tests = sum(len(re.findall(r"^ *def test_", code, re.M)) for code in files.values())
    assert_passed(run_user_tests(tmp_path, files), tests)
