"""The blocks of "Testing your application" in docs/python.md are a test suite that passes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from support.artefacts import artefact

PAGE = Path(__file__).parents[1] / "docs" / "python.md"

# A block that begins with the name of its file.
BLOCK = re.compile(r"^```python\n# (?P<name>\w+\.py)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)

TESTS = ["test_sign_in.py", "test_send_link.py", "test_books.py", "test_expiry.py"]


def blocks() -> dict[str, str]:
    """The code of the section, by the names of its files."""
    _, _, rest = PAGE.read_text().partition("\n## Testing your application\n")
    section, _, _ = rest.partition("\n## ")
    found = {match["name"]: match["code"] for match in BLOCK.finditer(section)}
    assert len(found) == section.count("```python"), "a block without the name of its file"
    return found


def test_the_suite_of_the_guide_passes(tmp_path: Path) -> None:
    files = blocks()
    assert {"conftest.py", *TESTS} == set(files)
    for name, code in files.items():
        (tmp_path / name).write_text(code)
    emulator = artefact("DESCOPE_ML_EMULATOR").absolute()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DESCOPE_")},
        "PATH": os.pathsep.join([str(emulator.parent), os.environ.get("PATH", os.defpath)]),
        "NO_PROXY": "127.0.0.1",
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=.", "."]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    tests = sum(code.count("\ndef test_") for code in files.values())
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{tests} passed" in done.stdout
