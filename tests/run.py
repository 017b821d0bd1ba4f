"""Runs the tests of all languages and prints the totals. `make test` calls it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from support.secret_leaks import find_secrets

# The number of processes that run the tests in Python.
_PROCESSES = 3

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Totals:
    """The numbers of passed, failed and skipped tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Totals) -> Totals:
        """Adds the numbers of two runs."""
        return Totals(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )

    def __str__(self) -> str:
        """The numbers as one line."""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def clean_environment() -> dict[str, str]:
    """The environment without the variables that configure the library."""
    configures = re.compile(
        r"DESCOPE_(?!ML_)|SSL_CERT_|REQUESTS_CA_BUNDLE|(?:https?|all|no)_proxy", re.I
    )
    return {key: value for key, value in os.environ.items() if not configures.match(key)}


def rust_tests() -> Totals:
    """Runs the Rust tests of the workspace, except the Python module: it only links into Python."""
    command = [os.environ.get("CARGO", "cargo"), "test", "--workspace", "--exclude"]
    command += ["descope-ml-python"]
    # The build may need the environment (a proxy, a CA file). The tests run without it.
    if subprocess.run([*command, "--no-run", "--quiet"], cwd=ROOT, check=False).returncode != 0:
        return Totals(failed=1)
    # The output of the tests is searched for secrets that the tests have planted.
    command += ["--no-fail-fast", "--", "--nocapture"]
    totals = Totals()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as cargo:
        assert cargo.stdout is not None
        for line in cargo.stdout:
            sys.stdout.write(line)
            if find_secrets(line):
                print("FAILED: the line above contains a planted secret")
                totals += Totals(failed=1)
            result = re.match(r"test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored", line)
            if result:
                totals += Totals(*(int(count) for count in result.groups()))
    if cargo.returncode != 0 and totals.failed == 0:
        totals.failed = 1  # A test program crashed.
    return totals


def python_tests() -> Totals:
    """Runs the tests with pytest: the case table through all faces, C, C++ and Python."""
    report = Path(os.environ["DESCOPE_ML_BUILD"]) / "report.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-rs", f"--junitxml={report}"]
    # Many tests wait for a deadline of a call, so more processes than CPUs are of use.
    command += [f"--numprocesses={_PROCESSES}", "--dist=worksteal"]
    status = subprocess.run([*command, "tests", "python/tests"], cwd=ROOT, check=False).returncode
    totals = Totals()
    if report.exists():
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):
            count = {
                key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")
            }
            failed = count["failures"] + count["errors"]
            totals += Totals(count["tests"] - failed - count["skipped"], failed, count["skipped"])
    if status != 0 and totals.failed == 0:
        totals.failed = 1  # The collection failed, or pytest crashed.
    return totals


def main() -> int:
    """Runs all tests and prints the totals. Returns 1 after a failure or, in CI, a skip."""
    rust = rust_tests()
    python = python_tests()
    totals = rust + python
    print(f"\nRust: {rust}\nC, C++, Python and the case table: {python}\n")
    print(totals, flush=True)
    in_ci = os.environ.get("CI") == "true"
    return 1 if totals.failed or (in_ci and totals.skipped) else 0


if __name__ == "__main__":
    sys.exit(main())
