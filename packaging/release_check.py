"""Says what is missing for a release: `make release-check`.

Before the tag exists, it names the tag to make. With `--tag`, the tag must be that of the version
and name this commit. `--notes` prints the section of the changelog instead.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

# Without pre-releases: RPM has no hyphen there, and for Debian 1.2.3-rc.1 is newer than 1.2.3.
VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
PACKAGES = ["descope-ml", "descope-ml-core", "descope-ml-emulator", "descope-ml-python"]
SYMBOLS = "tests/abi/symbols.txt"


@dataclass
class Release:
    """A source tree, its version, and the tag that is being released, if it exists already."""

    root: Path
    version: str
    tag: Optional[str] = None

    def text(self, path: str) -> str:
        """The text of a file."""
        return (self.root / path).read_text()

    def git(self, *arguments: str) -> str:
        """The output of a git command that must succeed."""
        command = ["git", "-C", str(self.root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def previous_tag(self) -> Optional[str]:
        """The tag of the newest release before this one."""
        tags = [
            tag
            for tag in self.git("tag", "--merged", "HEAD", "--list", "v*").split()
            if VERSION.fullmatch(tag[1:]) and tag != f"v{self.version}"
        ]
        return max(tags, key=numbers, default=None)


def read_release(root: Path, tag: Optional[str] = None) -> Release:
    """The release of a source tree. Cargo.toml has the version, and nothing else decides it."""
    found = re.search(r'^version = "(.*)"$', (root / "Cargo.toml").read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit("Cargo.toml has no version")
    return Release(root, found[1], tag)


def numbers(version: str) -> tuple[int, int, int]:
    """The major, minor and patch number of a version or its tag."""
    found = VERSION.fullmatch(version.lstrip("v"))
    assert found is not None
    return int(found[1]), int(found[2]), int(found[3])


def section(changelog: str, title: str) -> str:
    """The text of a section of the changelog, without its heading."""
    pattern = rf"^## \[{re.escape(title)}\][^\n]*\n(.*?)(?=^## \[|\Z)"
    found = re.search(pattern, changelog, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def check_version(release: Release) -> Iterator[str]:
    """The version is one of Semantic Versioning, and newer than that of the last release."""
    if not VERSION.fullmatch(release.version):
        yield f"Cargo.toml: {release.version} is no version such as 1.2.3"
        return
    previous = release.previous_tag()
    if previous and numbers(release.version) < numbers(previous):
        yield f"Cargo.toml: {release.version} is older than {previous}"


def check_repeated_versions(release: Release) -> Iterator[str]:
    """The files that have to repeat the version have the same one."""
    repeated = [
        ("Cargo.toml", r'^descope-ml[\w-]* = \{ path = .*version = "(.*?)"'),
        ("python/pyproject.toml", r'"descope-ml-emulator==(.*?)"'),
        ("include/descope_ml.h", r'^#define DESCOPE_HEADER_VERSION "(.*?)"'),
    ]
    for package in PACKAGES:
        repeated.append(("Cargo.lock", rf'^name = "{package}"\nversion = "(.*?)"'))
    for path, pattern in repeated:
        found = re.findall(pattern, release.text(path), re.MULTILINE)
        if not found:
            yield f"{path} has nothing that matches {pattern}"
        for version in found:
            if version != release.version:
                yield f"{path} says {version}, and Cargo.toml {release.version}"


def check_single_source(release: Release) -> Iterator[str]:
    """The packages for Python and Node.js get their version from Cargo.toml when they are built."""
    for path in ("python/pyproject.toml", "emulator/pyproject.toml"):
        if 'dynamic = ["version"]' not in release.text(path):
            yield f'{path} has a version of its own: write `dynamic = ["version"]`'
    if json.loads(release.text("emulator/npm/package.json"))["version"] != "0.0.0":
        yield "emulator/npm/package.json has a version of its own: `make npm-package` sets it"


def check_changelog(release: Release) -> Iterator[str]:
    """CHANGELOG.md has a section for the version, with its date, and nothing waits outside it."""
    changelog = release.text("CHANGELOG.md")
    heading = rf"^## \[{re.escape(release.version)}\] - \d{{4}}-\d\d-\d\d$"
    if not re.search(heading, changelog, re.MULTILINE):
        yield f"CHANGELOG.md has no heading `## [{release.version}] - YYYY-MM-DD`"
    elif not section(changelog, release.version):
        yield f"CHANGELOG.md says nothing about {release.version}"
    if re.search(r"^- ", section(changelog, "Unreleased"), re.MULTILINE):
        yield "CHANGELOG.md has entries under [Unreleased]"


def check_promise(release: Release) -> Iterator[str]:
    """No function of the last release is gone, and a patch release adds none."""
    previous = release.previous_tag()
    if previous is None or not VERSION.fullmatch(release.version):
        return
    before = set(release.git("show", f"{previous}:{SYMBOLS}").split())
    now = set(release.text(SYMBOLS).split())
    if before - now:
        yield f"{SYMBOLS} lacks functions of {previous}: {', '.join(sorted(before - now))}"
    if now - before and numbers(release.version)[:2] == numbers(previous)[:2]:
        yield f"{SYMBOLS} has new functions, and {release.version} is only a patch of {previous}"


def check_git(release: Release) -> Iterator[str]:
    """Everything is committed. The tag is that of the version and of this commit, or not there."""
    if release.git("status", "--porcelain"):
        yield "files are not committed: `git status` lists them"
    expected = f"v{release.version}"
    if release.tag is None:
        if release.git("tag", "--list", expected):
            yield f"the tag {expected} exists already"
    elif release.tag != expected:
        yield f"the tag {release.tag} is not that of the version, {expected}"
    elif expected not in release.git("tag", "--points-at", "HEAD").split():
        yield f"the tag {expected} does not name this commit"


CHECKS: list[Callable[[Release], Iterator[str]]] = [
    check_version,
    check_repeated_versions,
    check_single_source,
    check_changelog,
    check_promise,
    check_git,
]


def missing(release: Release) -> list[str]:
    """What is missing for the release, one line each."""
    return [line for check in CHECKS for line in check(release)]


def main() -> int:
    """Prints what is missing, and returns 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tag", help="the tag that is being released, such as v1.2.3")
    parser.add_argument("--notes", action="store_true", help="print the section of CHANGELOG.md")
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    options = parser.parse_args()
    release = read_release(options.root, options.tag)
    if options.version:
        print(release.version)
        return 0
    if options.notes:
        print(section(release.text("CHANGELOG.md"), release.version))
        return 0
    lines = missing(release)
    for line in lines:
        print(f"missing: {line}")
    if not lines:
        print(
            f"{release.version} is complete"
            + ("" if release.tag else f": tag it v{release.version}")
        )
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
