"""Exported symbols and dependencies of the built library."""

from __future__ import annotations

import os
import re

from support.artefacts import artefact
from support.elf import (
    SYMBOLS,
    assert_hardened,
    assert_named_and_kept,
    exported_symbols,
    needed_libraries,
)
from support.programs import ROOT


def test_exported_symbols_match_the_committed_list() -> None:
    """With `DESCOPE_ML_UPDATE` set, the committed list is written first."""
    exported = exported_symbols(artefact("DESCOPE_ML_LIBRARY"))
    if os.environ.get("DESCOPE_ML_UPDATE"):
        SYMBOLS.write_text("\n".join(exported) + "\n")
    committed = SYMBOLS.read_text().split()
    assert exported == committed
    assert all(symbol.startswith("descope_") for symbol in committed)


def test_header_declares_exactly_the_exported_functions() -> None:
    header = (ROOT / "include" / "descope_ml.h").read_text()
    declared = re.findall(r"^[a-z].*?\b(descope_\w+)\(", header, re.MULTILINE)
    assert sorted(declared) == exported_symbols(artefact("DESCOPE_ML_LIBRARY"))


def test_library_is_named_by_its_abi_and_stays_loaded_after_dlclose() -> None:
    assert_named_and_kept(artefact("DESCOPE_ML_LIBRARY"))


def test_library_needs_only_system_libraries() -> None:
    needed = needed_libraries(artefact("DESCOPE_ML_LIBRARY"))
    assert needed <= {"libc", "libgcc_s", "libm", "libdl", "libpthread", "ld-linux-x86-64"}


def test_library_is_hardened() -> None:
    assert_hardened(artefact("DESCOPE_ML_LIBRARY"))
