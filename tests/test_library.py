"""Exported symbols and dependencies of the built library, and linking with an installed one."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from support import emulator
from support.artefacts import artefact, tool
from support.programs import ROOT, build, c_compiler, run

SYMBOLS = ROOT / "tests" / "abi" / "symbols.txt"
PHONE = "+14155550123"


def output_of(*command: str) -> str:
    """Returns the standard output of a command."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def exported_symbols() -> list[str]:
    """Returns the symbols that the shared library exports, sorted."""
    lines = output_of(tool("nm"), "-D", "--defined-only", str(artefact("DESCOPE_ML_LIBRARY")))
    return sorted(line.split()[-1] for line in lines.splitlines())


def test_exported_symbols_match_the_committed_list() -> None:
    """With `DESCOPE_ML_UPDATE` set, the committed list is written first."""
    if os.environ.get("DESCOPE_ML_UPDATE"):
        SYMBOLS.write_text("\n".join(exported_symbols()) + "\n")
    committed = SYMBOLS.read_text().split()
    assert exported_symbols() == committed
    assert all(symbol.startswith("descope_") for symbol in committed)


def test_header_declares_exactly_the_exported_functions() -> None:
    header = (ROOT / "include" / "descope_ml.h").read_text()
    declared = re.findall(r"^[a-z].*?\b(descope_\w+)\(", header, re.MULTILINE)
    assert sorted(declared) == exported_symbols()


def test_soname_has_the_abi_version_and_dependencies_are_system_libraries() -> None:
    dynamic = output_of(tool("readelf"), "-dW", str(artefact("DESCOPE_ML_LIBRARY")))
    assert re.findall(r"SONAME.*\[(.*)\]", dynamic) == ["libdescope_ml.so.1"]
    needed = {name.split(".so")[0] for name in re.findall(r"NEEDED.*\[(.*)\]", dynamic)}
    assert needed <= {"libc", "libgcc_s", "libm", "libdl", "libpthread", "ld-linux-x86-64"}


def test_library_stays_loaded_after_dlclose() -> None:
    """The library's code can still run then: in a DNS lookup, at a thread's end and at a fork."""
    dynamic = output_of(tool("readelf"), "-dW", str(artefact("DESCOPE_ML_LIBRARY")))
    assert re.findall(r"FLAGS_1.*\bNODELETE\b", dynamic)


def test_library_needs_no_executable_stack() -> None:
    segments = output_of(tool("readelf"), "-lW", str(artefact("DESCOPE_ML_LIBRARY")))
    (flags,) = re.findall(r"GNU_STACK.*\s(R\S*)\s", segments)
    assert flags == "RW"


def test_program_linked_through_pkg_config_signs_in(tmp_path: Path) -> None:
    staging = tmp_path / "staging"
    make = ["make", "install", "PREFIX=/opt/descope", f"DESTDIR={staging}"]
    subprocess.run(make, cwd=ROOT, check=True, capture_output=True)
    libraries = staging / "opt/descope/lib"
    config = {
        "PKG_CONFIG_PATH": str(libraries / "pkgconfig"),
        "PKG_CONFIG_SYSROOT_DIR": str(staging),
    }

    def flags(*options: str) -> list[str]:
        command = [tool("pkg-config"), *options, "descope_ml"]
        environment = {**os.environ, **config}
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True
        ).stdout.split()

    assert flags("--modversion") == [version()]
    source = str(ROOT / "examples/c/signin.c")
    shared, static = str(tmp_path / "shared"), str(tmp_path / "static")
    build([c_compiler(), source, *flags("--cflags", "--libs"), "-o", shared])
    archive = str(libraries / "libdescope_ml.a")
    private = [flag for flag in flags("--static", "--libs") if flag != "-ldescope_ml"]
    build([c_compiler(), source, *flags("--cflags"), archive, *private, "-o", static])
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        for program in (shared, static):
            environment = {**local.environment(), "LD_LIBRARY_PATH": str(libraries)}
            done = run([program, PHONE], environment)
            assert (done.stdout, done.stderr) == ("sent to +1********23\n", "")


def version() -> str:
    """Returns the version in Cargo.toml."""
    found = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    assert found
    return found.group(1)


@pytest.mark.parametrize("library", ["-lgcc_s", "-lpthread", "-ldl", "-lm"])
def test_pkg_config_file_has_the_libraries_that_rustc_names(library: str, tmp_path: Path) -> None:
    options = ["--print", "native-static-libs", "--crate-type", "staticlib", "-"]
    done = subprocess.run(
        [tool("rustc"), *options, "-o", str(tmp_path / "x.a")],
        input="",
        capture_output=True,
        text=True,
        check=True,
    )
    template = (ROOT / "packaging" / "descope_ml.pc.in").read_text()
    assert (library in done.stderr.split()) == (library in template.split())
