"""The ABI of the library is the committed one, so that compiled programs keep working."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from support.abi import describe_abi
from support.artefacts import artefact, tool
from support.programs import ROOT

BASELINE = ROOT / "tests" / "abi" / "libdescope_ml.abi"


def abidiff(before: Path, after: Path) -> "subprocess.CompletedProcess[str]":
    """Runs `abidiff`. Its output is empty if the ABIs are equal."""
    command = [tool("abidiff"), str(before), str(after)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_abi_is_the_committed_one(tmp_path: Path) -> None:
    """With `DESCOPE_ML_UPDATE` set, the committed description is written first."""
    current = tmp_path / "current.abi"
    current.write_text(describe_abi(artefact("DESCOPE_ML_DEBUG_LIBRARY")))
    if os.environ.get("DESCOPE_ML_UPDATE"):
        BASELINE.write_text(current.read_text())
    done = abidiff(BASELINE, current)
    assert (done.returncode, done.stdout) == (0, ""), (
        "the ABI differs from tests/abi: run `make update-snapshots`, look at the difference"
        " and commit it only if it adds functions"
    )


def test_a_removed_function_and_a_changed_parameter_are_detected(tmp_path: Path) -> None:
    baseline = BASELINE.read_text()
    status = 'type-decl name="i32" size-in-bits="32"'
    assert status in baseline
    changed = tmp_path / "changed.abi"
    changed.write_text(baseline.replace(status, status.replace("32", "64")))
    assert "descope_status_name" in abidiff(BASELINE, changed).stdout

    lines = baseline.splitlines()
    fewer = [line for line in lines if 'elf-symbol name="descope_log_set"' not in line]
    assert len(fewer) == len(lines) - 1
    changed.write_text("\n".join(fewer))
    assert "descope_log_set" in abidiff(BASELINE, changed).stdout
