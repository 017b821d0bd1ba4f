"""`find_package(descope_ml)` of CMake, with an installation that was moved."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from support import emulator
from support.artefacts import tool
from support.installed import Installed
from support.programs import ROOT, output_of, run

PHONE = "+14155550123"


def configure(
    installed: Installed, build: Path, version: str = "", *options: str
) -> subprocess.CompletedProcess[str]:
    """Configures the user's project in a folder."""
    return subprocess.run(
        [
            tool("cmake"),
            *("-S", str(ROOT / "tests" / "cmake"), "-B", str(build)),
            f"-DCMAKE_PREFIX_PATH={installed.prefix}",
            f"-DEXAMPLES={ROOT / 'examples'}",
            f"-DWANTED_VERSION={version}",
            *options,
        ],
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def project(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the user's project, built."""
    build = tmp_path_factory.mktemp("cmake")
    configured = configure(installed, build, "0.1")
    assert configured.returncode == 0, configured.stderr
    subprocess.run([tool("cmake"), "--build", str(build)], check=True, capture_output=True)
    return build


@pytest.mark.parametrize("language", ["c", "cpp"])
@pytest.mark.parametrize("kind", ["ml", "ml_static"])
def test_example_built_with_cmake_signs_in(kind: str, language: str, project: Path) -> None:
    program = project / f"signin-{language}-{kind}"
    loaded = "libdescope_ml.so.1" in output_of(tool("readelf"), "-dW", str(program))
    assert loaded == (kind == "ml")
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        done = run([str(program), PHONE], local.environment())
        assert done.stdout.startswith("sent to +1********23")
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("version", ["0.1.0", "0.1...<1", "0.0.1...0.1.0"])
def test_suitable_version_is_found(version: str, installed: Installed, tmp_path: Path) -> None:
    assert configure(installed, tmp_path, version).returncode == 0


@pytest.mark.parametrize("version", ["0.2", "1.0", "0.1.1...<1", "0.0.1...<0.1.0", "1...2"])
def test_unsuitable_version_is_refused(version: str, installed: Installed, tmp_path: Path) -> None:
    configured = configure(installed, tmp_path, version)
    assert configured.returncode != 0
    assert "descope_mlConfig.cmake, version: 0.1.0" in configured.stderr


def test_processors_of_another_word_size_are_refused(installed: Installed, tmp_path: Path) -> None:
    other = tmp_path / "other.cmake"
    other.write_text("set(CMAKE_SIZEOF_VOID_P 4)\n")
    configured = configure(installed, tmp_path, "", f"-DCMAKE_PROJECT_INCLUDE={other}")
    assert "0.1.0 (8 bytes a pointer)" in configured.stderr
