"""The programs in README.md sign a user in with the emulator; other C code in the docs compiles."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.emulator import Emulator, run_emulator
from support.programs import ROOT, STRICT, build, c_compiler, cpp_compiler, library_flags, run

PHONE = "+14155550123"


@pytest.fixture(scope="module")
def local() -> Iterator[Emulator]:
    """The emulator, with the user of the programs."""
    with run_emulator() as emulator:
        emulator.sign_up(PHONE)
        yield emulator


def program(language: str) -> str:
    """The first program of a language in README.md."""
    blocks = re.findall(
        rf"^```{language}\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S
    )
    return str(blocks[0])


def run_program(command: list[str], local: Emulator) -> str:
    """Runs a program as the README says, and returns its output."""
    library = next(flag[2:] for flag in library_flags() if flag.startswith("-L"))
    paths = ":".join(path for path in sys.path if path)
    environment = {**local.environment(), "LD_LIBRARY_PATH": library, "PYTHONPATH": paths}
    done = run(command, environment)
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout


def test_the_c_program_signs_a_user_in(local: Emulator, tmp_path: Path) -> None:
    source, binary = tmp_path / "signin.c", tmp_path / "signin"
    source.write_text(program("c"))
    build([c_compiler(), "-std=c99", *STRICT, str(source), "-o", str(binary), *library_flags()])
    assert run_program([str(binary)], local) == "sent to +1********23\n"


def test_the_cpp_program_signs_a_user_in(local: Emulator, tmp_path: Path) -> None:
    source, binary = tmp_path / "signin.cpp", tmp_path / "signin"
    source.write_text(program("cpp"))
    build([cpp_compiler(), "-std=c++17", *STRICT, str(source), "-o", str(binary), *library_flags()])
    assert run_program([str(binary)], local) == "sent to +1********23\n"


def test_the_python_program_signs_a_user_in(local: Emulator, tmp_path: Path) -> None:
    source = tmp_path / "signin.py"
    source.write_text(program("python").replace('"P…"', f'"{local.project_id}"'))
    assert run_program([sys.executable, str(source)], local) == "sent to +1********23\n"


def test_the_c_recipe_for_links_compiles(tmp_path: Path) -> None:
    page = (ROOT / "docs/links-and-scanners.md").read_text()
    (recipe,) = re.findall(r"^```c\n(.*?)^```", page, re.M | re.S)
    source = tmp_path / "link.c"
    source.write_text(recipe)
    include = f"-I{ROOT / 'include'}"
    build([c_compiler(), "-std=c99", *STRICT, include, "-c", str(source), "-o", f"{source}.o"])
