"""Plug-ins that contain the library, or use the shared one, are loaded and unloaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support import emulator
from support.installed import Installed
from support.programs import (
    CHECKERS,
    NO_UNDEFINED_VALUE_ERRORS,
    ROOT,
    STRICT,
    assert_ok,
    build,
    c_compiler,
    checker,
    compile_program,
    library_flags,
    run,
)

PHONE = "+14155550123"
ROUNDS = "1000"


@dataclass(frozen=True)
class Host:
    """A program that loads plug-ins, the library for them, a service, and a session token of it."""

    program: str
    archive: Path
    service: emulator.Emulator
    token: str

    def build_plugin(self, folder: Path, *flags: str, shared: bool = False) -> Path:
        """Builds a plug-in that contains the library, or uses the shared one."""
        plugin = folder / "plugin.so"
        link = library_flags() if shared else [str(self.archive)]
        source = str(ROOT / "tests/c/plugin.c")
        includes = f"-I{ROOT / 'include'}"
        command = [c_compiler(), "-std=c11", *STRICT, "-g", "-fPIC", "-shared", includes, *flags]
        build([*command, source, "-o", str(plugin), *link, "-lpthread", "-ldl", "-lm"])
        return plugin

    def run(self, plugin: Path, mode: str, rounds: str = "0") -> list[str]:
        """The lines that the program prints. It must succeed."""
        command = [self.program, str(plugin), mode, rounds, self.token]
        done = run(command, self.service.environment())
        assert (done.stderr, done.returncode) == ("", 0), done.stdout
        return done.stdout.splitlines()


@pytest.fixture
def host(tmp_path: Path, installed: Installed) -> Iterator[Host]:
    program = compile_program("c/plugin_host.c", tmp_path)
    with emulator.run_emulator() as local:
        yield Host(program, installed.archive, local, session_token(local))


def session_token(local: emulator.Emulator) -> str:
    """The session token of a new user."""
    local.sign_up(PHONE)
    (message,) = local.messages(PHONE)
    session = local.post("/v1/auth/magiclink/verify", {"token": message["token"]})
    return str(session["sessionJwt"])


@pytest.mark.plain
@pytest.mark.parametrize("kind", ["static", "static nodelete", "shared"])
def test_descriptors_and_memory_do_not_grow_when_a_plugin_is_reloaded(
    kind: str, host: Host, tmp_path: Path
) -> None:
    """A plug-in with the library inside stays loaded after its first call."""
    flags = ["-Wl,-z,nodelete"] if "nodelete" in kind else []
    plugin = host.build_plugin(tmp_path, *flags, shared=kind == "shared")
    state = "is unloaded" if kind == "shared" else "stays loaded"
    assert host.run(plugin, "reload", ROUNDS) == [state, "ok"]


@pytest.mark.plain
@pytest.mark.parametrize("mode", ["reload", "open"])
def test_a_plugin_may_make_calls_while_the_program_ends(
    mode: str, host: Host, tmp_path: Path
) -> None:
    """In an exit handler and in a destructor, also if it was closed before."""
    plugin = host.build_plugin(tmp_path, "-DPLUGIN_CALLS_AT_EXIT")
    assert host.run(plugin, mode)[-3:] == ["ok", "exit handler 0", "destructor 0"]


@pytest.mark.plain
def test_a_plugin_that_was_not_used_is_unloaded_and_may_clean_up_in_its_destructor(
    host: Host, tmp_path: Path
) -> None:
    plugin = host.build_plugin(tmp_path, "-DPLUGIN_CLEANS_UP")
    assert host.run(plugin, "unused", "10") == ["is unloaded", "ok"]


@pytest.mark.parametrize("how", CHECKERS)
@pytest.mark.parametrize("flags", [[], ["--tls"]], ids=["http", "https"])
def test_cleanup_releases_everything_and_the_library_works_afterwards(
    flags: list[str], how: str, tmp_path: Path
) -> None:
    """Afterwards, valgrind finds no lost memory, not even possibly lost one."""
    program = compile_program("c/cleanup.c", tmp_path)
    with emulator.run_emulator(*flags) as local:
        command = checker(how, leaks="definite,possible")
        if command and flags:
            command.append(NO_UNDEFINED_VALUE_ERRORS)
        assert_ok([*command, program, local.config(), session_token(local)])
