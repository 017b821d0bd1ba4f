"""The npm package of the emulator, installed as users install it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from support.artefacts import artefact, tool
from support.programs import TIMEOUT_SECONDS


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of a user that has installed the package."""
    folder = tmp_path_factory.mktemp("project")
    (package,) = artefact("DESCOPE_ML_PACKAGES").glob("descope-ml-emulator-*.tgz")
    (folder / "package.json").write_text("{}")
    run([tool("npm"), "install", "--offline", "--no-audit", str(package.absolute())], folder)
    return folder


def run(command: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """Runs a program that must succeed."""
    done = start_and_wait(command, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def start_and_wait(command: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """Runs a program to its end."""
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )


def installed(project: Path) -> str:
    """The path of the installed command."""
    return str(project / "node_modules" / ".bin" / "descope-ml-emulator")


def test_npx_runs_it(project: Path) -> None:
    command = [tool("npx"), "--offline", "descope-ml-emulator", "--version"]
    version = json.loads(
        (project / "node_modules" / "descope-ml-emulator" / "package.json").read_text()
    )["version"]
    assert run(command, project).stdout == f"descope-ml-emulator {version}\n"


@pytest.mark.parametrize("end", ["signal", "stdin"])
def test_it_runs_until_a_signal_or_the_end_of_stdin(project: Path, end: str) -> None:
    command = [installed(project), "--port", "0", "--exit-with-stdin"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert json.loads(process.stdout.readline())["ready"]
        if end == "signal":
            os.kill(process.pid, signal.SIGTERM)
        else:
            process.stdin.close()
        assert process.wait(TIMEOUT_SECONDS) == 0


def test_the_status_of_the_program_is_passed_on(project: Path) -> None:
    done = start_and_wait([installed(project), "--no-such-flag"], project)
    assert done.returncode == 2
    assert "unexpected argument '--no-such-flag'" in done.stderr


def test_tests_in_javascript_find_the_program(project: Path) -> None:
    code = 'console.log(require("descope-ml-emulator").findEmulator())'
    program = run([tool("node"), "-e", code], project).stdout.strip()
    assert run([program, "--version"], project).stdout.startswith("descope-ml-emulator ")


def test_another_platform_is_refused_with_the_reason(project: Path) -> None:
    """Node.js is told that it runs there."""
    code = 'Object.defineProperty(process, "arch", {value: "mips"})'
    command = [tool("node"), "-r", "./mips.js", installed(project)]
    (project / "mips.js").write_text(code)
    done = start_and_wait(command, project)
    assert done.returncode == 1
    code = 'require("descope-ml-emulator").platform()'
    here = run([tool("node"), "-p", code], project).stdout.strip()
    assert done.stderr == (
        f"descope-ml-emulator: this package has no program for linux-mips, only for {here}: "
        "build it from the source with `cargo install --path emulator`\n"
    )
