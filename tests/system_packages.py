"""The packages that `make debian-packages rpm-packages` writes, installed and used.

`make test-system-packages` runs this file.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from support import emulator
from support.artefacts import artefact, tool
from support.installed import Installed
from support.programs import ROOT, build, c_compiler, output_of, run

PHONE = "+14155550123"
NAMES = {
    "deb": ["descope-ml-emulator", "libdescope-ml-dev", "libdescope-ml1"],
    "rpm": ["descope-ml-emulator", "libdescope_ml-devel", "libdescope_ml1"],
}


def packages(form: str) -> list[str]:
    """The paths of the packages of a form."""
    folder = artefact("DESCOPE_ML_DIST")
    found = [
        sorted(str(path) for path in folder.glob(f"{name}[-_]0*.{form}")) for name in NAMES[form]
    ]
    assert [len(paths) for paths in found] == [1, 1, 1]
    return [paths[0] for paths in found]


def install(command: Sequence[str], form: str) -> None:
    """Runs the command that installs the packages."""
    # The programs that dpkg wants to find are where the path of an ordinary user does not look.
    environment = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
    subprocess.run([*command, *packages(form)], check=True, capture_output=True, env=environment)


def install_debian_packages(root: Path) -> Installed:
    """Has dpkg install into a folder. What the packages depend on is this system's."""
    database = root / "var" / "lib" / "dpkg"
    for folder in ("updates", "info", "triggers"):
        (database / folder).mkdir(parents=True)
    (database / "status").touch()
    options = (f"--root={root}", "--force-not-root", "--force-depends", "--install")
    install([tool("dpkg"), *options], "deb")
    triplet = output_of(c_compiler(), "-print-multiarch").strip()
    return Installed(root / "usr", f"lib/{triplet}")


def install_rpm_packages(root: Path) -> Installed:
    """Has rpm install into a folder, without the scripts, whose programs are not there."""
    install([tool("rpm"), f"--root={root}", "--nodeps", "--noscripts", "--install"], "rpm")
    return Installed(root / "usr", "lib64")


@pytest.fixture(scope="module", params=["deb", "rpm"])
def installed_packages(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    """An installation of the packages, in each form."""
    ways = {"deb": install_debian_packages, "rpm": install_rpm_packages}
    return ways[request.param](tmp_path_factory.mktemp("root"))


@pytest.mark.parametrize("form", ["deb", "rpm"])
def test_linter_of_the_distribution_finds_no_error(form: str) -> None:
    linters = {
        "deb": [tool("lintian"), "--no-cfg", "--fail-on", "error"],
        "rpm": [tool("rpmlint"), "--config", str(ROOT / "packaging" / "rpmlint.toml")],
    }
    done = run([*linters[form], *packages(form)])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("language", ["c", "cpp"])
@pytest.mark.parametrize("kind", ["shared", "static"])
def test_packages_sign_a_user_in(
    kind: str,
    language: str,
    installed_packages: Installed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The emulator is that of its package."""
    flags = {
        "shared": installed_packages.flags("--cflags", "--libs"),
        "static": installed_packages.archive_flags(),
    }[kind]
    compiler = [c_compiler()] if language == "c" else [tool("c++"), "-std=c++17"]
    program = str(tmp_path / "signin")
    build([*compiler, str(ROOT / f"examples/{language}/signin.{language}"), *flags, "-o", program])
    loaded = "libdescope_ml.so.1" in output_of(tool("readelf"), "-dW", program)
    assert loaded == (kind == "shared")
    installed_emulator = installed_packages.prefix / "bin" / "descope-ml-emulator"
    monkeypatch.setenv("DESCOPE_ML_EMULATOR", str(installed_emulator))
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        environment = {
            **local.environment(),
            "LD_LIBRARY_PATH": str(installed_packages.libraries),
        }
        done = run([program, PHONE], environment)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("sent to +1********23")
