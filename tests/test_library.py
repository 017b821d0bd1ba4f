"""What the built library exports and needs, and that an installed one can be linked."""

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


def output(*command: str) -> str:
    """What a tool prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def exported() -> list[str]:
    """The symbols that the shared library defines for others."""
    lines = output(tool("nm"), "-D", "--defined-only", str(artefact("DESCOPE_ML_LIBRARY")))
    return sorted(line.split()[-1] for line in lines.splitlines())


def test_exported_symbols_are_the_committed_ones() -> None:
    committed = SYMBOLS.read_text().split()
    assert exported() == committed
    assert all(symbol.startswith("descope_") for symbol in committed)


def test_every_exported_function_is_in_the_header_and_no_other() -> None:
    header = (ROOT / "include" / "descope_ml.h").read_text()
    declared = re.findall(r"^[a-z].*?\b(descope_\w+)\(", header, re.MULTILINE)
    assert sorted(declared) == exported()


def test_the_library_carries_its_abi_in_its_name_and_needs_only_the_system() -> None:
    dynamic = output(tool("readelf"), "-dW", str(artefact("DESCOPE_ML_LIBRARY")))
    assert re.findall(r"SONAME.*\[(.*)\]", dynamic) == ["libdescope_ml.so.1"]
    needed = {name.split(".so")[0] for name in re.findall(r"NEEDED.*\[(.*)\]", dynamic)}
    assert needed <= {"libc", "libgcc_s", "libm", "libdl", "libpthread", "ld-linux-x86-64"}


def test_the_library_stays_when_it_is_closed() -> None:
    """A thread that looks a name up, the end of a thread and a fork still call it then."""
    dynamic = output(tool("readelf"), "-dW", str(artefact("DESCOPE_ML_LIBRARY")))
    assert re.findall(r"FLAGS_1.*\bNODELETE\b", dynamic)


def test_the_library_asks_for_no_executable_stack() -> None:
    segments = output(tool("readelf"), "-lW", str(artefact("DESCOPE_ML_LIBRARY")))
    (flags,) = re.findall(r"GNU_STACK.*\s(R\S*)\s", segments)
    assert flags == "RW"


def test_an_installed_library_is_found_by_pkg_config_and_signs_in(tmp_path: Path) -> None:
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
    """The version that Cargo.toml names."""
    found = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    assert found
    return found.group(1)


@pytest.mark.parametrize("word", ["-lgcc_s", "-lpthread", "-ldl", "-lm"])
def test_static_linking_names_what_the_compiler_says(word: str, tmp_path: Path) -> None:
    asked = ["--print", "native-static-libs", "--crate-type", "staticlib", "-"]
    done = subprocess.run(
        [tool("rustc"), *asked, "-o", str(tmp_path / "x.a")],
        input="",
        capture_output=True,
        text=True,
        check=True,
    )
    template = (ROOT / "packaging" / "descope_ml.pc.in").read_text()
    assert (word in done.stderr.split()) == (word in template.split())
