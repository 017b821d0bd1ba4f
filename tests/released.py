"""The files that are released for Linux, as `make dist-linux` leaves them: each is checked itself.

`make test-dist-linux` runs this.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from support.artefacts import artefact, tool
from support.elf import (
    SYMBOLS,
    archive_symbols,
    assert_hardened,
    assert_named_and_kept,
    exported_symbols,
    glibc_version,
    needed_libraries,
)
from support.emulator import run_emulator
from support.programs import ROOT, build, run

PLATFORMS = [
    "x86_64-linux-gnu",
    "aarch64-linux-gnu",
    "x86_64-linux-musl",
    "aarch64-linux-musl",
]
GLIBC = (2, 17)
SYSTEM_LIBRARIES = {"libc", "libm", "libdl", "libpthread"}
LARGEST = 2_550_000


@pytest.fixture(params=PLATFORMS)
def platform(request: pytest.FixtureRequest) -> Path:
    """The folder with the files of each platform."""
    return artefact("DESCOPE_ML_DIST") / str(request.param)


@pytest.fixture
def library(platform: Path) -> Path:
    """The shared library that is released for each platform."""
    return platform / "lib" / "libdescope_ml.so"


def test_released_library_needs_no_glibc_above_2_17(library: Path) -> None:
    version = glibc_version(library)
    assert version <= GLIBC
    assert bool(version) == ("gnu" in str(library))


def test_released_library_needs_only_the_c_library_and_the_loader(library: Path) -> None:
    needed = needed_libraries(library)
    assert {name for name in needed if not name.startswith("ld-")} <= SYSTEM_LIBRARIES


def test_released_library_is_hardened(library: Path) -> None:
    assert_hardened(library)


def test_released_library_exports_the_committed_symbols_and_has_its_soname(library: Path) -> None:
    assert exported_symbols(library) == SYMBOLS.read_text().split()
    assert_named_and_kept(library)
    names = sorted(path.name for path in library.parent.glob("libdescope_ml.so*"))
    assert [re.sub(r"\d+\.\d+\.\d+$", "VERSION", name) for name in names] == [
        "libdescope_ml.so",
        "libdescope_ml.so.VERSION",
        "libdescope_ml.so.1",
    ]


def test_released_library_is_not_larger_than_its_limit(library: Path) -> None:
    assert library.stat().st_size <= LARGEST


def test_released_static_library_defines_the_committed_symbols_alone(platform: Path) -> None:
    assert archive_symbols(platform / "lib" / "libdescope_ml.a") == set(SYMBOLS.read_text().split())


def test_released_headers_are_those_of_the_source(platform: Path) -> None:
    for header in (platform / "include").iterdir():
        assert header.read_bytes() == (ROOT / "include" / header.name).read_bytes()
    assert (platform / "include" / "descope_ml.h").exists()


@pytest.mark.parametrize("processor", ["x86_64", "aarch64"])
def test_wheel_for_musl_is_what_its_name_says(processor: str, tmp_path: Path) -> None:
    (wheel,) = artefact("DESCOPE_ML_DIST").glob(f"*-cp39-abi3-musllinux_1_2_{processor}.whl")
    shown = run([sys.executable, "-m", "auditwheel", "show", str(wheel)], dict(os.environ))
    assert f'platform tag:\n"musllinux_1_2_{processor}"' in shown.stdout, shown.stderr
    with ZipFile(wheel) as files:
        module = Path(files.extract("descope_ml/_native.abi3.so", tmp_path))
    # Python's own functions come from the interpreter, and an unwinder is inside.
    assert needed_libraries(module) == {"libc"}
    assert_hardened(module)


@pytest.mark.parametrize("tls", ["http", "https"])
def test_program_signs_in_on_an_old_system(tls: str) -> None:
    """In the root file system of the oldest Debian that its archive still has."""
    root = artefact("DESCOPE_ML_OLD_ROOT")
    libraries = artefact("DESCOPE_ML_DIST") / "x86_64-linux-gnu" / "lib"
    program = root / "tmp" / "signin"
    compiler = [sys.executable, "-m", "ziglang", "cc", "-target", "x86_64-linux-gnu.2.17"]
    flags = [f"-I{ROOT / 'include'}", f"-L{libraries}", "-ldescope_ml", "-Wl,-rpath,/tmp"]
    build([*compiler, str(ROOT / "examples/c/signin.c"), *flags, "-o", str(program)])
    (root / "tmp" / "libdescope_ml.so.1").write_bytes((libraries / "libdescope_ml.so").read_bytes())
    with run_emulator(*(["--tls"] if tls == "https" else [])) as local:
        local.sign_up("+14155550123")
        environment = local.environment()
        if local.ca_file:
            (root / "tmp" / "ca.pem").write_bytes(Path(local.ca_file).read_bytes())
            environment["SSL_CERT_FILE"] = "/tmp/ca.pem"
        command = [tool("chroot"), str(root), "/tmp/signin", "+14155550123"]
        done = run(command, environment)
        assert (done.stdout, done.stderr, done.returncode) == ("sent to +1********23\n", "", 0)
        assert len(local.messages("+14155550123")) == 2
    for name in ("signin", "libdescope_ml.so.1", "ca.pem"):
        (root / "tmp" / name).unlink(missing_ok=True)
