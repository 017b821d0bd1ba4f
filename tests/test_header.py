"""The headers compile without warnings in every supported standard, also if included twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.programs import ROOT, STRICT, build, c_compiler, cpp_compiler

CPP_TWICE = "#include <descope_ml.hpp>\n#include <descope_ml_queue.hpp>\n" * 2
MAIN_C = "int main(void) { return descope_abi_version() != DESCOPE_HEADER_ABI_VERSION; }\n"


@pytest.mark.parametrize("includes", [1, 2], ids=["alone", "twice"])
@pytest.mark.parametrize(
    "standard", ["c89", "c99", "c11", "c2x", "c++98", "c++11", "c++17", "c++20"]
)
def test_c_header_compiles(standard: str, includes: int, tmp_path: Path) -> None:
    cpp = standard.startswith("c++")
    source = tmp_path / ("main.cpp" if cpp else "main.c")
    source.write_text("#include <descope_ml.h>\n" * includes + MAIN_C)
    compiler = cpp_compiler() if cpp else c_compiler()
    warnings = [*STRICT, *(["-Weffc++"] if cpp else [])]
    flags = [f"-std={standard}", *warnings, f"-I{ROOT / 'include'}", "-fsyntax-only"]
    build([compiler, *flags, str(source)])


@pytest.mark.parametrize("standard", ["c++17", "c++20"])
def test_cpp_header_compiles_and_links_in_two_files_of_one_program(
    standard: str, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.cpp").write_text(CPP_TWICE + f"void {name}() {{}}\n")
    warnings = [*STRICT, "-Wconversion", "-Wshadow", "-Weffc++"]
    flags = [f"-std={standard}", *warnings, f"-I{ROOT / 'include'}"]
    sources = [str(tmp_path / "one.cpp"), str(tmp_path / "two.cpp")]
    build([cpp_compiler(), *flags, "-shared", "-fPIC", *sources, "-o", str(tmp_path / "both.so")])


def test_no_two_names_differ_only_in_case() -> None:
    """Ada, Pascal and other languages that ignore the case could not tell them apart."""
    header = (ROOT / "include" / "descope_ml.h").read_text()
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)
    names = set(re.findall(r"\bdescope_\w+", code, re.IGNORECASE))
    assert {"descope_version", "DESCOPE_HEADER_VERSION", "descope_queue"} <= names
    assert len({name.lower() for name in names}) == len(names)
