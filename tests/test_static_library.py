"""The installed static library: its names, and linking it with each compiler and linker."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from support import emulator
from support.artefacts import artefact, tool
from support.elf import SYMBOLS, archive_symbols, needed_libraries
from support.installed import Installed
from support.programs import ROOT, assert_ok, build, c_compiler, output_of, run

PHONE = "+14155550123"
SIGN_IN = str(ROOT / "examples/c/signin.c")

# The flags of a host's build, with each linker.
VARIANTS = {
    "default": [],
    "static": ["-static"],
    "static-pie": ["-static-pie", "-fPIE"],
    "gc-sections": ["-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"],
    "lto": ["-flto", "-O2"],
    "gold": ["-fuse-ld=gold"],
    "lld": ["-fuse-ld=lld"],
    "mold": ["-fuse-ld=mold"],
}
LINKERS = {"gold": "ld.gold", "lld": "ld.lld", "mold": "mold"}


@pytest.fixture(scope="session")
def panicking_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of a library with the operation `test/panic`, made as `make library` makes it."""
    archive = tmp_path_factory.mktemp("panicking") / "libdescope_ml.a"
    source = artefact("DESCOPE_ML_PANIC_LIBRARY") / "libdescope_ml.a"
    build([str(ROOT / "packaging" / "static_library.sh"), str(source), str(archive)])
    return archive


@pytest.fixture(scope="session")
def other_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another static library that is written in Rust, as rustc writes it."""
    archive = tmp_path_factory.mktemp("other") / "libother_rust_library.a"
    source = str(ROOT / "tests" / "c" / "other_rust_library.rs")
    rustc = [tool("rustc"), "--edition=2024", "--crate-type=staticlib", "-O", "-Dwarnings"]
    build([*rustc, source, "-o", str(archive)])
    return archive


def test_archive_defines_no_global_name_but_those_of_the_header(installed: Installed) -> None:
    assert archive_symbols(installed.archive) == set(SYMBOLS.read_text().split())


def test_archive_has_one_object_without_bitcode_and_debug_information(installed: Installed) -> None:
    assert output_of(tool("ar"), "t", str(installed.archive)).split() == ["descope_ml.o"]
    headers = output_of(tool("readelf"), "-SW", str(installed.archive))
    sections = set(re.findall(r"^ +\[ *\d+\] (\S+)", headers, re.MULTILINE))
    assert any(section.startswith(".text.") for section in sections)
    assert ".note.GNU-stack" in sections, "the stack of programs would become executable"
    assert not [section for section in sections if section.startswith((".llvm", ".debug_"))]
    # Of two groups with one name, a linker keeps only one.
    assert ".group" not in sections


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("compiler", ["cc", "clang"])
def test_second_rust_library_links_in_either_order(
    compiler: str, variant: str, panicking_archive: Path, other_archive: Path, tmp_path: Path
) -> None:
    """Both catch their own panics in the program: exceptions pass through both runtimes."""
    flags = [*VARIANTS[variant], "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}"]
    if variant in LINKERS:
        tool(LINKERS[variant])
    if (compiler, variant) == ("clang", "lto"):
        # The others read the bitcode in the archive of rustc, and want that of clang's version.
        tool("ld.lld")
        flags.append("-fuse-ld=lld")
    source = str(ROOT / "tests" / "c" / "second_rust_library.c")
    archives = [str(panicking_archive), str(other_archive)]
    system = ["-lutil", "-lrt", "-lpthread", "-lm", "-ldl", "-lc"]
    for order in (archives, archives[::-1]):
        program = str(tmp_path / "program")
        build([tool(compiler), *flags, source, *order, *system, "-o", program])
        assert_ok([program])


@pytest.mark.parametrize("linker", ["bfd", "gold", "lld", "mold"])
def test_linker_leaves_out_functions_that_a_program_does_not_call(
    linker: str, installed: Installed, tmp_path: Path
) -> None:
    tool("mold" if linker == "mold" else f"ld.{linker}")
    source = tmp_path / "main.c"
    source.write_text("#include <descope_ml.h>\nint main(void) { return !descope_version(); }\n")
    sizes = []
    for name, flag in (("all", "--no-gc-sections"), ("called", "--gc-sections")):
        program = tmp_path / name
        flags = [f"-fuse-ld={linker}", f"-Wl,{flag}", "-Wl,-s"]
        build([c_compiler(), *flags, str(source), *installed.archive_flags(), "-o", str(program)])
        assert run([str(program)]).returncode == 0
        sizes.append(program.stat().st_size)
    assert sizes[1] < sizes[0] / 2


@pytest.mark.parametrize("how", ["shared", "archive", "static", "static-pie"])
def test_program_linked_through_pkg_config_signs_in(
    how: str, installed: Installed, tmp_path: Path
) -> None:
    flags = {
        "shared": installed.flags("--cflags", "--libs"),
        "archive": installed.archive_flags(),
        "static": ["-static", *installed.flags("--static", "--cflags", "--libs")],
        "static-pie": ["-static-pie", *installed.flags("--static", "--cflags", "--libs")],
    }[how]
    program = tmp_path / "signin"
    build([c_compiler(), SIGN_IN, *flags, "-o", str(program)])
    needed = needed_libraries(program)
    assert ("libdescope_ml" in needed) == (how == "shared")
    assert bool(needed) == (how in {"shared", "archive"})
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        environment = {**local.environment(), "LD_LIBRARY_PATH": str(installed.libraries)}
        done = run([str(program), PHONE], environment)
        assert (done.stdout, done.stderr) == ("sent to +1********23\n", "")


def test_lines_of_the_documentation_link_what_they_say(
    installed: Installed, tmp_path: Path
) -> None:
    """The `cc` lines of docs/linking.md: the shared library, the archive, a static program."""
    (tmp_path / "signin.c").write_text(Path(SIGN_IN).read_text())
    text = (ROOT / "docs" / "linking.md").read_text()
    needed = []
    for line in re.findall(r"^cc .* -o signin$", text, re.MULTILINE):
        environment = {**os.environ, **installed.pkg_config_environment}
        subprocess.run(["sh", "-ec", line], cwd=tmp_path, env=environment, check=True)
        needed.append(needed_libraries(tmp_path / "signin"))
    shared, archive, static = needed
    assert "libdescope_ml" in shared
    assert "libc" in archive
    assert "libdescope_ml" not in archive
    assert static == set()


def test_pkg_config_names_the_version_and_the_libraries_that_rustc_names(
    installed: Installed, tmp_path: Path
) -> None:
    """Except libgcc_s: compilers add it themselves, and for static programs there is none."""
    found = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    assert found
    assert installed.flags("--modversion") == [found[1]]
    options = ["--print", "native-static-libs", "--crate-type", "staticlib", "-"]
    done = subprocess.run(
        [tool("rustc"), *options, "-o", str(tmp_path / "x.a")],
        input="",
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = re.findall(r"native-static-libs: (.*)", done.stderr)
    expected = [flag for flag in line.split() if flag != "-lgcc_s"]
    assert installed.flags("--static", "--libs-only-l") == ["-ldescope_ml", *expected]
