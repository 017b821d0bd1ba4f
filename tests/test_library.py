"""Exported symbols and dependencies of the built library."""

from __future__ import annotations

import os
import re

from support.artefacts import artefact, tool
from support.programs import ROOT, output_of

SYMBOLS = ROOT / "tests" / "abi" / "symbols.txt"


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
