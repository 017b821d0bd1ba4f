"""Programs with the static library of a platform sign in; `platforms.py` runs this."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.artefacts import artefact
from support.elf import needed_libraries
from support.emulator import run_emulator
from support.programs import ROOT, build, c_compiler, run
from support.runner import runner

# As `pkg-config --static` prints them.
SYSTEM = ["-lutil", "-lrt", "-lpthread", "-lm", "-ldl", "-lc"]


@pytest.mark.parametrize("tls", ["http", "https"])
@pytest.mark.parametrize("how", ["dynamic", "static"])
def test_program_with_the_static_library_signs_in(how: str, tls: str, tmp_path: Path) -> None:
    program = str(tmp_path / "signin")
    archive = str(artefact("DESCOPE_ML_STATIC_LIBRARY"))
    flags = [f"-I{ROOT / 'include'}", *(["-static"] if how == "static" else [])]
    build(
        [c_compiler(), *flags, str(ROOT / "examples/c/signin.c"), archive, *SYSTEM, "-o", program]
    )
    needed = needed_libraries(Path(program))
    assert bool(needed) == (how == "dynamic")
    assert "libdescope_ml" not in needed
    with run_emulator(*(["--tls"] if tls == "https" else [])) as local:
        local.sign_up("+14155550123")
        trust = {"SSL_CERT_FILE": local.ca_file} if local.ca_file else {}
        command = [*runner(), program, "+14155550123"]
        done = run(command, {**local.environment(), **trust})
        assert (done.stdout, done.stderr, done.returncode) == ("sent to +1********23\n", "", 0)
        assert len(local.messages("+14155550123")) == 2
