"""THIRD-PARTY-NOTICES name what is linked in, with licenses, and are shipped."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path

import pytest

from support.artefacts import tool
from support.installed import Installed
from support.programs import ROOT, output_of

# Each file, and the package whose dependencies it lists.
FILES = {
    "THIRD-PARTY-NOTICES": "descope-ml",
    "python/THIRD-PARTY-NOTICES": "descope-ml-python",
    "emulator/THIRD-PARTY-NOTICES": "descope-ml-emulator",
}

# The shortest license text, that of ISC, is longer.
MINIMUM_TEXT = 500


def cargo(*arguments: str) -> str:
    """Returns what cargo prints, for the versions in Cargo.lock."""
    path = tool(os.environ.get("CARGO", "cargo"))
    command = [path, *arguments, "--locked", "--manifest-path", str(ROOT / "Cargo.toml")]
    return output_of(*command)


@cache
def licenses() -> dict[tuple[str, str], str]:
    """Returns the license expressions in `cargo metadata`, by name and version of the package."""
    packages = json.loads(cargo("metadata", "--format-version=1"))["packages"]
    return {(one["name"], one["version"]): one["license"] for one in packages if one["source"]}


def linked_packages(package: str) -> set[tuple[str, str]]:
    """Returns the names and versions of the packages of others that are linked into a package.

    `cargo metadata` has them too, but with the features that other packages of the workspace use.
    """
    about = (ROOT / "packaging" / "about.toml").read_text()
    targets = re.findall(r'^    "(.*)",$', about, re.MULTILINE)
    assert targets
    return packages_for(package, targets)


def packages_for(package: str, targets: list[str]) -> set[tuple[str, str]]:
    """Returns the names and versions of the packages of others that targets link."""
    found = set()
    for target in targets:
        options = ["--edges=normal", "--prefix=none", f"--package={package}", f"--target={target}"]
        for name, version in re.findall(r"^(\S+) v(\S+)", cargo("tree", *options), re.MULTILINE):
            found.add((name, version))
    return found & set(licenses())


def sections(file: Path) -> list[tuple[str, set[tuple[str, str]], str]]:
    """Returns the licenses of a notices file: SPDX identifier, packages, text."""
    found = []
    for section in re.split(r"^-{78}$", file.read_text(), flags=re.MULTILINE)[2:]:
        head, text = section.strip().split("\n\n", 1)
        (identifier,) = re.findall(r"^.* \((.*)\)$", head.splitlines()[0])
        packages = set(re.findall(r"^  \* (\S+) (\S+) ", head, re.MULTILINE))
        found.append((identifier, packages, text.strip()))
    return found


@pytest.mark.parametrize("file", FILES)
def test_notices_list_the_packages_that_are_linked(file: str) -> None:
    """cargo-about also lists what a package links on targets that are not released."""
    listed = set().union(*(packages for _, packages, _ in sections(ROOT / file)))
    linked = linked_packages(FILES[file])
    everywhere = packages_for(FILES[file], ["all"])
    assert linked <= listed <= everywhere, "run `make notices` and commit the files"


@pytest.mark.parametrize("file", FILES)
def test_each_package_has_the_text_of_a_license_that_it_offers(file: str) -> None:
    for identifier, packages, text in sections(ROOT / file):
        assert len(text) > MINIMUM_TEXT
        for package in packages:
            assert identifier in re.split(r"[ /()]+", licenses()[package]), package


def test_license_and_notices_are_installed(installed: Installed) -> None:
    for name in ("LICENSE", "THIRD-PARTY-NOTICES"):
        assert (installed.shared_files / name).read_bytes() == (ROOT / name).read_bytes()


def test_license_and_notices_are_in_the_python_package() -> None:
    package = next(Path(path) for path in os.environ["PYTHONPATH"].split(os.pathsep))
    (licenses_folder,) = package.glob("descope_ml-*.dist-info/licenses")
    for name in ("LICENSE", "THIRD-PARTY-NOTICES"):
        assert (licenses_folder / name).read_bytes() == (ROOT / "python" / name).read_bytes()
