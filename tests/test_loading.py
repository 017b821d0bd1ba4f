"""The library loaded in unusual ways: with another allocator, with RTLD_DEEPBIND, with dlmopen."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import emulator
from support.artefacts import artefact, skip_or_fail
from support.faces import open_face
from support.programs import assert_ok, compile_program
from support.user import User

SCHEMES = pytest.mark.parametrize("flags", [[], ["--tls"]], ids=["http", "https"])

ALLOCATORS = ["libjemalloc.so.2", "libtcmalloc_minimal.so.4"]


def shared_library(name: str) -> str:
    """The path of a library of the system."""
    found = sorted(Path("/usr/lib").glob(f"*/{name}"))
    return str(found[0]) if found else skip_or_fail(f"{name} is not installed")


@SCHEMES
@pytest.mark.parametrize("name", ["c", "cpp-queue", "python"])
@pytest.mark.parametrize("allocator", ALLOCATORS)
def test_calls_work_with_another_allocator(allocator: str, name: str, flags: list[str]) -> None:
    """That of the program, which frees strings of the library."""
    with emulator.run_emulator(*flags) as local:
        # The dynamic loader writes to stderr if it does not find the allocator.
        face = open_face(name, environment={"LD_PRELOAD": shared_library(allocator)})
        more = {"caFile": local.ca_file} if local.ca_file else {}
        user = User(face, local, **more)
        session = user.sign_up()["sessionJwt"]
        user.call_ok("session/validate", sessionToken=session)
        face.close()


@SCHEMES
@pytest.mark.parametrize("way", ["deepbind", "namespaces"])
def test_calls_work_in_a_library_that_is_loaded_apart(
    way: str, flags: list[str], tmp_path: Path
) -> None:
    """With RTLD_DEEPBIND, and several times at once with dlmopen. Each copy has its own state."""
    program = compile_program("c/load_library.c", tmp_path, flags=["-Wl,--as-needed"])
    library = str(artefact("DESCOPE_ML_LIBRARY"))
    with emulator.run_emulator(*flags) as local:
        assert_ok([program, library, way, local.config(), local.config("localhost")])


@SCHEMES
def test_a_library_may_have_another_allocator_than_its_program(
    flags: list[str], tmp_path: Path
) -> None:
    """With RTLD_DEEPBIND it takes that of the C library."""
    program = compile_program("c/load_library.c", tmp_path, flags=["-Wl,--as-needed"])
    library = str(artefact("DESCOPE_ML_LIBRARY"))
    preload = {"LD_PRELOAD": shared_library("libjemalloc.so.2")}
    with emulator.run_emulator(*flags) as local:
        arguments = [library, "deepbind", local.config(), local.config("localhost")]
        assert_ok([program, *arguments], preload)
