"""The ABI that programs were compiled against: it changes only together with its description."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from support.abi import described
from support.artefacts import artefact, tool
from support.programs import ROOT

BASELINE = ROOT / "tests" / "abi" / "libdescope_ml.abi"


def compared(before: Path, after: Path) -> "subprocess.CompletedProcess[str]":
    """What `abidiff` says."""
    command = [tool("abidiff"), str(before), str(after)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_abi_is_the_committed_one(tmp_path: Path) -> None:
    """With `DESCOPE_ML_BLESS` set, the description is written anew instead."""
    now = tmp_path / "now.abi"
    now.write_text(described(artefact("DESCOPE_ML_DEBUG_LIBRARY")))
    if os.environ.get("DESCOPE_ML_BLESS"):
        BASELINE.write_text(now.read_text())
    done = compared(BASELINE, now)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_change_of_the_abi_is_noticed(tmp_path: Path) -> None:
    """A function less, and a parameter of another size."""
    baseline = BASELINE.read_text()
    status = 'type-decl name="i32" size-in-bits="32"'
    assert status in baseline
    changed = tmp_path / "changed.abi"
    changed.write_text(baseline.replace(status, status.replace("32", "64")))
    assert "descope_status_name" in compared(BASELINE, changed).stdout

    lines = baseline.splitlines()
    fewer = [line for line in lines if 'elf-symbol name="descope_log_set"' not in line]
    assert len(fewer) == len(lines) - 1
    changed.write_text("\n".join(fewer))
    assert "descope_log_set" in compared(BASELINE, changed).stdout
