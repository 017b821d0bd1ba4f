"""Calls through real proxies. With the same variables curl reaches the server, or fails as well."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.artefacts import tool
from support.case_table import fill_placeholders
from support.certificates import Certificates
from support.dns import isolated_dns_command
from support.faces import SIGN_IN_SMS, Call, Result, open_face
from support.messages import check_message
from support.programs import TIMEOUT_SECONDS
from support.real_proxies import PASSWORD, USER, run_proxies
from support.recording_server import LINK_SENT, RecordingServer, run_server

HOST = "api.example.invalid"
REQUEST = {"loginId": "+14155550123"}
FACES = ("rust", "c", "c-queue", "python", "python-asyncio")

CONFIG, NETWORK, TLS, TIMEOUT = 2, 10, 11, 12


@dataclass(frozen=True)
class Network:
    """The running servers and proxies.

    Attributes:
        servers: The server of each scheme. Only the proxies know its name.
        placeholders: The text for each placeholder of an environment.
        ca_file: The certificate authority of the servers and of the proxies with TLS.
        with_name: A command that runs a program which knows the name of the server.
    """

    servers: Mapping[str, RecordingServer]
    placeholders: Mapping[str, str]
    ca_file: Path
    with_name: Sequence[str]


@pytest.fixture(scope="module")
def network(
    certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Network]:
    """Servers and proxies for all tests of this file."""
    prefix = isolated_dns_command(tmp_path_factory.mktemp("dns"), {HOST: ["127.0.0.1"]})
    folder = tmp_path_factory.mktemp("proxies")
    with (
        run_server() as http,
        run_server(certificates.server_context("named")) as https,
        run_proxies(certificates, folder, prefix) as proxies,
        socket.socket() as closed,
    ):
        closed.bind(("127.0.0.1", 0))
        placeholders = {
            **proxies,
            "AUTH": f"{USER}:{PASSWORD}",
            "CLOSED": f"127.0.0.1:{closed.getsockname()[1]}",
        }
        servers = {"http": http, "https": https}
        yield Network(servers, placeholders, certificates.ca_file, prefix)


def config_for(network: Network, scheme: str, **config: Any) -> dict[str, Any]:
    """The configuration of a client of one of the servers."""
    return {
        "projectId": "P2test",
        "baseUrl": f"{scheme}://{HOST}:{network.servers[scheme].port}",
        "allowInsecureHttp": True,
        "caFile": str(network.ca_file),
        "maxAttempts": 2,
        **config,
    }


def curl_reaches(url: str, network: Network, environment: Mapping[str, str], *, name: bool) -> bool:
    """Whether curl gets a response of a URL in this environment."""
    command = [*(network.with_name if name else ()), tool("curl"), "-q", "--silent", "--fail"]
    command += ["--cacert", str(network.ca_file), "--proxy-cacert", str(network.ca_file)]
    command += ["--max-time", "20", "--output", "/dev/null", "--data", "{}", url]
    ended = subprocess.run(command, env=dict(environment), check=False, timeout=TIMEOUT_SECONDS)
    return ended.returncode == 0


def call_twice(
    face_name: str,
    network: Network,
    environment: Mapping[str, str],
    config: Mapping[str, Any],
    *,
    name: bool,
) -> list[Result]:
    """The results of two calls, one after another."""
    prefix = network.with_name if name else ()
    with closing(open_face(face_name, prefix, environment)) as face:
        return [face.execute(Call.of(SIGN_IN_SMS, config, REQUEST)) for _ in range(2)]


# Environments in which the server is reached: each with the scheme of the server, and whether this
# machine, and not only the proxy, knows its name.
REACHED: dict[str, tuple[dict[str, str], str, bool]] = {
    "socks5h": ({"HTTPS_PROXY": "socks5h://{SOCKS}"}, "https", False),
    "socks5h_for_plain_http": ({"http_proxy": "socks5h://{SOCKS}"}, "http", False),
    "socks5h_with_a_password": ({"HTTPS_PROXY": "socks5h://{AUTH}@{SOCKS_AUTH}"}, "https", False),
    "socks5h_with_a_needless_password": (
        {"HTTPS_PROXY": "socks5h://{AUTH}@{SOCKS}"},
        "https",
        False,
    ),
    "socks5h_with_an_encoded_password": (
        {"HTTPS_PROXY": "socks5h://%61da:p4ss%2Dw0rd@{SOCKS_AUTH}"},
        "https",
        False,
    ),
    "socks5": ({"HTTPS_PROXY": "socks5://{SOCKS}"}, "https", True),
    "socks5_for_plain_http": ({"http_proxy": "socks5://{SOCKS}"}, "http", True),
    "socks5_with_a_password": ({"HTTPS_PROXY": "socks5://{AUTH}@{SOCKS_AUTH}"}, "https", True),
    "http": ({"HTTPS_PROXY": "http://{HTTP}"}, "https", False),
    "http_for_plain_http": ({"http_proxy": "http://{HTTP}"}, "http", False),
    "http_with_a_password": ({"HTTPS_PROXY": "http://{AUTH}@{HTTP_AUTH}"}, "https", False),
    "https": ({"HTTPS_PROXY": "https://{HTTPS}"}, "https", False),
    "https_for_plain_http": ({"http_proxy": "https://{HTTPS}"}, "http", False),
    "https_with_a_password": ({"HTTPS_PROXY": "https://{AUTH}@{HTTPS_AUTH}"}, "https", False),
    "ALL_PROXY": ({"ALL_PROXY": "socks5h://{SOCKS}"}, "https", False),
    "ALL_PROXY_for_plain_http": ({"ALL_PROXY": "https://{HTTPS}"}, "http", False),
    "all_proxy_before_ALL_PROXY": (
        {"all_proxy": "http://{HTTP}", "ALL_PROXY": "http://{CLOSED}"},
        "https",
        False,
    ),
    "HTTPS_PROXY_before_all_proxy": (
        {"HTTPS_PROXY": "socks5h://{SOCKS}", "all_proxy": "http://{CLOSED}"},
        "https",
        False,
    ),
    "https_proxy_before_HTTPS_PROXY": (
        {"https_proxy": "socks5h://{SOCKS}", "HTTPS_PROXY": "http://{CLOSED}"},
        "https",
        False,
    ),
    "an_empty_HTTPS_PROXY": (
        {"HTTPS_PROXY": "", "ALL_PROXY": "socks5h://{SOCKS}"},
        "https",
        False,
    ),
    "NO_PROXY": ({"ALL_PROXY": "socks5h://{CLOSED}", "NO_PROXY": HOST}, "https", True),
    "NO_PROXY_and_an_unusable_proxy": (
        {"ALL_PROXY": "socks4://{CLOSED}", "NO_PROXY": "example.invalid"},
        "https",
        True,
    ),
    "another_scheme_and_an_unusable_proxy": ({"HTTPS_PROXY": "socks4://{CLOSED}"}, "http", True),
}


@pytest.mark.parametrize("case", REACHED)
def test_the_server_is_reached(case: str, network: Network) -> None:
    """With curl and with each face, whose second call uses the same tunnel."""
    variables, scheme, name = REACHED[case]
    environment = fill_placeholders(variables, network.placeholders)
    server, config = network.servers[scheme], config_for(network, scheme)
    assert curl_reaches(config["baseUrl"], network, environment, name=name)
    for face_name in FACES:
        before = len(server.received), server.connections
        results = call_twice(face_name, network, environment, config, name=name)
        assert results == [Result(0, LINK_SENT)] * 2, face_name
        assert (len(server.received), server.connections) == (before[0] + 2, before[1] + 1)
        received = server.received[-1]
        assert received.header("host") == f"{HOST}:{server.port}"
        assert received.header("proxy-authorization") is None


# Environments in which the server is not reached: each with the scheme of the server, the status,
# the number of attempts, and a part of the message.
NOT_REACHED: dict[str, tuple[dict[str, str], str, int, int, str]] = {
    "socks5h_without_a_password": (
        {"HTTPS_PROXY": "socks5h://{SOCKS_AUTH}"},
        "https",
        NETWORK,
        1,
        "the proxy requires a user name and password",
    ),
    "socks5h_with_a_wrong_password": (
        {"HTTPS_PROXY": f"socks5h://{USER}:{PASSWORD}x@{{SOCKS_AUTH}}"},
        "https",
        NETWORK,
        1,
        "the proxy requires a user name and password",
    ),
    "http_with_a_wrong_password": (
        {"HTTPS_PROXY": f"http://{USER}:{PASSWORD}x@{{HTTP_AUTH}}"},
        "https",
        NETWORK,
        1,
        "the proxy rejected the connection (HTTP 401)",
    ),
    "https_without_a_password": (
        {"HTTPS_PROXY": "https://{HTTPS_AUTH}"},
        "https",
        NETWORK,
        1,
        "the proxy requires a user name and password",
    ),
    "https_with_an_expired_certificate": (
        {"HTTPS_PROXY": "https://{HTTPS_EXPIRED}"},
        "https",
        TLS,
        1,
        "TLS with the proxy failed: the proxy's certificate has expired",
    ),
    "https_with_an_expired_certificate_for_plain_http": (
        {"http_proxy": "https://{HTTPS_EXPIRED}"},
        "http",
        TLS,
        1,
        "TLS with the proxy failed: the proxy's certificate has expired",
    ),
    "https_for_a_proxy_without_tls": (
        {"HTTPS_PROXY": "https://{SOCKS}"},
        "https",
        TLS,
        1,
        "the response of the proxy is not TLS: check the scheme and port of `proxy`",
    ),
    "http_for_a_socks_proxy": (
        {"HTTPS_PROXY": "http://{SOCKS}"},
        "https",
        NETWORK,
        2,
        "the proxy did not respond like an HTTP proxy",
    ),
    "a_proxy_that_does_not_listen": (
        {"ALL_PROXY": "socks5h://{CLOSED}"},
        "https",
        NETWORK,
        2,
        "connection refused",
    ),
    "socks4": (
        {"HTTPS_PROXY": "socks4://{AUTH}@{SOCKS}"},
        "https",
        CONFIG,
        0,
        "`HTTPS_PROXY` must be an http://, https://, socks5:// or socks5h:// proxy",
    ),
    "an_invalid_url": (
        {"all_proxy": "http://{AUTH}@["},
        "https",
        CONFIG,
        0,
        "`all_proxy` is not a valid proxy URL",
    ),
}


@pytest.mark.parametrize("case", NOT_REACHED)
def test_the_server_is_not_reached(case: str, network: Network) -> None:
    """Neither with curl nor with a face: nothing was sent, and the message names the problem."""
    variables, scheme, status, attempts, part = NOT_REACHED[case]
    environment = fill_placeholders(variables, network.placeholders)
    server, config = network.servers[scheme], config_for(network, scheme)
    before = len(server.received)
    assert not curl_reaches(config["baseUrl"], network, environment, name=False)
    for face_name in FACES:
        for result in call_twice(face_name, network, environment, config, name=False):
            assert_not_sent(result, status, attempts, part)
    assert len(server.received) == before


def assert_not_sent(result: Result, status: int, attempts: int, part: str) -> None:
    """Asserts that nothing was sent, for this reason, and that the error has no password."""
    assert result.status == status, result.document
    error = result.document["error"]
    assert (error["outcome"], error.get("attempts", 0)) == ("not_sent", attempts)
    assert part in check_message(error["message"])
    text = str(result.document) + result.exception_text
    assert PASSWORD not in text
    assert USER not in text


@pytest.mark.parametrize("proxy", ["https://{HTTP}", "socks5h://{HTTP}", "socks5h://{HTTPS}"])
@pytest.mark.parametrize("face_name", FACES)
def test_the_connect_timeout_covers_the_handshake_with_the_proxy(
    face_name: str, proxy: str, network: Network
) -> None:
    """The proxy expects another protocol, and waits for the rest of a request."""
    url = fill_placeholders(proxy, network.placeholders)
    config = config_for(network, "https", proxy=url, connectTimeoutMs=300)
    for result in call_twice(face_name, network, {}, config, name=False):
        assert_not_sent(result, TIMEOUT, 2, "connecting timed out (`connectTimeoutMs`)")


@pytest.mark.parametrize("face_name", FACES)
def test_the_reason_of_a_socks_proxy_is_reported(face_name: str, network: Network) -> None:
    """The proxy cannot connect: the port is closed, or the name has no address."""
    environment: dict[str, str] = {"ALL_PROXY": f"socks5h://{network.placeholders['SOCKS']}"}
    closed = network.placeholders["CLOSED"].partition(":")[2]
    for url, reason in [
        (f"https://{HOST}:{closed}", "(SOCKS reply 5)"),
        ("https://no-such-host.invalid", "(SOCKS reply "),
    ]:
        config = config_for(network, "https", baseUrl=url)
        for result in call_twice(face_name, network, environment, config, name=False):
            assert_not_sent(result, NETWORK, 2, reason)


@pytest.mark.parametrize("face_name", FACES)
def test_each_address_is_tried_through_a_socks_proxy(
    face_name: str, network: Network, tmp_path: Path
) -> None:
    """Nothing listens on the first address of the name, which this machine resolves."""
    prefix = isolated_dns_command(tmp_path, {HOST: ["::1", "127.0.0.1"]})
    environment = {"ALL_PROXY": f"socks5://{network.placeholders['SOCKS']}"}
    config = config_for(network, "https", maxAttempts=1)
    with closing(open_face(face_name, prefix, environment)) as face:
        result = face.execute(Call.of(SIGN_IN_SMS, config, REQUEST))
    assert result == Result(0, LINK_SENT)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("face_name", FACES)
def test_large_messages_pass_through_a_proxy_with_tls(
    face_name: str, scheme: str, network: Network
) -> None:
    """The request is larger than the buffers of the sockets and of TLS, the response as well."""
    server = network.servers[scheme]
    config = config_for(network, scheme, proxy=f"https://{network.placeholders['HTTPS']}")
    request = {**REQUEST, "extra": {"x": "abcdefgh" * 100_000}}
    server.script = [{"padding": 900_000}]
    try:
        with closing(open_face(face_name, (), {})) as face:
            results = [face.execute(Call.of(SIGN_IN_SMS, config, request)) for _ in range(3)]
    finally:
        server.script = [{}]
    assert results == [Result(0, LINK_SENT)] * 3
    assert [len(one.body) for one in server.received[-3:]] == [len(server.received[-1].body)] * 3
    assert request["extra"]["x"] in server.received[-1].body  # type: ignore[index]
    assert len({one.connection for one in server.received[-3:]}) == 1
