"""What only Windows has, tested under wine; `platforms.py` runs this for its targets."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from support.artefacts import artefact, tool
from support.emulator import Emulator, run_emulator
from support.faces import Call, Result, open_face
from support.programs import (
    ROOT,
    STRICT,
    assert_ok,
    build,
    c_compiler,
    cpp_compiler,
    library_flags,
    output_of,
    run,
)
from support.recording_server import LINK_SENT, run_server
from support.runner import runner

PHONE = "+14155550123"
SENT = "sent to +1********23\n"
# What a program must link besides the static library: docs/linking.md has the same list.
SYSTEM = ["-lntdll", "-luserenv", "-lws2_32", "-lbcrypt"]
# Whether the library has the operation that panics. The one that is released has not.
HAS_PANIC = bool(os.environ.get("DESCOPE_ML_PANIC_LIBRARY"))
# The limit of the size of the DLL, in bytes.
MAX_SIZE = 2_900_000
# Letters of Western, Eastern and Asian code pages, which no single one of them has, and a space.
FOLDER = "Zertifikate für Łódź 証明書"


@pytest.fixture(scope="module")
def encrypted() -> Iterator[Emulator]:
    """An emulator with TLS, and a user who can sign in."""
    with run_emulator("--tls") as emulator:
        emulator.sign_up(PHONE)
        yield emulator


@pytest.fixture
def signed_up() -> Iterator[Emulator]:
    """An emulator with a user who can sign in."""
    with run_emulator() as emulator:
        emulator.sign_up(PHONE)
        yield emulator


@pytest.fixture
def foreign_path(encrypted: Emulator, tmp_path: Path) -> str:
    """The path of the CA file, as Windows writes it, in a folder with foreign letters."""
    folder = tmp_path / FOLDER
    folder.mkdir()
    assert encrypted.ca_file
    shutil.copy(encrypted.ca_file, folder / "ca.pem")
    return windows_path(folder / "ca.pem")


def windows_path(path: Path) -> str:
    """A path of this machine, as programs of wine see it."""
    return "Z:" + str(path).replace("/", "\\")


def binutil(name: str) -> str:
    """The path of one of the tools of mingw-w64."""
    return tool(re.sub(r"gcc(-posix)?$", name, c_compiler()))


def compile_c(source: Path, folder: Path, *flags: str) -> list[str]:
    """Compiles a program, and returns the command that runs it."""
    program = str(folder / f"{source.stem}.exe")
    sources = [str(source), *(flag for flag in flags if flag.endswith(".c"))]
    options = [flag for flag in flags if not flag.endswith(".c")] or library_flags()
    build([c_compiler(), "-std=c99", *STRICT, *sources, "-o", program, *options])
    return [*runner(), program]


@pytest.mark.parametrize("name", ["wait", "winsock"])
def test_program_of_windows_signs_in(name: str, signed_up: Emulator, tmp_path: Path) -> None:
    flags = [*library_flags(), "-lws2_32"]
    program = compile_c(ROOT / f"tests/windows/{name}.c", tmp_path, *flags)
    more = ["20"] if name == "wait" else []
    assert_ok([*program, PHONE, *more], signed_up.environment())
    # The sign-up, and two rounds or three calls.
    assert len(signed_up.messages(PHONE)) == 1 + (40 if name == "wait" else 3)


def test_a_call_without_a_response_ends_by_the_event(tmp_path: Path) -> None:
    program = compile_c(ROOT / "tests/windows/timeout.c", tmp_path)
    with run_server() as server:
        server.script = [{"instead": "silence"}]
        environment = {"DESCOPE_BASE_URL": server.url, "DESCOPE_PROJECT_ID": "P2test"}
        assert_ok([*program, PHONE, "700"], environment)


def test_the_library_can_be_loaded_again_and_again(signed_up: Emulator, tmp_path: Path) -> None:
    program = compile_c(ROOT / "tests/windows/loading.c", tmp_path)
    library = windows_path(artefact("DESCOPE_ML_LIBRARY"))
    assert_ok([*program, library, PHONE], signed_up.environment())
    assert len(signed_up.messages(PHONE)) == 1 + 20 * 5


def test_example_with_a_message_loop_sends_a_link(signed_up: Emulator, tmp_path: Path) -> None:
    folder = ROOT / "examples/event-loops"
    program = compile_c(
        folder / "windows.c", tmp_path, str(folder / "calls.c"), *library_flags(), "-luser32"
    )
    done = run([*program, PHONE], signed_up.environment())
    expected = f"call 2: cancelled (not_sent)\ncall 1: {SENT}"
    assert (done.stdout, done.stderr, done.returncode) == (expected, "", 0)
    assert len(signed_up.messages(PHONE)) == 2


def sign_in(
    encrypted: Emulator, name: str, environment: "dict[str, str]", **config: object
) -> Result:
    """A sign-in through a face that runs in a process with these variables."""
    face = open_face(name, [], environment)
    document = {"projectId": encrypted.project_id, "baseUrl": encrypted.base_url, **config}
    try:
        return face.execute(Call(document, json.dumps({"loginId": PHONE}), {"loginId": PHONE}))
    finally:
        face.close()


@pytest.mark.parametrize("key", ["caFile", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR"])
@pytest.mark.parametrize("name", ["c", "cpp-queue"])
def test_paths_of_windows_may_have_any_letters(
    key: str, name: str, encrypted: Emulator, foreign_path: str
) -> None:
    if key == "caFile":
        result = sign_in(encrypted, name, {}, caFile=foreign_path)
    else:
        folder = foreign_path.rpartition("\\")[0]
        value = rf"C:\nowhere;{folder}" if key == "SSL_CERT_DIR" else foreign_path
        result = sign_in(encrypted, name, {key: value})
    assert result == Result(0, {**LINK_SENT, "maskedPhone": "+1********23"})


def test_a_missing_file_is_named_in_the_error(encrypted: Emulator, foreign_path: str) -> None:
    path = foreign_path.replace("ca.pem", "missing.pem")
    result = sign_in(encrypted, "c", {}, caFile=path)
    message = result.document["error"]["message"]
    assert result.status == 2
    assert path.replace("\\", "\\\\") in message
    directory = sign_in(encrypted, "c", {}, caFile=path.rpartition("\\")[0])
    assert "it is a directory, not a file" in directory.document["error"]["message"]


def test_a_call_that_signals_would_end_is_refused(encrypted: Emulator) -> None:
    result = sign_in(encrypted, "c", {}, interruptible=True)
    assert result.status == 2
    assert "`interruptible` works on Linux only" in result.document["error"]["message"]


def test_the_store_of_the_system_is_read_and_does_not_trust_the_emulator(
    encrypted: Emulator,
) -> None:
    result = sign_in(encrypted, "c", {})
    assert result.status == 11
    assert "is not signed by a trusted" in result.document["error"]["message"]


def test_a_variable_beyond_ascii_reaches_the_service(signed_up: Emulator, tmp_path: Path) -> None:
    # The message of an error quotes the invalid URL of the environment.
    program = compile_c(ROOT / "examples/c/signin.c", tmp_path)
    environment = {**signed_up.environment(), "DESCOPE_BASE_URL": "http://Łódź 証明書"}
    done = run([*program, PHONE], environment)
    assert (done.stdout, done.returncode) == ("", 1)
    assert "DESCOPE_E_CONFIG" in done.stderr or "DESCOPE_BASE_URL" in done.stderr


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_program_with_the_static_library_signs_in(
    scheme: str, signed_up: Emulator, encrypted: Emulator, tmp_path: Path
) -> None:
    archive = str(artefact("DESCOPE_ML_STATIC_LIBRARY"))
    flags = [f"-I{ROOT / 'include'}", archive, *SYSTEM]
    program = compile_c(ROOT / "examples/c/signin.c", tmp_path, *flags)
    assert "descope_ml.dll" not in needed_libraries(Path(program[-1]))
    local = encrypted if scheme == "https" else signed_up
    trust = {"SSL_CERT_FILE": local.ca_file} if local.ca_file else {}
    done = run([*program, PHONE], {**local.environment(), **trust})
    assert (done.stdout, done.stderr, done.returncode) == (SENT, "", 0)


@pytest.mark.only_where(HAS_PANIC)
@pytest.mark.parametrize("library", ["shared", "static"])
def test_a_panic_is_caught(library: str, tmp_path: Path) -> None:
    archive = [f"-I{ROOT / 'include'}", str(artefact("DESCOPE_ML_STATIC_LIBRARY")), *SYSTEM]
    flags = archive if library == "static" else library_flags()
    assert_ok(compile_c(ROOT / "tests/c/panic.c", tmp_path, *flags))


@pytest.mark.parametrize("import_library", ["libdescope_ml.dll.a", "descope_ml.lib"])
def test_each_import_library_leads_to_the_dll(
    import_library: str, signed_up: Emulator, tmp_path: Path
) -> None:
    library = artefact("DESCOPE_ML_LIBRARY").with_name(import_library)
    flags = [f"-I{ROOT / 'include'}", str(library)]
    program = compile_c(ROOT / "examples/c/signin.c", tmp_path, *flags)
    assert "descope_ml.dll" in needed_libraries(Path(program[-1]))
    done = run([*program, PHONE], signed_up.environment())
    assert (done.stdout, done.stderr, done.returncode) == (SENT, "", 0)


def needed_libraries(file: Path) -> set[str]:
    """The DLLs that a file needs."""
    return set(re.findall(r"DLL Name: (\S+)", output_of(binutil("objdump"), "-p", str(file))))


def test_the_dll_needs_libraries_of_the_system_only() -> None:
    system = {"kernel32", "ntdll", "ws2_32", "advapi32", "userenv", "msvcrt"}
    system |= {"bcrypt", "bcryptprimitives", "crypt32"}
    names = {name.lower() for name in needed_libraries(artefact("DESCOPE_ML_LIBRARY"))}
    others = {name for name in names if not name.startswith("api-ms-win-")}
    assert {name.removesuffix(".dll") for name in others} <= system


def exported_names(library: Path) -> Sequence[str]:
    """The names that a DLL exports, sorted."""
    tables = output_of(binutil("objdump"), "-p", str(library))
    table = tables.split("[Ordinal/Name Pointer] Table")[1].split("\n\n")[0]
    return sorted(re.findall(r"^\s+\[.*?\] (?:\+base\[.*?\]\s+\w+ )?(\S+)$", table, re.MULTILINE))


def test_the_dll_exports_what_the_shared_library_of_linux_does() -> None:
    library = artefact("DESCOPE_ML_LIBRARY")
    symbols = (ROOT / "tests/abi/symbols.txt").read_text().split()
    assert exported_names(library) == symbols
    listed = library.with_suffix(".def").read_text().split()
    assert listed == ["LIBRARY", "descope_ml.dll", "EXPORTS", *symbols]


@pytest.mark.only_where(not HAS_PANIC)
def test_the_dll_is_not_too_large() -> None:
    assert artefact("DESCOPE_ML_LIBRARY").stat().st_size <= MAX_SIZE


@pytest.mark.parametrize("standard", ["c89", "c99", "c2x", "c++98", "c++17"])
def test_the_header_compiles_with_mingw(standard: str, tmp_path: Path) -> None:
    is_cpp = "++" in standard
    source = tmp_path / ("header.cpp" if is_cpp else "header.c")
    source.write_text("#include <windows.h>\n#include <descope_ml.h>\n#include <descope_ml.h>\n")
    compiler = cpp_compiler() if is_cpp else c_compiler()
    flags = [f"-std={standard}", *STRICT, "-fsyntax-only", f"-I{ROOT / 'include'}"]
    subprocess.run([compiler, *flags, str(source)], check=True)
