"""Systems that lack something: CA certificates, DNS settings, the time, memory, system calls."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from support import emulator
from support.artefacts import tool
from support.faces import SIGN_IN_SMS, Call, open_face
from support.namespaces import read_only_files, without_content_of
from support.programs import ROOT, STRICT, build, c_compiler, compile_program, run
from support.recording_server import run_server
from support.user import User

SCHEMES = pytest.mark.parametrize("scheme", ["http", "https"])

FACES = ["c", "c-queue", "python"]

# Folders that have the CA certificates of a system.
CA_FOLDERS = [
    "/etc/ssl",
    "/etc/pki",
    "/usr/local/share/certs",
    "/usr/local/etc/ssl",
    "/opt/etc/ssl",
]

HOST = "api.example.invalid"


@pytest.fixture(scope="module")
def services() -> Iterator[dict[str, emulator.Emulator]]:
    """An emulator for each scheme."""
    with emulator.run_emulator() as http, emulator.run_emulator("--tls") as https:
        yield {"http": http, "https": https}


def sign_up_and_validate(
    name: str,
    service: emulator.Emulator,
    prefix: Sequence[str],
    host: str = "127.0.0.1",
) -> None:
    """Signs a user up, and fetches the keys that its session is validated with."""
    face = open_face(name, prefix)
    config = {"caFile": service.ca_file} if service.ca_file else {}
    config["baseUrl"] = service.base_url.replace("127.0.0.1", host)
    user = User(face, service, **config)
    session = user.sign_up()["sessionJwt"]
    user.call_ok("session/validate", sessionToken=session)
    face.close()


@SCHEMES
@pytest.mark.parametrize("name", FACES)
def test_a_system_without_ca_certificates(
    name: str, scheme: str, services: dict[str, emulator.Emulator], tmp_path: Path
) -> None:
    """It matters only for servers with a certificate of a public certificate authority."""
    sign_up_and_validate(name, services[scheme], without_content_of(CA_FOLDERS, tmp_path))


def test_a_system_without_ca_certificates_uses_the_bundled_ones_and_says_so(
    services: dict[str, emulator.Emulator], tmp_path: Path
) -> None:
    """They do not have the certificate authority of the emulator."""
    program = compile_program("c/logged_call.c", tmp_path)
    service, empty = services["https"], tmp_path / "empty"
    empty.mkdir()
    config = json.dumps({"projectId": service.project_id, "baseUrl": service.base_url})
    done = run([*without_content_of(CA_FOLDERS, empty), program, config])
    first, *_, last = done.stdout.splitlines()
    assert first == "no CA certificates found on this system, using the bundled ones"
    status, document = last.split(" ", 1)
    error = json.loads(document)["error"]
    assert (int(status), error["outcome"]) == (11, "not_sent")
    assert "is not signed by a trusted certificate authority" in error["message"]


@SCHEMES
@pytest.mark.parametrize("name", FACES)
def test_a_system_with_an_empty_etc(
    name: str, scheme: str, services: dict[str, emulator.Emulator], tmp_path: Path
) -> None:
    """No users, no hosts, no DNS settings: as in a container that has one program only."""
    sign_up_and_validate(name, services[scheme], without_content_of(["/etc"], tmp_path))


@pytest.mark.parametrize("name", FACES)
def test_a_host_name_without_dns_settings(name: str, tmp_path: Path) -> None:
    """The C library asks this machine then, where no name server is."""
    with run_server() as server:
        config: dict[str, Any] = {"projectId": "P2test", "allowInsecureHttp": True}
        config |= {"baseUrl": f"http://{HOST}:{server.port}", "timeoutMs": 2000}
        face = open_face(name, without_content_of(["/etc"], tmp_path))
        error = face.execute(Call.of(SIGN_IN_SMS, config, {"loginId": "ann"})).document["error"]
        assert (error["name"], error["outcome"]) == ("DESCOPE_E_TIMEOUT", "not_sent")
        assert "the name server did not answer" in error["message"]
        face.close()


def test_a_host_name_in_the_hosts_file_needs_no_dns_settings(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "hosts").write_text(f"127.0.0.1 {HOST}\n")
    with run_server() as server:
        config: dict[str, Any] = {"projectId": "P2test", "allowInsecureHttp": True}
        config["baseUrl"] = f"http://{HOST}:{server.port}"
        face = open_face("c", without_content_of(["/etc"], folder))
        assert face.execute(Call.of(SIGN_IN_SMS, config, {"loginId": "ann"})).status == 0
        face.close()


@SCHEMES
@pytest.mark.parametrize("name", FACES)
def test_a_read_only_file_system(
    name: str, scheme: str, services: dict[str, emulator.Emulator], tmp_path: Path
) -> None:
    prefix = read_only_files(tmp_path / "probe")
    sign_up_and_validate(name, services[scheme], prefix, "localhost")


def wrong_clock(offset: str) -> list[str]:
    """The command prefix behind which only the time of day is wrong, as on such a machine."""
    return [tool("env"), "FAKETIME_DONT_FAKE_MONOTONIC=1", tool("faketime"), "-f", offset]


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize(
    ("offset", "problem"), [("-3y", "is not valid yet"), ("+3y", "has expired")]
)
def test_a_certificate_error_says_that_the_clock_may_be_wrong(
    offset: str, problem: str, name: str, services: dict[str, emulator.Emulator]
) -> None:
    """Nothing else is wrong with the certificate."""
    service = services["https"]
    sign_up_and_validate(name, service, wrong_clock("+0"))
    face = open_face(name, wrong_clock(offset))
    error = User(face, service, caFile=service.ca_file).call_error(SIGN_IN_SMS, loginId="ann")
    assert (error["name"], error["outcome"]) == ("DESCOPE_E_TLS", "not_sent")
    expected = f"the server's certificate {problem}: check the clock of this machine"
    assert error["message"].endswith(expected)
    face.close()


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("offset", ["-3y", "+3y"])
def test_no_sign_in_is_lost_because_of_a_clock_that_is_wrong_by_years(
    offset: str, name: str, services: dict[str, emulator.Emulator]
) -> None:
    """Over http. The session is judged by the clock of the service."""
    face = open_face(name, wrong_clock(offset))
    user = User(face, services["http"])
    assert user.sign_up()["session"]["userId"]
    face.close()


@SCHEMES
@pytest.mark.parametrize("name", ["c", "c-queue", "cpp", "rust"])
def test_64_mib_of_address_space(
    name: str, scheme: str, services: dict[str, emulator.Emulator]
) -> None:
    """Also with the thread of a DNS lookup."""
    prefix = [tool("prlimit"), f"--as={64 << 20}"]
    sign_up_and_validate(name, services[scheme], prefix, "localhost")


@pytest.fixture(scope="module")
def refuse(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of the program tests/c/refuse_system_calls.c."""
    program = str(tmp_path_factory.mktemp("seccomp") / "refuse_system_calls")
    source = str(ROOT / "tests/c/refuse_system_calls.c")
    build([c_compiler(), "-std=c11", *STRICT, source, "-o", program])
    return program


@SCHEMES
@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("rule", ["clone3-ENOSYS", "getrandom-flags", "getrandom"])
def test_system_calls_that_do_not_exist(
    rule: str, name: str, scheme: str, refuse: str, services: dict[str, emulator.Emulator]
) -> None:
    """The C library and the library use others instead."""
    sign_up_and_validate(name, services[scheme], [refuse, rule], "localhost")


@SCHEMES
def test_without_permission_for_clone3_only_dns_lookups_fail(
    scheme: str, refuse: str, services: dict[str, emulator.Emulator]
) -> None:
    """The C library starts no thread then. The error says why."""
    service = services[scheme]
    sign_up_and_validate("c", service, [refuse, "clone3-EPERM"])
    face = open_face("c", [refuse, "clone3-EPERM"])
    by_name = service.base_url.replace("127.0.0.1", "localhost")
    user = User(face, service, baseUrl=by_name, maxAttempts=1)
    error = user.call_error(SIGN_IN_SMS, loginId="ann")
    assert (error["name"], error["outcome"]) == ("DESCOPE_E_NETWORK", "not_sent")
    assert "could not start a thread for the DNS lookup: the seccomp filter" in error["message"]
    face.close()
