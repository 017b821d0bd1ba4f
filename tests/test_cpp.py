"""C++: the headers in every standard and compiler, what must not compile, and typed programs."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from support import emulator
from support.artefacts import skip_or_fail, tool
from support.programs import (
    CHECKERS,
    ROOT,
    assert_ok,
    build,
    checker,
    compile_program,
    cpp_compiler,
    library_flags,
    output_of,
    run,
)

PHONE = "+14155550123"
TESTS = ROOT / "tests" / "cpp"
STRICT_CPP = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Weffc++", "-Werror"]
NO_EXCEPTIONS = ["-fno-exceptions", "-fno-rtti"]

# The standard libraries, each with its compiler.
TOOLCHAINS = {
    "gcc": [],
    "clang-libstdcxx": ["-stdlib=libstdc++"],
    "clang-libcxx": ["-stdlib=libc++"],
}
# Draft names, since the oldest supported compilers know no others.
STANDARDS = ["c++17", "c++20", "c++2b", "c++2c"]

MISTAKES = re.findall(
    r"#ifdef (\w+)\n(?:.*\n)*?.*// (.+)\n#endif", (TESTS / "must_not_compile.cpp").read_text()
)


# Standard headers that are slow to compile. Of <chrono> C++20 has calendars and time zones as well.
SLOW_HEADERS = {"algorithm", "chrono", "functional", "iostream", "memory", "regex", "sstream"}


def command(toolchain: str) -> list[str]:
    """The compiler of a toolchain."""
    compiler = cpp_compiler() if toolchain == "gcc" else tool("clang++")
    start = [compiler, *TOOLCHAINS[toolchain], f"-I{ROOT / 'include'}", "-fsyntax-only"]
    probe = [*start, "-x", "c++", "-include", "string", os.devnull]
    if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        skip_or_fail(f"{toolchain} has no standard library: libc++-dev is not installed")
    return start


@cache
def supported_standards(toolchain: str) -> list[str]:
    """Those that the compiler knows: at least C++23."""
    known = [
        standard
        for standard in STANDARDS
        if subprocess.run(
            [*command(toolchain), f"-std={standard}", "-x", "c++", os.devnull],
            capture_output=True,
            check=False,
        ).returncode
        == 0
    ]
    assert known[:3] == STANDARDS[:3], known
    return known


@pytest.mark.parametrize("flags", [[], NO_EXCEPTIONS], ids=["exceptions", "no_exceptions"])
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.plain
def test_programs_compile_without_warnings_in_every_standard(
    toolchain: str, flags: "list[str]"
) -> None:
    for standard in supported_standards(toolchain):
        strict = [*command(toolchain), f"-std={standard}", *STRICT_CPP, *flags]
        build([*strict, str(TESTS / "typed.cpp")])
        if standard != "c++17":
            build([*strict, str(TESTS / "coroutines.cpp")])


@pytest.mark.plain
def test_programs_compile_in_the_newest_standards_with_a_newer_clang(tmp_path: Path) -> None:
    """That of the package ziglang. Its libc++ has std::expected."""
    if importlib.util.find_spec("ziglang") is None:
        skip_or_fail("ziglang is not installed")
    zig = [sys.executable, "-m", "ziglang", "c++", f"-I{ROOT / 'include'}", *STRICT_CPP]
    result = "std::is_same_v<descope::Result<int>, std::expected<int, descope::Error>>"
    for standard, flags in (("c++23", NO_EXCEPTIONS), ("c++26", []), ("c++26", NO_EXCEPTIONS)):
        for name in ("typed", "coroutines"):
            source = tmp_path / f"{name}.cpp"
            source.write_text(f'#include "{TESTS / name}.cpp"\nstatic_assert({result});\n')
            build([*zig, f"-std={standard}", *flags, "-c", str(source), "-o", f"{source}.o"])


@pytest.mark.parametrize("standard", ["c++20", "c++2b"])
def test_the_header_includes_no_standard_header_that_is_slow_to_compile(
    standard: str, tmp_path: Path
) -> None:
    source = tmp_path / "include.cpp"
    source.write_text("#include <descope_ml.hpp>\n")
    included = output_of(*command("gcc"), f"-std={standard}", "-M", str(source))
    names = {Path(name).name for name in included.split()}
    assert "descope_ml_operations.hpp" in names
    assert not names & SLOW_HEADERS


def test_the_file_of_mistakes_compiles_without_any() -> None:
    assert len(MISTAKES) >= 14
    build([*command("gcc"), "-std=c++20", *STRICT_CPP, str(TESTS / "must_not_compile.cpp")])


@pytest.mark.parametrize(("name", "message"), MISTAKES)
def test_a_mistake_does_not_compile(name: str, message: str) -> None:
    """The compiler names the line."""
    source = TESTS / "must_not_compile.cpp"
    lines = source.read_text().splitlines()
    start = lines.index(f"#ifdef {name}")
    line = next(n for n, text in enumerate(lines) if n > start and f"// {message}" in text) + 1
    flags = ["-std=c++20", "-Werror", f"-D{name}"]
    done = subprocess.run(
        [*command("gcc"), *flags, str(source)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    errors = re.findall(rf"must_not_compile\.cpp:{line}:\d+: error: (.*)", done.stderr)
    assert any(re.search(message, error) for error in errors), done.stderr


# The program says what it is called with. One file without exceptions, one with them and another
# standard: the types differ, and so do their names.
MIXED = """
#include <descope_ml_queue.hpp>
bool {name}() {{
    const auto client = descope::Client::create(descope::Document("[]"));
    return !client && client.error().status() == DESCOPE_E_CONFIG;
}}
"""
MIXED_MAIN = """
bool one();
bool other();
int main() { return one() && other() ? 0 : 1; }
"""


@pytest.mark.plain
def test_files_of_one_program_may_differ_in_standard_and_exceptions(tmp_path: Path) -> None:
    flags = {"one": ["-std=c++17", *NO_EXCEPTIONS], "other": ["-std=c++2b"]}
    objects = []
    for name, more in flags.items():
        source = tmp_path / f"{name}.cpp"
        source.write_text(MIXED.format(name=name))
        objects.append(str(tmp_path / f"{name}.o"))
        include = f"-I{ROOT / 'include'}"
        build([cpp_compiler(), *more, "-O0", include, "-c", str(source), "-o", objects[-1]])
    main = tmp_path / "main.cpp"
    main.write_text(MIXED_MAIN)
    program = str(tmp_path / "mixed")
    build([cpp_compiler(), str(main), *objects, "-o", program, *library_flags(), "-lpthread"])
    assert run([program]).returncode == 0


VARIANTS = {
    "cpp17": ["-std=c++17"],
    "cpp20_no_exceptions": ["-std=c++20", *NO_EXCEPTIONS],
    "cpp23": ["-std=c++2b"],
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("how", CHECKERS)
def test_typed_requests_and_results(how: str, variant: str, tmp_path: Path) -> None:
    program = compile_program("cpp/typed.cpp", tmp_path, flags=VARIANTS[variant])
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        assert_ok([*checker(how), program, local.config()])


@pytest.mark.parametrize("variant", ["cpp20_no_exceptions", "cpp23"])
@pytest.mark.parametrize("how", CHECKERS)
def test_coroutines_wait_for_calls_of_a_queue(how: str, variant: str, tmp_path: Path) -> None:
    program = compile_program("cpp/coroutines.cpp", tmp_path, flags=VARIANTS[variant])
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        # These calls stay in progress until the program ends them.
        local.control("faults", path="/v1/auth/magiclink/signin/email", delay="1h")
        assert_ok([*checker(how), program, local.config()])


@pytest.mark.plain
def test_qt_window_stays_responsive_during_a_call(tmp_path: Path) -> None:
    command = [tool("pkg-config"), "--cflags", "--libs", "Qt6Widgets"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode != 0:
        skip_or_fail("qt6-base-dev is not installed")
    flags = ["-fPIC", *found.stdout.split()]
    build([*command_of_cpp17(), *flags, "-fsyntax-only", str(ROOT / "examples/cpp/qt/main.cpp")])
    program = str(tmp_path / "qt_window")
    source = str(TESTS / "qt_window.cpp")
    build([*command_of_cpp17(), source, "-o", program, *flags, *library_flags()])
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        local.control("faults", path="/v1/auth/magiclink/signin/sms", delay="500ms")
        # Without a display. The plug-in warns about what it cannot do.
        quiet = {"QT_LOGGING_RULES": "*.warning=false;qt.qpa.*=false"}
        environment = {"QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(tmp_path), **quiet}
        assert_ok([program, local.config()], environment)


def command_of_cpp17() -> list[str]:
    """The compiler for a program with strict warnings."""
    return [cpp_compiler(), "-std=c++17", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}"]


@pytest.mark.plain
def test_a_temporary_request_can_be_awaited_with_clang(tmp_path: Path) -> None:
    """Old versions of gcc reject it."""
    clang = [argument for argument in command("clang-libcxx") if argument != "-fsyntax-only"]
    program, source = str(tmp_path / "coroutines"), str(TESTS / "coroutines.cpp")
    build([*clang, "-std=c++20", source, "-o", program, *library_flags(), "-lpthread"])
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        local.control("faults", path="/v1/auth/magiclink/signin/email", delay="1h")
        assert_ok([program, local.config()])
