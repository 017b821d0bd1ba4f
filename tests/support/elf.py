"""What binaries say of themselves: symbols, needed libraries, and how they are hardened."""

from __future__ import annotations

import re
from pathlib import Path

from support.artefacts import tool
from support.programs import ROOT, output_of

SYMBOLS = ROOT / "tests" / "abi" / "symbols.txt"


def exported_symbols(library: Path) -> list[str]:
    """The symbols that a shared library exports, sorted."""
    lines = output_of(tool("nm"), "-D", "--defined-only", str(library)).splitlines()
    return sorted(line.split()[-1] for line in lines)


def archive_symbols(archive: Path) -> set[str]:
    """The global names that a static library defines."""
    lines = output_of(tool("nm"), "-g", "--defined-only", str(archive)).splitlines()
    return {line.split()[-1] for line in lines if len(line.split()) == len(("at", "T", "name"))}


def needed_libraries(binary: Path) -> set[str]:
    """The names of the shared libraries that a program or library loads, without their versions."""
    names = re.findall(r"NEEDED.*\[(.*)\]", _dynamic_section(binary))
    return {name.split(".so")[0] for name in names}


def glibc_version(library: Path) -> tuple[int, ...]:
    """The newest version of glibc whose symbols a library needs; empty without glibc."""
    versions = output_of(tool("readelf"), "-VW", str(library))
    found = re.findall(r"Name: GLIBC_([\d.]+)", versions)
    return max((tuple(map(int, version.split("."))) for version in found), default=())


def assert_hardened(library: Path) -> None:
    """Asserts full RELRO, no executable stack, and code that is never written to."""
    segments = output_of(tool("readelf"), "-lW", str(library))
    assert re.findall(r"GNU_STACK.*\s(R\S*)\s", segments) == ["RW"], "the stack is executable"
    assert "GNU_RELRO" in segments
    dynamic = _dynamic_section(library)
    assert re.findall(r"BIND_NOW|FLAGS_1.*\bNOW\b", dynamic), "symbols are bound lazily"
    assert "TEXTREL" not in dynamic


def assert_named_and_kept(library: Path) -> None:
    """Asserts that the soname has the version of the ABI, and that `dlclose` does not unload it.

    The library's code can still run then: in a DNS lookup, at a thread's end and at a fork.
    """
    dynamic = _dynamic_section(library)
    assert re.findall(r"SONAME.*\[(.*)\]", dynamic) == ["libdescope_ml.so.1"]
    assert re.findall(r"FLAGS_1.*\bNODELETE\b", dynamic)


def _dynamic_section(binary: Path) -> str:
    return output_of(tool("readelf"), "-dW", str(binary))
