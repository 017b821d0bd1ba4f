"""A program with more privileges than its user does not believe the environment of that user."""

from __future__ import annotations

import json
import os
import shutil
import struct
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support import emulator
from support.artefacts import artefact, skip_or_fail, tool
from support.programs import compile_program, run
from support.proxy import run_proxy

OWNER, USER = 61001, 61002

# A port that is open nowhere.
NOWHERE = "127.0.0.1:1"

IGNORED = (
    "environment variables are ignored, since this program has more privileges than its user: "
    "set `environment` to true if whoever starts it is trusted"
)


def set_user_id(program: Path) -> None:
    """Lets the program run as its owner."""
    os.chown(program, OWNER, 0)
    program.chmod(0o4755)


def set_group_id(program: Path) -> None:
    """Lets the program run with the group of its file."""
    os.chown(program, 0, OWNER)
    program.chmod(0o2755)


def add_capability(program: Path) -> None:
    """Lets the program listen on port 80, as `setcap cap_net_bind_service+ep` does."""
    revision_2_effective, port_below_1024 = 0x02000001, 1 << 10
    value = struct.pack("<5I", revision_2_effective, port_below_1024, 0, 0, 0)
    os.setxattr(program, "security.capability", value)


PRIVILEGES = [set_user_id, set_group_id, add_capability]


class Host:
    """A program in a folder that all users can read, which is run by a user without privileges."""

    def __init__(self, folder: Path) -> None:
        """Builds tests/c/logged_call.c in an empty folder."""
        folder.chmod(0o755)
        library = folder / "libdescope_ml.so"
        shutil.copy(artefact("DESCOPE_ML_LIBRARY"), library)
        (folder / "libdescope_ml.so.1").symlink_to(library.name)
        self._folder = folder
        self.program = Path(compile_program("c/logged_call.c", folder, library))
        self.program.chmod(0o755)

    def sign_in(
        self, config: dict[str, Any], environment: dict[str, str]
    ) -> tuple[list[str], int, dict[str, Any]]:
        """Returns the lines of the log, the status and the document of the call."""
        user = [tool("setpriv"), f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
        done = run([*user, str(self.program), json.dumps(config)], environment)
        assert (done.stderr, done.returncode) == ("", 0)
        *lines, last = done.stdout.splitlines()
        status, document = last.split(" ", 1)
        return lines, int(status), json.loads(document)

    def readable_copy(self, file: str) -> str:
        """A copy of a file that all users can read."""
        copy = self._folder / "authority.pem"
        copy.write_bytes(Path(file).read_bytes())
        copy.chmod(0o644)
        return str(copy)


@pytest.fixture
def host() -> Iterator[Host]:
    """The folders of pytest are closed to other users."""
    if os.geteuid() != 0:
        skip_or_fail("only root may make programs of other users: run the tests as root")
    with tempfile.TemporaryDirectory() as folder:
        yield Host(Path(folder))


@pytest.mark.parametrize("add_privileges", PRIVILEGES)
def test_the_environment_does_not_choose_project_and_service(
    add_privileges: Callable[[Path], None], host: Host
) -> None:
    with emulator.run_emulator() as local:
        environment = local.environment()
        lines, status, _ = host.sign_in({}, environment)
        assert (status, local.base_url.removeprefix("http://") in lines[0]) == (0, True)

        add_privileges(host.program)
        lines, status, document = host.sign_in({}, environment)
        assert (lines[0], status) == (IGNORED, 2)
        assert "no project ID is set: pass `projectId`" in document["error"]["message"]
        assert "Environment variables are ignored" in document["error"]["message"]

        # The default of the base URL. The proxy of the configuration leads nowhere.
        config = {"projectId": local.project_id, "proxy": NOWHERE, "maxAttempts": 1}
        lines, status, _ = host.sign_in(config, environment)
        expected = "POST api.descope.com/v1/auth/magiclink/signup-in/sms: attempt 1 of 1"
        assert (lines[:2], status) == ([IGNORED, expected], 10)

        # What the program itself passes counts.
        config = {"projectId": local.project_id, "baseUrl": local.base_url}
        assert host.sign_in(config, environment)[1] == 0
        assert len(local.requests()) == 2

        # So does its word that it trusts its user.
        lines, status, _ = host.sign_in({"environment": True}, environment)
        assert (status, IGNORED in lines) == (0, False)


@pytest.mark.parametrize("add_privileges", PRIVILEGES)
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_the_environment_does_not_choose_whom_to_trust(
    variable: str, add_privileges: Callable[[Path], None], host: Host
) -> None:
    with emulator.run_emulator("--tls") as local:
        assert local.ca_file
        ca_file = host.readable_copy(local.ca_file)
        config: dict[str, Any] = {"projectId": local.project_id, "baseUrl": local.base_url}
        assert host.sign_in(config, {variable: ca_file})[1] == 0
        add_privileges(host.program)
        assert host.sign_in(config, {variable: ca_file})[1] == 11
        assert host.sign_in({**config, "caFile": ca_file}, {})[1] == 0


@pytest.mark.parametrize("add_privileges", PRIVILEGES)
def test_the_environment_does_not_choose_a_proxy(
    add_privileges: Callable[[Path], None], host: Host
) -> None:
    config = {"projectId": "P2test", "baseUrl": "https://api.example.invalid", "timeoutMs": 1000}
    with run_proxy(1, ["HTTP/1.1 403 Forbidden\r\n\r\n"]) as proxy:
        environment = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"}
        host.sign_in(config, environment)
        assert {request["line"] for request in proxy.requests} == {
            "CONNECT api.example.invalid:443 HTTP/1.1"
        }
        count = len(proxy.requests)

        add_privileges(host.program)
        _, _, document = host.sign_in(config, environment)
        assert "could not resolve" in document["error"]["message"]
        assert len(proxy.requests) == count
