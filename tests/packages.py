"""The packages that `make debian-packages` writes, installed and used.

`make test-packages` runs this file.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from support import emulator
from support.artefacts import artefact, tool
from support.installed import Installed
from support.programs import ROOT, build, c_compiler, output_of, run

PHONE = "+14155550123"


def debian_packages() -> list[str]:
    """The paths of the three packages."""
    packages = sorted(str(path) for path in artefact("DESCOPE_ML_DIST").glob("*.deb"))
    names = [Path(package).name.split("_")[0] for package in packages]
    assert names == ["descope-ml-emulator", "libdescope-ml-dev", "libdescope-ml1"]
    return packages


@pytest.fixture(scope="module")
def debian_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which dpkg has installed the packages. What they depend on is this system's."""
    root = tmp_path_factory.mktemp("root")
    database = root / "var" / "lib" / "dpkg"
    for folder in ("updates", "info", "triggers"):
        (database / folder).mkdir(parents=True)
    (database / "status").touch()
    dpkg = [tool("dpkg"), f"--root={root}", "--force-not-root", "--force-depends", "--install"]
    # The programs that dpkg wants to find are where the path of an ordinary user does not look.
    environment = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
    subprocess.run([*dpkg, *debian_packages()], check=True, capture_output=True, env=environment)
    return root


@pytest.fixture(scope="module")
def debian(debian_root: Path) -> Installed:
    """What is installed there."""
    triplet = output_of(c_compiler(), "-print-multiarch").strip()
    return Installed(debian_root / "usr", f"lib/{triplet}")


def test_lintian_finds_no_error() -> None:
    done = run([tool("lintian"), "--no-cfg", "--fail-on", "error", *debian_packages()])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("language", ["c", "cpp"])
@pytest.mark.parametrize("kind", ["shared", "static"])
def test_installed_packages_sign_a_user_in(
    kind: str,
    language: str,
    debian: Installed,
    debian_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The emulator is that of its package."""
    flags = debian.archive_flags() if kind == "static" else debian.flags("--cflags", "--libs")
    compiler = [c_compiler()] if language == "c" else [tool("c++"), "-std=c++17"]
    program = str(tmp_path / "signin")
    build([*compiler, str(ROOT / f"examples/{language}/signin.{language}"), *flags, "-o", program])
    loaded = "libdescope_ml.so.1" in output_of(tool("readelf"), "-dW", program)
    assert loaded == (kind == "shared")
    installed_emulator = debian_root / "usr" / "bin" / "descope-ml-emulator"
    monkeypatch.setenv("DESCOPE_ML_EMULATOR", str(installed_emulator))
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        environment = {**local.environment(), "LD_LIBRARY_PATH": str(debian.libraries)}
        done = run([program, PHONE], environment)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("sent to +1********23")
