"""A C program's process: forks, threads, loading, resource limits and side effects."""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Optional

import pytest

from support import emulator
from support.artefacts import artefact, tool
from support.certificates import Certificates
from support.programs import ROOT, assert_ok, build, compile_program
from support.recording_server import RecordingServer, run_server

PROJECT = "P2test"

# A fork takes about a hundred times as long with a sanitizer, so there are fewer forks then.
FORK_DIVISOR = 20 if "DESCOPE_ML_SANITIZER" in os.environ else 1


def config(server: RecordingServer, host: str = "127.0.0.1", **more: Any) -> str:
    """Returns a configuration document for a program."""
    url = server.url.replace("127.0.0.1", host)
    return json.dumps({"projectId": PROJECT, "baseUrl": url, **more})


def login_ids_by_connection(server: RecordingServer) -> dict[int, set[str]]:
    """Returns the login IDs in the requests on each connection.

    A program that forks sends its process ID as the login ID.
    """
    found = defaultdict(set)
    for request in server.received:
        found[request.connection].add(json.loads(request.body)["loginId"])
    return dict(found)


def run_fork_program(
    state: str, forks: int, folder: Path, certificates: Optional[Certificates] = None
) -> RecordingServer:
    """Runs tests/c/fork.c and returns the server that recorded its requests.

    Args:
        state: The state of the parent when it forks: first, pooled or busy.
        forks: The number of children.
        folder: Where the program is built.
        certificates: For HTTPS; else the server uses HTTP.
    """
    with run_server(certificates.server_context("good") if certificates else None) as server:
        more = {"caFile": str(certificates.ca_file)} if certificates else {}
        # The certificate is not valid for a host name, so HTTPS does without a DNS lookup.
        with_host_name = config(server, "127.0.0.1" if certificates else "localhost", **more)
        configs = [config(server, **more), with_host_name]
        environment = {"DESCOPE_BASE_URL": server.url, "DESCOPE_PROJECT_ID": PROJECT}
        if certificates:
            environment["SSL_CERT_FILE"] = str(certificates.ca_file)
        program = compile_program("c/fork.c", folder)
        assert_ok([program, state, *configs, str(forks)], environment)
        return server


