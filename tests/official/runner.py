"""Installs the official packages from their lock files, and runs the journey program of each."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from support.artefacts import artefact, tool
from support.emulator import run_emulator
from support.programs import build, run

FOLDER = Path(__file__).resolve().parent


def _copy(name: str) -> Path:
    """Copies a folder to the build directory, for installing and building there."""
    folder = artefact("DESCOPE_ML_BUILD") / "official" / name
    shutil.copytree(FOLDER / name, folder, dirs_exist_ok=True)
    return folder


def _python(kind: str) -> list[str]:
    return [sys.executable, str(FOLDER / "python" / "journey.py"), kind]


def _node() -> list[str]:
    node, npm = tool("node"), tool("npm")
    folder = _copy("node")
    build([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
    return [node, str(folder / "journey.mjs")]


def _java() -> list[str]:
    java, maven = tool("java"), tool("mvn")
    tool("javac")
    folder = _copy("java")
    build([maven, "--batch-mode", "--quiet", "process-classes"], folder)
    target = folder / "target"
    return [java, "-cp", f"{target / 'classes'}:{target / 'dependency' / '*'}", "Journey"]


def _command(package: str) -> Sequence[str]:
    if package == "node":
        return _node()
    if package == "java":
        return _java()
    return _python("async" if package == "python-async" else "sync")


def run_journey(package: str) -> dict[str, Any]:
    """Runs the journey with an official package.

    Args:
        package: `python`, `python-async`, `node` or `java`.

    Returns:
        The report of the program, with `projectId` and `baseUrl` of its emulator.
    """
    command = _command(package)
    with run_emulator("--seed", str(FOLDER / "users.json")) as emulator:
        done = run(
            command,
            {
                **emulator.environment(),
                "DESCOPE_MANAGEMENT_KEY": emulator.management_key,
                "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            },
        )
        if done.returncode != 0:
            pytest.fail(f"{package}: {done.stdout}{done.stderr}", pytrace=False)
        report: dict[str, Any] = json.loads(done.stdout)
    failed = {step: problem for step, problem in report.items() if step.startswith("failed: ")}
    if failed:
        pytest.fail(f"{package}: {failed}", pytrace=False)
    return {**report, "projectId": emulator.project_id, "baseUrl": emulator.base_url}
