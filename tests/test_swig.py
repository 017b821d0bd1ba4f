"""include/descope_ml.i: the modules that SWIG makes for Tcl, Perl and Java."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from support.artefacts import tool
from support.emulator import Emulator
from support.programs import ROOT, build, c_compiler, library_flags, output_of, run

PHONE = "+14155550123"
PROGRAMS = ROOT / "tests/hosts/swig"


def generate(folder: Path, language: str) -> str:
    """Runs SWIG, with warnings as errors. Returns the path of the C file."""
    wrapper = str(folder / "wrapper.c")
    interface = str(ROOT / "include/descope_ml.i")
    includes = f"-I{ROOT / 'include'}"
    options = ["-Wall", "-Werror", includes, "-outdir", str(folder), "-o", wrapper]
    build([tool("swig"), f"-{language}", *options, interface])
    return wrapper


def compile_wrapper(wrapper: str, module: Path, flags: Sequence[str]) -> None:
    """Compiles the C file of SWIG."""
    optimization = ["-O1", "-fno-strict-aliasing", "-shared", "-fPIC"]
    libraries = library_flags()
    build([c_compiler(), *optimization, *flags, wrapper, "-o", str(module), *libraries])


def tcl_command(folder: Path) -> list[str]:
    """Builds the module for Tcl. Returns the command of the program."""
    module = folder / "descope_ml.so"
    flags = output_of(tool("pkg-config"), "--cflags", "tcl").split()
    compile_wrapper(generate(folder, "tcl"), module, flags)
    return [tool("tclsh"), str(PROGRAMS / "journey.tcl"), str(module)]


def perl_command(folder: Path) -> list[str]:
    """Builds the module for Perl. Returns the command of the program."""
    flags = output_of(tool("perl"), "-MExtUtils::Embed", "-e", "ccopts").split()
    compile_wrapper(generate(folder, "perl"), folder / "descope_ml.so", flags)
    return [tool("perl"), f"-I{folder}", str(PROGRAMS / "journey.pl")]


def java_command(folder: Path) -> list[str]:
    """Builds the module for Java. Returns the command of the program, under JNI's own checks."""
    module = folder / "libdescope_ml_java.so"
    home = Path(tool("javac")).resolve().parent.parent
    flags = [f"-I{home / 'include'}", f"-I{home / 'include/linux'}"]
    compile_wrapper(generate(folder, "java"), module, flags)
    sources = [*map(str, folder.glob("*.java")), str(PROGRAMS / "Journey.java")]
    options = ["-Xcheck:jni", "-XX:+UseSerialGC", "-Xms16m", "-Xmx16m", "-cp", str(folder)]
    build([tool("javac"), "-encoding", "UTF-8", "-d", str(folder), *sources])
    return [tool("java"), *options, "Journey", str(module)]


@pytest.mark.parametrize("command", [tcl_command, perl_command, java_command])
def test_a_module_of_swig_signs_in_and_frees_what_it_gets(
    command: Callable[[Path], list[str]], emulator: Emulator, tmp_path: Path
) -> None:
    """The journey, texts beyond ASCII, a queue, texts with a NUL, and memory that does not grow."""
    emulator.control("reset")
    emulator.sign_up(PHONE)
    (message,) = emulator.messages(PHONE)
    program = [*command(tmp_path), emulator.config(), PHONE, message["token"]]
    done = run(program)
    masked = "+1********23"
    assert (done.stdout.splitlines(), done.stderr, done.returncode) == (
        [
            "0",
            f"0 {masked}",
            f"0 {PHONE}",
            "20 nobody é漢 E062108",
            f"0 7 0 {masked}",
            '0 {"text":"a\\u0000b"}',
            "refused",
            "flat",
        ],
        "",
        0,
    )


def test_swig_knows_every_function_of_the_header_without_a_callback(tmp_path: Path) -> None:
    """Nothing is missing but what descope_ml.i names."""
    generate(tmp_path, "perl")
    wrapped = set((tmp_path / "descope_ml.pm").read_text().split())
    symbols = set((ROOT / "tests/abi/symbols.txt").read_text().split())
    missing = {name for name in symbols if f"*{name}" not in wrapped}
    assert missing == {
        "descope_string_free",
        "descope_json_get",
        "descope_log_set",
        "descope_client_log_set",
        "descope_events_set",
    }
