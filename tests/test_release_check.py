"""`make release-check` says what is missing for a release, in copies of this source tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.artefacts import tool
from support.programs import ROOT, TIMEOUT_SECONDS

# The files that it reads.
FILES = [
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "emulator/npm/package.json",
    "emulator/pyproject.toml",
    "include/descope_ml.h",
    "python/pyproject.toml",
    "tests/abi/symbols.txt",
]
CHANGELOG = """# Changelog

## [Unreleased]

## [{version}] - 2026-01-31

### Added

- Something new.

## [0.0.1] - 2025-12-24

- The first release.
"""


class Tree:
    """A repository with the files that are checked, complete for a release of 1.2.0."""

    def __init__(self, root: Path) -> None:
        """Commits the files of this source tree, with another version."""
        self.root = root
        current = check(ROOT, "--version").stdout.strip()
        for file in FILES:
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, root / file)
            self.replace(file, current, "1.2.0")
        (root / "CHANGELOG.md").write_text(CHANGELOG.format(version="1.2.0"))
        self.git("init", "--quiet")
        self.commit()

    def replace(self, file: str, old: str, new: str) -> None:
        """Replaces a text in a file."""
        path = self.root / file
        path.write_text(path.read_text().replace(old, new))

    def git(self, *arguments: str) -> None:
        """Runs git, without the settings of this machine."""
        identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.com"]
        command = [tool("git"), "-C", str(self.root), *identity, *arguments]
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null"}
        subprocess.run(command, env=environment, capture_output=True, check=True)

    def commit(self) -> None:
        """Commits all files."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Change the version")

    def release(self, version: str, symbols: str) -> None:
        """Makes a release of the library with these functions, then goes on with 1.2.0."""
        path = self.root / "tests" / "abi" / "symbols.txt"
        current = path.read_text()
        path.write_text(symbols)
        self.commit()
        self.git("tag", f"v{version}")
        path.write_text(current)
        self.commit()

    def missing(self, *arguments: str) -> list[str]:
        """What is missing."""
        done = check(self.root, *arguments)
        lines = done.stdout.splitlines()
        assert done.stderr == ""
        found = [line[len("missing: ") :] for line in lines if line.startswith("missing: ")]
        assert done.returncode == (1 if found else 0)
        assert found or "1.2.0 is complete" in done.stdout
        return found


def check(root: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs the check on a source tree."""
    command = [sys.executable, str(ROOT / "packaging" / "release_check.py"), "--root", str(root)]
    return subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A source tree that is complete."""
    return Tree(tmp_path)


def functions(tree: Tree) -> str:
    """The functions that the library of a tree exports."""
    return (tree.root / "tests" / "abi" / "symbols.txt").read_text()


def test_complete_tree_misses_nothing(tree: Tree) -> None:
    assert tree.missing() == []
    assert check(tree.root).stdout == "1.2.0 is complete: tag it v1.2.0\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "python/pyproject.toml",
            "descope-ml-emulator==1.2.0",
            "descope-ml-emulator==1.1.0",
            "python/pyproject.toml says 1.1.0, and Cargo.toml 1.2.0",
        ),
        (
            "include/descope_ml.h",
            'HEADER_VERSION "1.2.0"',
            'HEADER_VERSION "1.1.9"',
            "include/descope_ml.h says 1.1.9, and Cargo.toml 1.2.0",
        ),
        (
            "Cargo.lock",
            'name = "descope-ml-core"\nversion = "1.2.0"',
            'name = "descope-ml-core"\nversion = "1.1.0"',
            "Cargo.lock says 1.1.0, and Cargo.toml 1.2.0",
        ),
        (
            "emulator/npm/package.json",
            '"0.0.0"',
            '"1.2.0"',
            "emulator/npm/package.json has a version of its own: `make npm-package` sets it",
        ),
        (
            "emulator/pyproject.toml",
            'dynamic = ["version"]',
            'version = "1.2.0"',
            'emulator/pyproject.toml has a version of its own: write `dynamic = ["version"]`',
        ),
        (
            "CHANGELOG.md",
            "[1.2.0] - 2026-01-31",
            "[1.2.0]",
            "CHANGELOG.md has no heading `## [1.2.0] - YYYY-MM-DD`",
        ),
        (
            "CHANGELOG.md",
            "### Added\n\n- Something new.\n",
            "",
            "CHANGELOG.md says nothing about 1.2.0",
        ),
        (
            "CHANGELOG.md",
            "## [Unreleased]\n",
            "## [Unreleased]\n\n- Forgotten.\n",
            "CHANGELOG.md has entries under [Unreleased]",
        ),
    ],
)
def test_what_does_not_fit_is_named(
    tree: Tree, file: str, old: str, new: str, message: str
) -> None:
    tree.replace(file, old, new)
    tree.commit()
    assert tree.missing() == [message]


def test_uncommitted_files_are_refused(tree: Tree) -> None:
    (tree.root / "new.txt").write_text("new")
    assert tree.missing() == ["files are not committed: `git status` lists them"]


def test_version_has_three_numbers(tree: Tree) -> None:
    for file in FILES:
        tree.replace(file, "1.2.0", "1.2")
    tree.commit()
    done = check(tree.root)
    assert "missing: Cargo.toml: 1.2 is no version such as 1.2.3\n" in done.stdout
    assert done.returncode == 1


def test_tag_that_exists_is_refused_unless_it_is_being_released(tree: Tree) -> None:
    tree.git("tag", "v1.2.0")
    assert tree.missing() == ["the tag v1.2.0 exists already"]
    assert tree.missing("--tag", "v1.2.0") == []
    assert tree.missing("--tag", "v1.3.0") == ["the tag v1.3.0 is not that of the version, v1.2.0"]
    (tree.root / "new.txt").write_text("new")
    tree.commit()
    assert tree.missing("--tag", "v1.2.0") == ["the tag v1.2.0 does not name this commit"]


def test_function_of_the_last_release_must_be_there(tree: Tree) -> None:
    tree.release("1.1.0", functions(tree) + "descope_removed\n")
    assert tree.missing() == ["tests/abi/symbols.txt lacks functions of v1.1.0: descope_removed"]


def test_new_function_needs_a_minor_version(tree: Tree) -> None:
    fewer = functions(tree).replace("descope_abi_version\n", "")
    tree.release("1.1.7", fewer)
    assert tree.missing() == []
    tree.release("1.2.1", fewer)
    assert tree.missing() == [
        "Cargo.toml: 1.2.0 is older than v1.2.1",
        "tests/abi/symbols.txt has new functions, and 1.2.0 is only a patch of v1.2.1",
    ]


def test_notes_are_the_section_of_the_version(tree: Tree) -> None:
    assert check(tree.root, "--notes").stdout == "### Added\n\n- Something new.\n"
