"""What a C program's own process goes through: forks, threads, and shortages of all kinds."""

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
from support.programs import ROOT, assert_ok, build, compiled
from support.recorder import Recorder, recording

PROJECT = "P2test"

# A fork takes a sanitizer a hundred times as long.
LESS = 20 if "DESCOPE_ML_SANITIZER" in os.environ else 1


def config(server: Recorder, host: str = "127.0.0.1", **more: Any) -> str:
    """A configuration document for a program."""
    url = server.url.replace("127.0.0.1", host)
    return json.dumps({"projectId": PROJECT, "baseUrl": url, **more})


def speakers(server: Recorder) -> dict[int, set[str]]:
    """Which processes have spoken on each connection: their IDs are their requests' login IDs."""
    found = defaultdict(set)
    for request in server.received:
        found[request.connection].add(json.loads(request.body)["loginId"])
    return dict(found)


def fork(
    how: str, forks: int, folder: Path, certificates: Optional[Certificates] = None
) -> Recorder:
    """Runs the program that forks; what its server saw."""
    with recording(certificates.server("good") if certificates else None) as server:
        more = {"caFile": str(certificates.trusted_file)} if certificates else {}
        # The certificate has no name that could be looked up.
        named = config(server, "127.0.0.1" if certificates else "localhost", **more)
        configs = [config(server, **more), named]
        environment = {"DESCOPE_BASE_URL": server.url, "DESCOPE_PROJECT_ID": PROJECT}
        if certificates:
            environment["SSL_CERT_FILE"] = str(certificates.trusted_file)
        program = compiled("c/fork.c", folder)
        assert_ok([program, how, *configs, str(forks)], environment)
        return server


