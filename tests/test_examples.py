"""The examples of each language work, and explain errors."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

import pytest

from support.artefacts import tool
from support.emulator import Emulator, run_emulator
from support.programs import ROOT, STRICT, build, c_compiler, cpp_compiler, library_flags, run
from support.runner import has_cpp, is_other_platform, program_file, runner

LANGUAGES = ["c", "cpp", "python", "cobol", "fortran"]
if is_other_platform():
    LANGUAGES = ["c", "cpp"] if has_cpp() else ["c"]
# The languages with an example of sessions.
WITH_SESSIONS = ("c", "cpp", "python")
needs_cpp = pytest.mark.only_where(has_cpp())
EXAMPLES = ROOT / "examples"


def command(language: str, folder: Path, name: str = "signin") -> list[str]:
    """Builds an example and returns the command that runs it."""
    program = program_file(folder / name)
    flags = ["-o", program, *library_flags()]
    if language == "python":
        return [sys.executable, str(EXAMPLES / f"python/{name}.py")]
    if language == "c":
        build([c_compiler(), "-std=c99", *STRICT, str(EXAMPLES / f"c/{name}.c"), *flags])
    if language == "cpp":
        build([cpp_compiler(), "-std=c++17", *STRICT, str(EXAMPLES / f"cpp/{name}.cpp"), *flags])
    if language == "cobol":
        linked = [flag for flag in library_flags() if flag.startswith(("-L", "-l"))]
        cobc = [tool("cobc"), "-x", "-Wall", "-fstatic-call", "signin.cob", "-o", program]
        build([*cobc, *linked], cwd=EXAMPLES / "cobol")
    if language == "fortran":
        sources = [str(EXAMPLES / f"fortran/{name}.f90") for name in ("descope_ml", "signin")]
        fortran = [tool("gfortran"), "-std=f2018", "-Wall", "-Wextra", "-Werror", f"-J{folder}"]
        build([*fortran, *sources, *flags])
    return [*runner(), program]


def cpp_example(name: str, folder: Path, *flags: str) -> list[str]:
    """Builds an example of C++ with more flags, and returns the command that runs it."""
    source, program = str(EXAMPLES / f"cpp/{name}.cpp"), program_file(folder / name)
    build([cpp_compiler(), *flags, *STRICT, source, "-o", program, *library_flags(), "-lpthread"])
    return [*runner(), program]


def environment(local: Emulator) -> dict[str, str]:
    """The environment variables of an example."""
    paths = [path for path in sys.path if path]
    library = next(flag[2:] for flag in library_flags() if flag.startswith("-L"))
    return {
        **local.environment(),
        "PYTHONPATH": ":".join(paths),
        "LD_LIBRARY_PATH": library,
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_example_sends_a_valid_link(language: str, local: Emulator, tmp_path: Path) -> None:
    phone = f"+1415555{1000 + LANGUAGES.index(language)}"
    local.sign_up(phone)
    before = len(local.messages(phone))

    done = run([*command(language, tmp_path), phone], environment(local))

    assert (done.stdout, done.stderr, done.returncode) == (
        f"sent to +1********{phone[-2:]}\n",
        "",
        0,
    )
    messages = local.messages(phone)
    assert len(messages) == before + 1
    session = local.post("/v1/auth/magiclink/verify", {"token": messages[0]["token"]})
    payload = session["sessionJwt"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["sub"] == session["user"]["userId"]
    assert session["user"]["loginIds"] == [phone]


@pytest.mark.parametrize("language", LANGUAGES)
def test_example_sends_a_link_over_https(language: str, tmp_path: Path) -> None:
    phone = "+14155551234"
    with run_emulator("--tls") as encrypted:
        assert encrypted.base_url.startswith("https://")
        assert encrypted.ca_file
        encrypted.sign_up(phone)
        trust = {"SSL_CERT_FILE": encrypted.ca_file}
        program = [*command(language, tmp_path), phone]
        done = run(program, {**environment(encrypted), **trust})
        assert (done.stdout, done.stderr, done.returncode) == ("sent to +1********34\n", "", 0)
        assert len(encrypted.messages(phone)) == 2
        # Without its CA, the certificate of the emulator is not accepted.
        refused = run(program, environment(encrypted))
        assert (refused.stdout, refused.returncode) == ("", 1)
        assert "DESCOPE_E_TLS" in refused.stderr or "certificate" in refused.stderr
        assert len(encrypted.messages(phone)) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_example_reads_the_login_id_from_the_environment_and_explains_errors(
    language: str, local: Emulator, tmp_path: Path
) -> None:
    login_id = {"DESCOPE_LOGIN_ID": "+19995550000"}
    done = run(command(language, tmp_path), {**environment(local), **login_id})
    assert done.returncode == 1
    assert done.stdout == ""
    assert "E062108: no user has this login ID" in done.stderr
    assert "(refused)" in done.stderr
    assert "+1999" not in done.stderr


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name in WITH_SESSIONS])
def test_session_example_verifies_a_link_once(
    language: str, local: Emulator, tmp_path: Path
) -> None:
    phone = f"+1415555{2000 + LANGUAGES.index(language)}"
    local.sign_up(phone)
    (message,) = local.messages(phone)
    program = [*command(language, tmp_path, "session"), message["token"]]

    done = run(program, environment(local))
    assert (done.stdout[:12], done.stderr, done.returncode) == ("session of U", "", 0)

    second = run(program, environment(local))
    assert (second.stdout, second.returncode) == ("", 1)
    assert second.stderr.startswith("DESCOPE_E_API: ")
    assert "E062504" in second.stderr
    assert message["token"] not in second.stderr


@needs_cpp
def test_cpp_example_without_exceptions_signs_a_user_in(local: Emulator, tmp_path: Path) -> None:
    phone = "+14155553001"
    local.sign_up(phone)
    flags = ["-std=c++17", "-fno-exceptions", "-fno-rtti"]
    program = cpp_example("no_exceptions", tmp_path, *flags)
    sent = run([*program, "signin", phone], environment(local))
    assert (sent.stdout, sent.stderr, sent.returncode) == ("sent to +1********01\n", "", 0)
    token = local.messages(phone)[0]["token"]
    session = run([*program, "session", token], environment(local))
    assert (session.stdout[:12], session.stderr, session.returncode) == ("session of U", "", 0)
    again = run([*program, "session", token], environment(local))
    assert (again.stdout, again.returncode) == ("", 1)
    assert "E062504" in again.stderr


@needs_cpp
def test_cpp_example_with_coroutines_sends_several_links(local: Emulator, tmp_path: Path) -> None:
    phones = ["+14155553002", "+14155553003"]
    for phone in phones:
        local.sign_up(phone)
    program = cpp_example("coroutines", tmp_path, "-std=c++20")
    sent = run([*program, *phones], environment(local))
    lines = [f"sent to +1********{phone[-2:]}" for phone in phones]
    assert (sorted(sent.stdout.splitlines()), sent.stderr, sent.returncode) == (lines, "", 0)
    refused = run([*program, phones[0], "+19995550000"], environment(local))
    assert (refused.stdout, refused.returncode) == (f"{lines[0]}\n", 1)
    assert "E062108" in refused.stderr
