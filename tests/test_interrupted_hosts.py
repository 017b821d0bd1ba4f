"""Ctrl-C, alarms and timeouts of other languages end a call, with `"interruptible": true`.

No call ends by its own timeout, which is longer than any test may take.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from support import emulator
from support.artefacts import artefact, skip_or_fail, tool
from support.hosts import wait_until
from support.programs import (
    ROOT,
    TIMEOUT_SECONDS,
    build,
    c_compiler,
    library_flags,
    output_of,
    run,
)

pytestmark = pytest.mark.plain

PROGRAMS = ROOT / "tests/hosts/interrupts"
PHONE = "+14155550123"
OPERATION = "magiclink/signup/sms"
REQUEST = json.dumps({"loginId": PHONE, "user": {"phone": PHONE}})

# How the call has ended: the service has got the request, and its answer was not waited for.
ENDED = "DESCOPE_E_CANCELLED unknown"


@pytest.fixture
def slow() -> Iterator[emulator.Emulator]:
    """An emulator that sends the message, and does not answer."""
    with emulator.run_emulator() as local:
        local.control("faults", path=f"/v1/auth/{OPERATION}", silent=True, after=True)
        yield local


def arguments(slow: emulator.Emulator) -> list[str]:
    """What a program needs: the configuration, the operation and the request."""
    return [slow.config(interruptible=True, timeoutMs=1_000_000), OPERATION, REQUEST]


def compile_module(source: str, folder: Path, flags: Sequence[str]) -> Path:
    """Compiles a module of another program. Both it and the library are in the folder."""
    library = artefact("DESCOPE_ML_LIBRARY")
    shutil.copy(library, folder / "libdescope_ml.so.1")
    module = folder / Path(source).with_suffix(".so").name
    options = ["-O1", "-shared", "-fPIC", *flags, "-Wl,-rpath,$ORIGIN"]
    build([c_compiler(), *options, str(PROGRAMS / source), "-o", str(module), *library_flags()])
    return module


def php(_: Path) -> list[str]:
    """PHP, with its extensions FFI and pcntl."""
    command = [tool("php"), "-n", "-d", "extension=ffi", "-d", "ffi.enable=true"]
    return [*command, str(PROGRAMS / "alarm.php"), str(artefact("DESCOPE_ML_LIBRARY"))]


def perl(_: Path) -> list[str]:
    """Perl, with FFI::Platypus."""
    return [tool("perl"), str(PROGRAMS / "alarm.pl"), str(artefact("DESCOPE_ML_LIBRARY"))]


def ruby(_: Path) -> list[str]:
    """Ruby, with the gem ffi."""
    return [tool("ruby"), str(PROGRAMS / "timeout.rb"), str(artefact("DESCOPE_ML_LIBRARY"))]


def guile(_: Path) -> list[str]:
    """Guile, with its own foreign function interface."""
    command = [tool("guile"), "--no-auto-compile", str(PROGRAMS / "alarm.scm")]
    return [*command, str(artefact("DESCOPE_ML_LIBRARY"))]


def haskell(folder: Path) -> list[str]:
    """A Haskell program."""
    shutil.copy(PROGRAMS / "Timeout.hs", folder)
    library = artefact("DESCOPE_ML_LIBRARY").parent
    options = ["-v0", "-Wall", "-Werror", "-threaded", f"-L{library}", "-ldescope_ml"]
    options.append(f"-optl-Wl,-rpath,{library}")
    build([tool("ghc"), *options, "Timeout.hs", "-o", "timeout"], folder)
    return [str(folder / "timeout")]


@pytest.mark.parametrize(
    ("command", "interrupt"),
    [
        (php, "TimeLimit"),
        (perl, "alarm"),
        (ruby, "Timeout::Error"),
        (guile, "time-limit"),
        (haskell, "Nothing"),
    ],
    ids=["php", "perl", "ruby", "guile", "haskell"],
)
def test_a_time_limit_ends_a_call(
    command: Callable[[Path], list[str]], interrupt: str, slow: emulator.Emulator, tmp_path: Path
) -> None:
    done = run([*command(tmp_path), *arguments(slow)])
    assert (done.stderr, done.stdout, done.returncode) == ("", f"{interrupt} {ENDED}\n", 0)
    assert slow.addresses() == {PHONE}


def ruby_with_fiddle(_: Path) -> list[str]:
    """Ruby, with the foreign function interface of its standard library."""
    return [tool("ruby"), str(PROGRAMS / "interrupt.rb"), str(artefact("DESCOPE_ML_LIBRARY"))]


def r(folder: Path) -> list[str]:
    """R, with a module in C."""
    flags = output_of(tool("R"), "CMD", "config", "--cppflags").split()
    module = compile_module("r_module.c", folder, flags)
    return [tool("Rscript"), "--vanilla", str(PROGRAMS / "interrupt.R"), str(module)]


@pytest.mark.parametrize(
    ("command", "output"),
    [(ruby_with_fiddle, f"Interrupt {ENDED}\n"), (r, f"{ENDED}\ninterrupt \n")],
    ids=["ruby", "r"],
)
def test_ctrl_c_ends_a_call(
    command: Callable[[Path], list[str]], output: str, slow: emulator.Emulator, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [*command(tmp_path), *arguments(slow)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        try:
            wait_until(lambda: PHONE in slow.addresses(), "the program sent no request")
            program.send_signal(signal.SIGINT)
            stdout, stderr = program.communicate(timeout=TIMEOUT_SECONDS)
        finally:
            program.kill()
    assert (stderr, stdout, program.returncode) == ("", output, 0)


@contextmanager
def postgres_folder() -> Iterator[tuple[Path, list[str]]]:
    """A folder of the user that PostgreSQL runs as, and the command that makes one that user.

    PostgreSQL does not run as root.
    """
    with tempfile.TemporaryDirectory(prefix="descope-ml-postgres-") as folder:
        if os.getuid() != 0:
            yield Path(folder), []
            return
        shutil.chown(folder, "nobody", "nogroup")
        as_nobody = [tool("setpriv"), "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        yield Path(folder), as_nobody


@contextmanager
def run_postgres() -> Iterator[tuple[Path, list[str]]]:
    """Runs a PostgreSQL server. Yields the folder of its socket, and the command psql."""
    with postgres_folder() as (folder, as_user):
        programs = Path(output_of(tool("pg_config"), "--bindir").strip())
        if not (programs / "initdb").exists():
            skip_or_fail("the server of PostgreSQL is not installed")
        data = str(folder / "data")
        initdb = [str(programs / "initdb"), "--no-sync", "-A", "trust", "-U", "tester", "-D", data]
        build([*as_user, *initdb], folder)
        options = ["-D", data, "-k", str(folder), "-c", "listen_addresses=", "-F"]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [*as_user, str(programs / "postgres"), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
            )
        psql = [tool("psql"), "-X", "-h", str(folder), "-U", "tester", "postgres"]
        try:
            ready = [str(programs / "pg_isready"), "-q", "-h", str(folder)]
            wait_until(lambda: run(ready).returncode == 0, "PostgreSQL did not start")
            yield folder, psql
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(TIMEOUT_SECONDS)


def test_the_statement_timeout_of_postgres_ends_a_call(slow: emulator.Emulator) -> None:
    with run_postgres() as (folder, psql):
        includes = output_of(tool("pg_config"), "--includedir-server").strip()
        module = compile_module("postgres_module.c", folder, [f"-I{includes}"])
        texts = ", ".join("'{}'".format(text.replace("'", "''")) for text in arguments(slow))
        done = run(
            psql,
            stdin=f"""
            CREATE FUNCTION descope_call(text, text, text) RETURNS integer
                AS '{module}', 'descope_pg_call' LANGUAGE C STRICT;
            SET statement_timeout = '500ms';
            SELECT descope_call({texts});
            SET statement_timeout = 0;
            SELECT 'the session goes on';
            """,
        )
    assert done.stderr.splitlines() == [
        f"NOTICE:  {ENDED}",
        "ERROR:  canceling statement due to statement timeout",
    ]
    assert "the session goes on" in done.stdout
    assert slow.addresses() == {PHONE}
