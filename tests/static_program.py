"""Programs with the static library of a platform, which `platforms.py` runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.artefacts import artefact
from support.elf import needed_libraries
from support.emulator import run_emulator
from support.programs import ROOT, assert_ok, build, c_compiler, compile_program, run
from support.runner import runner

WAYS = ["dynamic", "static"]


def program_with_archive(source: str, way: str, folder: Path) -> str:
    """Builds a program with the static library, as docs/linking.md and docs/platforms.md say."""
    program = str(folder / "program")
    archive = str(artefact("DESCOPE_ML_STATIC_LIBRARY"))
    system = ["-lutil", "-lrt", "-lpthread", "-lm", "-ldl", "-lc", "-Wl,--eh-frame-hdr"]
    flags = [f"-I{ROOT / 'include'}", *(["-static"] if way == "static" else [])]
    build([c_compiler(), *flags, str(ROOT / source), archive, *system, "-o", program])
    needed = needed_libraries(Path(program))
    assert bool(needed) == (way == "dynamic")
    assert "libdescope_ml" not in needed
    return program


@pytest.mark.parametrize("tls", ["http", "https"])
@pytest.mark.parametrize("way", WAYS)
def test_program_with_the_static_library_signs_in(way: str, tls: str, tmp_path: Path) -> None:
    program = program_with_archive("examples/c/signin.c", way, tmp_path)
    with run_emulator(*(["--tls"] if tls == "https" else [])) as local:
        local.sign_up("+14155550123")
        trust = {"SSL_CERT_FILE": local.ca_file} if local.ca_file else {}
        command = [*runner(), program, "+14155550123"]
        done = run(command, {**local.environment(), **trust})
        assert (done.stdout, done.stderr, done.returncode) == ("sent to +1********23\n", "", 0)
        assert len(local.messages("+14155550123")) == 2


@pytest.mark.only_where(bool(os.environ.get("DESCOPE_ML_PANIC_LIBRARY")))
@pytest.mark.parametrize("way", ["shared", *WAYS])
def test_panic_is_caught(way: str, tmp_path: Path) -> None:
    """Unwinding differs between processors, C libraries and ways to link."""
    if way == "shared":
        program = compile_program("c/panic.c", tmp_path)
    else:
        program = program_with_archive("tests/c/panic.c", way, tmp_path)
    assert_ok([*runner(), program])
