"""Hosts with threads under the tools of valgrind and ThreadSanitizer, with our suppressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support import emulator
from support.artefacts import tool
from support.installed import Installed
from support.programs import assert_ok, compile_program, run

PHONE = "+14155550123"

# A program of tests/c, and its arguments after the configuration.
HOSTS = {"thread_isolation": ["8", "2"], "queue_threads": ["20"]}
TOOLS = ["helgrind", "drd", "tsan"]


@dataclass(frozen=True)
class HostTool:
    """A tool that looks for races in a program."""

    flags: list[str]
    prefix: list[str] = field(default_factory=list)
    environment: Mapping[str, str] = field(default_factory=dict)


def host_tool(name: str, installed: Installed) -> HostTool:
    """Returns a tool of `TOOLS`, with the suppressions."""
    suppressions = installed.shared_files
    if name == "tsan":
        options = f"suppressions={suppressions / 'tsan.supp'}"
        return HostTool(["-O1", "-fsanitize=thread"], environment={"TSAN_OPTIONS": options})
    options = f"--suppressions={suppressions / 'valgrind.supp'}"
    return HostTool([], [tool("valgrind"), "-q", f"--tool={name}", "--error-exitcode=99", options])


def compile_host(name: str, found: HostTool, installed: Installed, folder: Path) -> str:
    """Compiles a program of tests/c with the installed library."""
    library = installed.libraries / "libdescope_ml.so"
    return compile_program(f"c/{name}.c", folder, library, flags=found.flags)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("name", TOOLS)
def test_tool_reports_nothing_in_a_host_with_threads(
    name: str, host: str, scheme: str, installed: Installed, tmp_path: Path
) -> None:
    found = host_tool(name, installed)
    program = compile_host(host, found, installed, tmp_path)
    with emulator.run_emulator(*(["--tls"] if scheme == "https" else [])) as local:
        local.sign_up(PHONE)
        configs = [local.config()]
        if host == "thread_isolation":
            configs.append(local.config("localhost"))
        assert_ok([*found.prefix, program, *configs, *HOSTS[host]], found.environment)


@pytest.mark.parametrize("name", TOOLS)
def test_tool_still_reports_a_race_of_the_host(
    name: str, installed: Installed, tmp_path: Path
) -> None:
    found = host_tool(name, installed)
    program = compile_host("host_race", found, installed, tmp_path)
    done = run([*found.prefix, program], {"DESCOPE_PROJECT_ID": "P2test", **found.environment})
    assert done.returncode != 0
    assert "run_worker" in done.stderr