@pytest.mark.address_only
@pytest.mark.parametrize(("how", "forks"), [("first", 100 // LESS), ("pooled", 300 // LESS)])
def test_forked_children_share_no_socket_and_no_session_of_tls_with_their_parent(
    how: str, forks: int, tmp_path: Path, certificates: Certificates
) -> None:
    """Forked before the first use, and while a connection is kept."""
    server = fork(how, forks, tmp_path, certificates)
    on = speakers(server)
    assert all(len(processes) == 1 for processes in on.values())
    assert len({process for processes in on.values() for process in processes}) == forks + 1
    assert not [request for request in server.received if request.resumed]
    # Each child: one connection for what it inherited, one for its own; the parent keeps one.
    assert server.connections == 2 * forks + 1


@pytest.mark.address_only
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_children_forked_while_threads_are_in_calls_go_on(
    scheme: str, tmp_path: Path, certificates: Certificates
) -> None:
    """Nothing hangs that a thread of the parent held, and each side keeps to its connections."""
    forks = 300 // LESS
    server = fork("busy", forks, tmp_path, certificates if scheme == "https" else None)
    on = speakers(server)
    assert all(len(processes) == 1 for processes in on.values())
    assert len({process for processes in on.values() for process in processes}) == forks + 1


@pytest.mark.address_only
def test_a_session_of_tls_that_goes_on_would_be_seen(
    tmp_path: Path, certificates: Certificates
) -> None:
    """A client that must connect again goes on with its session, and the server tells."""
    with recording(certificates.server("good")) as server:
        server.script = [{"headers": {"Connection": "close"}, "then": "close"}, {}]
        program = compiled("c/fork.c", tmp_path)
        own = config(server, caFile=str(certificates.trusted_file))
        assert_ok([program, "pooled", own, own, "0"])
        assert [request.resumed for request in server.received] == [False, True, True]


@pytest.mark.address_only
def test_threads_and_a_look_up_may_end_after_the_library_was_closed(tmp_path: Path) -> None:
    """A hundred times loaded and unloaded, with threads that go on, and forks in between."""
    flags = ["-rdynamic", "-Wl,--as-needed"]
    program = compiled("c/unload.c", tmp_path, flags=flags)
    with recording() as server:
        configs = [config(server), config(server, "localhost")]
        environment = {"DESCOPE_BASE_URL": server.url, "DESCOPE_PROJECT_ID": PROJECT}
        assert_ok([program, str(artefact("DESCOPE_ML_LIBRARY")), *configs, "100"], environment)
        calls = [json.loads(request.body)["loginId"] for request in server.received]
        assert calls.count("default") == 50
        assert len(calls) == 50 + 50 * 4
        of_default = {on for on, speakers_ in speakers(server).items() if "default" in speakers_}
        assert len(of_default) <= 16, "each load left a default client behind"


def another_version(folder: Path) -> Path:
    """The library under another version and another soname, and otherwise as it is."""
    content = artefact("DESCOPE_ML_LIBRARY").read_bytes()
    version = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    assert version
    own = version[1].encode()
    other = bytes(ord("8") if digit in b"0123456789" else digit for digit in own)
    for old, new in ((own + b"\0", other + b"\0"), (b"ml.so.1\0", b"ml.so.8\0")):
        assert old in content
        content = content.replace(old, new)
    path = folder / "libdescope_ml.so.8"
    path.write_bytes(content)
    return path


@pytest.mark.address_only
def test_two_versions_and_another_library_in_rust_work_side_by_side(tmp_path: Path) -> None:
    """Each version has a state of its own, and the neighbour's panics stay the neighbour's."""
    neighbour = tmp_path / "libneighbour.so"
    source = str(ROOT / "tests" / "c" / "other_rust_library.rs")
    rustc = [tool("rustc"), "--edition=2024", "--crate-type=cdylib", "-Dwarnings"]
    build([*rustc, source, "-o", str(neighbour)])
    program = compiled("c/other_libraries.c", tmp_path)
    with recording() as ours, recording() as others:
        libraries = [str(another_version(tmp_path)), str(neighbour)]
        assert_ok([program, *libraries, config(ours), config(others)])
        for server, name in ((ours, "first"), (others, "second")):
            seen = {json.loads(request.body)["loginId"] for request in server.received}
            assert seen == {name}
            assert len(server.received) == 8 * 25 + 3


@pytest.mark.parametrize("of", ["descriptors", pytest.param("threads", marks=pytest.mark.plain)])
def test_a_shortage_is_told_by_a_status_and_is_over_when_it_ends(
    of: str, tmp_path: Path, certificates: Certificates
) -> None:
    """Nothing is sent meanwhile, but on a connection that is kept."""
    program = compiled("c/resource_limits.c", tmp_path)
    with recording(certificates.server("good")) as server, recording() as plain:
        configs = [
            config(server, maxAttempts=1, caFile=str(certificates.trusted_file)),
            config(plain, "localhost", maxAttempts=1),
            config(server, maxAttempts=1, caFile=str(certificates.stranger_file)),
            config(server, maxAttempts=1),
        ]
        assert_ok([program, of, *configs])
        secure = [request.connection for request in server.received]
        named = [request.connection for request in plain.received]
        assert (secure, named) == {
            "descriptors": ([0, 0, 1, 0], [0]),
            "threads": ([0], [0, 0]),
        }[of]


@pytest.mark.address_only
def test_calls_leave_the_process_as_it_was(tmp_path: Path, certificates: Certificates) -> None:
    """Good ones and bad: no thread, no descriptor, no word, no change to what is the process's."""
    program = compiled("c/side_effects.c", tmp_path)
    sign_in, request = "magiclink/signin/sms", json.dumps({"loginId": "+14155550123"})
    brief = json.dumps({"loginId": "+14155550123", "timeoutMs": 50})
    token = json.dumps({"sessionToken": "no.token"})
    with ExitStack() as stack:
        good = stack.enter_context(recording())
        secure = stack.enter_context(recording(certificates.server("good")))
        refusing = stack.enter_context(recording())
        refusing.script = [{"status": 400, "json": {"errorCode": "E062108"}}]
        breaking = stack.enter_context(recording())
        breaking.script = [{"instead": "close"}]
        babbling = stack.enter_context(recording())
        babbling.script = [{"body": "no JSON"}]
        silent = stack.enter_context(recording())
        silent.script = [{"instead": "silence"}]
        bundled = {"maxAttempts": 1, "tlsRoots": "bundled"}
        no_host = {"projectId": PROJECT, "baseUrl": "https://no-such-host.invalid", **bundled}
        calls = [
            ("0", config(good), sign_in, request),
            ("0", config(good, "localhost"), sign_in, request),
            ("0", config(secure, caFile=str(certificates.trusted_file)), sign_in, request),
            ("1", config(good), sign_in, "{}"),
            ("2", config(secure, caFile="/no/such/file"), sign_in, request),
            ("10", json.dumps(no_host), sign_in, request),
            ("10", config(breaking), sign_in, request),
            ("11", config(secure, caFile=str(certificates.stranger_file)), sign_in, request),
            ("12", config(silent), sign_in, brief),
            ("13", config(babbling), sign_in, request),
            ("30", config(good), "session/validate", token),
            ("20", config(refusing), sign_in, request),
        ]
        assert_ok([program, *(argument for call in calls for argument in call)])


@pytest.mark.parametrize("flags", [[], ["--tls"]], ids=["http", "https"])
def test_64_threads_on_one_client_get_their_own_answers(flags: list[str], tmp_path: Path) -> None:
    """A user each, with a session of its own, while clients are made and freed beside them."""
    program = compiled("c/thread_isolation.c", tmp_path)
    with emulator.running(*flags) as local:
        assert_ok([program, local.config(), local.config("localhost"), "64", "20"])
