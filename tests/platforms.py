"""Tests a platform, and writes the table of platforms. `make test-cross` calls it.

    platforms.py run TARGET --how TEXT [--cut] [--size-of FILE]
    platforms.py checked TARGET
    platforms.py table

`run` runs the examples and the case table with the drivers, compilers and runner of the environment
(`support/runner.py`), and writes build/platforms/TARGET.json. `checked` writes it for a platform
whose source was only checked. `table` writes the table in docs/platforms.md.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from support.faces import C_FACES, CPP_FACES
from support.platform_table import (
    DOCUMENT,
    SYSTEMS,
    PassedRows,
    Platform,
    read_results,
    table_rows,
    with_table,
    write_result,
)
from support.programs import ROOT
from support.runner import has_cpp, prepared_runner

# Many rows wait for a deadline of a call, so more processes than CPUs are of use.
_PROCESSES = 3


def run_tests(target: str, *, is_whole: bool) -> dict[str, bool]:
    """Runs the tests of a platform, and returns whether each has passed."""
    report = Path(os.environ["DESCOPE_ML_BUILD"]) / f"report-{target}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-rs", f"--junitxml={report}"]
    command += [f"--numprocesses={_PROCESSES}", "--dist=worksteal"]
    own = "tests/windows.py" if "windows" in target else "tests/static_program.py"
    tests = ["tests/test_examples.py", "tests/test_cases.py", own]
    cases = {} if is_whole else {"DESCOPE_ML_CASES": "cut"}
    with prepared_runner():
        subprocess.run([*command, *tests], cwd=ROOT, env={**os.environ, **cases}, check=False)
    results: dict[str, bool] = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        if case.find("skipped") is None:
            # A test that fails and then fails to clean up is there twice.
            name, passed = case.get("name", ""), case.find("failure") is case.find("error") is None
            results[name] = results.get(name, True) and passed
    return results


def passed_rows(tests: "dict[str, bool]") -> PassedRows:
    """Counts the rows that have passed through every face."""
    faces = "|".join(C_FACES + CPP_FACES)
    pattern = re.compile(rf"test_case\[(.+?)-({faces})\]")
    rows: dict[str, bool] = {}
    for name, passed in tests.items():
        if found := pattern.fullmatch(name):
            rows[found[1]] = rows.get(found[1], True) and passed
    return {"passed": sum(rows.values()), "of": len(rows)}


def all_passed(tests: "dict[str, bool]", prefix: str) -> bool:
    """Whether all tests of this name, one for each language, have passed. There must be some."""
    found = [passed for name, passed in tests.items() if name.startswith(prefix)]
    return found != [] and all(found)


def run(target: str, how: str, size_of: "Path | None", *, is_whole: bool) -> int:
    """Tests a platform and writes its result. Returns 1 after a failure."""
    os.environ["DESCOPE_ML_PLATFORM"] = target
    tests = run_tests(target, is_whole=is_whole)
    result: Platform = {
        "target": target,
        "builds": "yes",
        "http": all_passed(tests, "test_example_sends_a_valid_link["),
        "https": all_passed(tests, "test_example_sends_a_link_over_https["),
        "rows": passed_rows(tests),
        "languages": "C, C++" if has_cpp() else "C",
        "isWhole": is_whole,
        "how": how,
        "size": size_of.stat().st_size if size_of else None,
    }
    write_result(result)
    failed = [name for name, passed in tests.items() if not passed]
    print(f"{target}: {len(tests) - len(failed)} passed, {len(failed)} failed, {how}", flush=True)
    return 1 if failed or not tests else 0


def checked(target: str) -> int:
    """Writes the result of a platform whose source was only checked."""
    write_result(
        {
            "target": target,
            "builds": "type-checked",
            "http": None,
            "https": None,
            "rows": None,
            "languages": "",
            "isWhole": False,
            "how": "not run",
            "size": None,
        }
    )
    return 0


def write_table() -> int:
    """Writes the table from the results. A cut of the case table replaces no line."""
    document = DOCUMENT.read_text()
    known = table_rows(document)
    results = {
        target: result
        for target, result in read_results().items()
        if result["isWhole"] or result["rows"] is None or target not in known
    }
    DOCUMENT.write_text(with_table(document, results))
    print(f"{DOCUMENT}: {len(results)} of {len(SYSTEMS)} platforms")
    return 0


def main() -> int:
    """Does what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="test a platform")
    running.add_argument("target", choices=SYSTEMS)
    running.add_argument("--how", required=True, help="how it is run, for the table")
    running.add_argument("--cut", action="store_true", help="run a cut of the case table")
    running.add_argument("--size-of", type=Path, help="the library as it is released")
    commands.add_parser("checked", help="note a checked platform").add_argument(
        "target", choices=SYSTEMS
    )
    commands.add_parser("table", help="write the table")
    options = parser.parse_args()
    if options.command == "table":
        return write_table()
    if options.command == "checked":
        return checked(options.target)
    return run(options.target, options.how, options.size_of, is_whole=not options.cut)


if __name__ == "__main__":
    sys.exit(main())