@pytest.mark.address_only
@pytest.mark.parametrize(
    ("state", "forks"), [("first", 100 // FORK_DIVISOR), ("pooled", 300 // FORK_DIVISOR)]
)
def test_forked_children_share_no_connection_and_no_tls_session_with_the_parent(
    state: str, forks: int, tmp_path: Path, certificates: Certificates
) -> None:
    """Forked before the first call, and while the parent has an idle connection."""
    server = run_fork_program(state, forks, tmp_path, certificates)
    by_connection = login_ids_by_connection(server)
    assert all(len(processes) == 1 for processes in by_connection.values())
    assert (
        len({process for processes in by_connection.values() for process in processes}) == forks + 1
    )
    assert not [request for request in server.received if request.resumed]
    # Each child has one connection for the inherited client and one for its own client; the parent
    # has one.
    assert server.connections == 2 * forks + 1


@pytest.mark.address_only
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_children_forked_during_calls_do_not_hang(
    scheme: str, tmp_path: Path, certificates: Certificates
) -> None:
    """A lock that a thread of the parent holds blocks no child; no connection is shared."""
    forks = 300 // FORK_DIVISOR
    server = run_fork_program("busy", forks, tmp_path, certificates if scheme == "https" else None)
    by_connection = login_ids_by_connection(server)
    assert all(len(processes) == 1 for processes in by_connection.values())
    assert (
        len({process for processes in by_connection.values() for process in processes}) == forks + 1
    )


# The sanitizer does not know the stack of a child that `clone` makes.
CLONE = pytest.param("clone", marks=pytest.mark.plain)


@pytest.mark.address_only
@pytest.mark.parametrize("face", ["blocking", "queue"])
@pytest.mark.parametrize("flags", [[], ["--tls"]], ids=["http", "https"])
@pytest.mark.parametrize("way", ["handler", "_Fork", CLONE, "system_call"])
def test_children_made_in_any_way_share_no_connection(
    way: str, flags: list[str], face: str, tmp_path: Path
) -> None:
    """Parent, child and grandchild call at the same time, and get the responses to their users."""
    children = max(1, 10 // FORK_DIVISOR)
    program = compile_program("c/child_processes.c", tmp_path)
    with emulator.run_emulator(*flags) as local:
        assert_ok([program, way, face, local.config(), str(children)])
        connections = {request["connection"] for request in local.requests()}
    # Children with a queue have no children of their own.
    assert len(connections) == 1 + children * (2 if face == "blocking" else 1)


@pytest.mark.address_only
@pytest.mark.parametrize("face", ["blocking", "queue"])
def test_a_vfork_child_does_not_end_the_connection_of_its_parent(face: str, tmp_path: Path) -> None:
    """Such a child shares the memory, and only executes another program or ends."""
    program = compile_program("c/child_processes.c", tmp_path)
    with run_server() as server:
        server.script = [{"json": {"maskedPhone": "+1******0122"}}]
        assert_ok([program, "vfork", face, config(server), "10"])
        assert {request.connection for request in server.received} == {0}


@pytest.mark.address_only
def test_recorder_reports_a_resumed_tls_session(tmp_path: Path, certificates: Certificates) -> None:
    """Shows that the fork tests can fail: a client that reconnects resumes its TLS session."""
    with run_server(certificates.server_context("good")) as server:
        server.script = [{"headers": {"Connection": "close"}, "then": "close"}, {}]
        program = compile_program("c/fork.c", tmp_path)
        client_config = config(server, caFile=str(certificates.ca_file))
        assert_ok([program, "pooled", client_config, client_config, "0"])
        assert [request.resumed for request in server.received] == [False, True, True]


@pytest.mark.address_only
def test_threads_and_a_dns_lookup_can_end_after_dlclose(tmp_path: Path) -> None:
    """Loads and unloads the library a hundred times, with a fork in each round."""
    flags = ["-rdynamic", "-Wl,--as-needed"]
    program = compile_program("c/unload.c", tmp_path, flags=flags)
    with run_server() as server:
        configs = [config(server), config(server, "localhost")]
        environment = {"DESCOPE_BASE_URL": server.url, "DESCOPE_PROJECT_ID": PROJECT}
        assert_ok([program, str(artefact("DESCOPE_ML_LIBRARY")), *configs, "100"], environment)
        calls = [json.loads(request.body)["loginId"] for request in server.received]
        assert calls.count("default") == 50
        assert len(calls) == 50 + 50 * 4
        of_default = {
            connection
            for connection, login_ids in login_ids_by_connection(server).items()
            if "default" in login_ids
        }
        assert len(of_default) <= 16, "each load of the library made a default client and kept it"


def another_version(folder: Path) -> Path:
    """Makes a copy of the library with another version and another soname; returns its path."""
    content = artefact("DESCOPE_ML_LIBRARY").read_bytes()
    version = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    assert version
    current = version[1].encode()
    other = bytes(ord("8") if digit in b"0123456789" else digit for digit in current)
    for old, new in ((current + b"\0", other + b"\0"), (b"ml.so.1\0", b"ml.so.8\0")):
        assert old in content
        content = content.replace(old, new)
    path = folder / "libdescope_ml.so.8"
    path.write_bytes(content)
    return path


@pytest.mark.address_only
def test_two_versions_and_another_rust_library_work_in_one_process(tmp_path: Path) -> None:
    """Each version has its own state, and the other library keeps its own panic hook."""
    other_library = tmp_path / "libother_rust_library.so"
    source = str(ROOT / "tests" / "c" / "other_rust_library.rs")
    rustc = [tool("rustc"), "--edition=2024", "--crate-type=cdylib", "-Dwarnings"]
    build([*rustc, source, "-o", str(other_library)])
    program = compile_program("c/other_libraries.c", tmp_path)
    with run_server() as ours, run_server() as others:
        libraries = [str(another_version(tmp_path)), str(other_library)]
        assert_ok([program, *libraries, config(ours), config(others)])
        for server, name in ((ours, "first"), (others, "second")):
            seen = {json.loads(request.body)["loginId"] for request in server.received}
            assert seen == {name}
            assert len(server.received) == 8 * 25 + 3


@pytest.mark.parametrize(
    "resource", ["descriptors", pytest.param("threads", marks=pytest.mark.plain)]
)
def test_calls_fail_at_a_resource_limit_and_succeed_when_it_is_raised(
    resource: str, tmp_path: Path, certificates: Certificates
) -> None:
    """At the limit, only a client with an open connection sends anything."""
    program = compile_program("c/resource_limits.c", tmp_path)
    with run_server(certificates.server_context("good")) as server, run_server() as plain:
        configs = [
            config(server, maxAttempts=1, caFile=str(certificates.ca_file)),
            config(plain, "localhost", maxAttempts=1),
            config(server, maxAttempts=1, caFile=str(certificates.other_ca_file)),
            config(server, maxAttempts=1),
        ]
        assert_ok([program, resource, *configs])
        https = [request.connection for request in server.received]
        http = [request.connection for request in plain.received]
        assert (https, http) == {
            "descriptors": ([0, 0, 1, 0], [0]),
            "threads": ([0], [0, 0]),
        }[resource]


@pytest.mark.address_only
def test_calls_have_no_side_effects_on_the_process(
    tmp_path: Path, certificates: Certificates
) -> None:
    """Successful and failed calls leave no thread, descriptor, output or change of the process."""
    program = compile_program("c/side_effects.c", tmp_path)
    sign_in, request = "magiclink/signin/sms", json.dumps({"loginId": "+14155550123"})
    short_timeout = json.dumps({"loginId": "+14155550123", "timeoutMs": 50})
    token = json.dumps({"sessionToken": "no.token"})
    with ExitStack() as stack:
        good = stack.enter_context(run_server())
        secure = stack.enter_context(run_server(certificates.server_context("good")))
        rejecting = stack.enter_context(run_server())
        rejecting.script = [{"status": 400, "json": {"errorCode": "E062108"}}]
        disconnecting = stack.enter_context(run_server())
        disconnecting.script = [{"instead": "close"}]
        invalid_response = stack.enter_context(run_server())
        invalid_response.script = [{"body": "no JSON"}]
        silent = stack.enter_context(run_server())
        silent.script = [{"instead": "silence"}]
        bundled = {"maxAttempts": 1, "tlsRoots": "bundled"}
        no_host = {"projectId": PROJECT, "baseUrl": "https://no-such-host.invalid", **bundled}
        calls = [
            ("0", config(good), sign_in, request),
            ("0", config(good, "localhost"), sign_in, request),
            ("0", config(secure, caFile=str(certificates.ca_file)), sign_in, request),
            ("1", config(good), sign_in, "{}"),
            ("2", config(secure, caFile="/no/such/file"), sign_in, request),
            ("10", json.dumps(no_host), sign_in, request),
            ("10", config(disconnecting), sign_in, request),
            ("11", config(secure, caFile=str(certificates.other_ca_file)), sign_in, request),
            ("12", config(silent), sign_in, short_timeout),
            ("13", config(invalid_response), sign_in, request),
            ("30", config(good), "session/validate", token),
            ("20", config(rejecting), sign_in, request),
        ]
        assert_ok([program, *(argument for call in calls for argument in call)])


@pytest.mark.parametrize("flags", [[], ["--tls"]], ids=["http", "https"])
def test_64_threads_on_one_client_get_their_own_responses(flags: list[str], tmp_path: Path) -> None:
    """Each thread has its own user and session; some threads make and free clients meanwhile."""
    program = compile_program("c/thread_isolation.c", tmp_path)
    with emulator.run_emulator(*flags) as local:
        assert_ok([program, local.config(), local.config("localhost"), "64", "20"])
