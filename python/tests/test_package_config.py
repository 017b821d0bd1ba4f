"""Configuration: every keyword reaches core under its key, and invalid values are rejected."""

from __future__ import annotations

import asyncio
import os
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import descope_ml
from descope_ml import (
    AuthException,
    Config,
    ConfigError,
    DeliveryMethod,
    DescopeClient,
    DescopeClientAsync,
)
from local_server import LocalServer
from tokens import Signer

PHONE = "+14155550123"

# An invalid value for each keyword, and the key in core's message: so the keyword reaches core.
INVALID: dict[str, tuple[object, str]] = {
    "project_id": ("P x", "`projectId`"),
    "base_url": ("ftp://x", "`baseUrl`"),
    "timeout_ms": (0, "`timeoutMs`"),
    "timeout_seconds": (0, "`timeoutMs`"),
    "connect_timeout_ms": (0, "`connectTimeoutMs`"),
    "connect_timeout_seconds": (-1.5, "`connectTimeoutMs`"),
    "max_attempts": (0, "`maxAttempts`"),
    "max_connections": (-1, "`maxConnections`"),
    "verified_tokens": (-1, "`verifiedTokens`"),
    "refresh_grace_ms": (-1, "`refreshGraceMs`"),
    "refresh_grace_seconds": (60.001, "`refreshGraceMs`"),
    "max_idle_connections": (-1, "`maxIdleConnections`"),
    "idle_timeout_ms": (0, "`idleTimeoutMs`"),
    "idle_timeout_seconds": (10**9, "`idleTimeoutMs`"),
    "connection_max_age_ms": (-1, "`connectionMaxAgeMs`"),
    "connection_max_age_seconds": (10**9, "`connectionMaxAgeMs`"),
    "proxy": ("socks4://x", "`proxy`"),
    "ca_file": ("/nowhere/ca.pem", "`caFile`"),
    "tls_roots": ("none", "`tlsRoots`"),
    "user_agent": ("a\nb", "`userAgent`"),
    "auth_management_key": ("a b", "`authManagementKey`"),
    "management_key": ("a b", "`managementKey`"),
    "public_key": (5, "`publicKey`"),
    "jwt_leeway_seconds": (-1, "`jwtLeewaySeconds`"),
    "jwt_validation_leeway": (-1, "`jwtLeewaySeconds`"),
    "keys_ttl_ms": (0, "`keysTtlMs`"),
    "keys_ttl_seconds": (-1, "`keysTtlMs`"),
    "keys_interval_ms": (0, "`keysIntervalMs`"),
    "keys_interval_seconds": (-1, "`keysIntervalMs`"),
    "allow_insecure_http": ("yes", "`allowInsecureHttp`"),
    "skip_verify": (1, "`skipVerify`"),
    "environment": (0, "`environment`"),
    "interruptible": (0, "`interruptible`"),
}


def test_the_table_has_every_keyword() -> None:
    assert set(INVALID) == set(Config.__annotations__)


@pytest.mark.parametrize("name", INVALID)
def test_every_keyword_reaches_core(name: str) -> None:
    value, message = INVALID[name]
    config = {"project_id": "P", name: value}
    with pytest.raises(ConfigError, match=message):
        descope_ml.configure(**config)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=message):
        descope_ml.magiclink_signin_sms({"loginId": PHONE}, **config)  # type: ignore[arg-type]
    if not name.endswith("_ms") and name != "jwt_leeway_seconds":
        with pytest.raises(ConfigError, match=message):
            DescopeClient(**config)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"base_ulr": "x"}, "did you mean `baseUrl`"),
        ({"timeout_ms": 5, "timeout_seconds": 5}, "two spellings"),
        ({"jwt_leeway_seconds": 5, "jwt_validation_leeway": 5}, "two spellings"),
        ({"timeout_seconds": float("nan")}, "finite number of seconds"),
        ({"timeout_seconds": float("inf")}, "finite number of seconds"),
        ({"timeout_seconds": "5"}, "finite number of seconds"),
        ({"timeout_seconds": True}, "finite number of seconds"),
        ({"user_agent": b"x"}, "the type bytes"),
        ({"user_agent": "\udcff"}, "surrogate"),
        ({"public_key": {"kid": float("nan")}}, "`public_key` contains NaN"),
    ],
)
def test_an_invalid_configuration_is_rejected(config: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        descope_ml.configure(**config)
    assert (caught.value.status, caught.value.outcome) == (2, "not_sent")


def test_none_is_the_same_as_not_given(server: LocalServer) -> None:
    nothing: Any = dict.fromkeys(Config.__annotations__)
    descope_ml.configure(**nothing)
    client = DescopeClient("P", base_url=server.url, timeout_seconds=None, user_agent=None)
    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    assert server.last.headers["user-agent"] == f"libdescope_ml/{descope_ml.__version__}"


def test_all_options_reach_core(server: LocalServer) -> None:
    client = DescopeClient(
        "P2test",
        Signer().public_key,
        timeout_seconds=8.5,
        auth_management_key="ak",
        management_key="mk",
        base_url=server.url,
        user_agent="mine/1",
        proxy="none",
        connect_timeout_seconds=3,
        max_connections=1,
        verified_tokens=0,
        refresh_grace_seconds=0.5,
        max_idle_connections=1,
        idle_timeout_seconds=0.5,
        connection_max_age_seconds=60,
        tls_roots="bundled",
        allow_insecure_http=False,
        max_attempts=2,
        keys_ttl_seconds=60,
        keys_interval_seconds=0.5,
    )
    server.respond_with(503, "down")
    with pytest.raises(AuthException) as caught:
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    assert (caught.value.attempts, len(server.received)) == (2, 2)
    assert server.last.headers["user-agent"] == "mine/1"
    assert server.last.headers["authorization"] == "Bearer P2test:ak"


def test_a_ca_file_may_be_a_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.pem"):
        DescopeClient("P", ca_file=tmp_path / "missing.pem")


def test_a_client_needs_a_project(monkeypatch: pytest.MonkeyPatch, server: LocalServer) -> None:
    for project in (None, ""):
        with pytest.raises(AuthException, match="DESCOPE_PROJECT_ID") as caught:
            DescopeClient(project)
        assert caught.value.status_code == 400
        assert caught.value.error_type == "invalid argument"
        assert "DESCOPE_PROJECT_ID" in (caught.value.error_message or "")
    monkeypatch.setenv("DESCOPE_PROJECT_ID", "P2environment")
    monkeypatch.setenv("DESCOPE_BASE_URI", server.url)
    DescopeClient().magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    assert server.last.headers["x-descope-project-id"] == "P2environment"


@pytest.fixture
def wrong_variables() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environb, b"DESCOPE_PUBLIC_KEY", b"\xff")
        patch.setenv("DESCOPE_AUTH_MANAGEMENT_KEY", "a b")
        patch.setenv("HTTP_PROXY", "socks4://x")
        yield


@pytest.mark.usefixtures("wrong_variables")
def test_a_variable_is_not_read_for_a_value_that_is_given(server: LocalServer) -> None:
    with pytest.raises(ConfigError, match="`DESCOPE_AUTH_MANAGEMENT_KEY` contains a space"):
        DescopeClient("P", base_url=server.url)
    with pytest.raises(ConfigError, match="DESCOPE_PUBLIC_KEY is not valid UTF-8"):
        DescopeClient("P", base_url=server.url, auth_management_key="K1")
    client = DescopeClient(
        "P",
        base_url=server.url,
        auth_management_key="K1",
        public_key=Signer().key_set,
        proxy="none",
    )
    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    assert server.last.headers["authorization"] == "Bearer P:K1"


@pytest.mark.usefixtures("wrong_variables")
def test_without_the_environment_no_variable_is_read(server: LocalServer) -> None:
    client = DescopeClient("P", base_url=server.url, environment=False)
    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    asyncio_client = DescopeClientAsync("P", base_url=server.url, environment=False)
    asyncio.run(asyncio_client.magiclink.sign_in(DeliveryMethod.SMS, PHONE))
    config: Config = {"project_id": "P", "base_url": server.url, "environment": False}
    descope_ml.magiclink_signin_sms({"loginId": PHONE}, **config)
    bearers = [request.headers["authorization"] for request in server.received]
    assert bearers == ["Bearer P"] * 3
    with pytest.raises(ConfigError, match="no project ID"):
        DescopeClient(environment=False)


@pytest.mark.parametrize("argument", [{"verbose": True}, {"fga_cache_url": "https://x"}])
def test_an_official_argument_without_effect_is_rejected(argument: Any) -> None:
    name = next(iter(argument))
    with pytest.raises(ConfigError, match=f"`{name}` cannot be set"):
        DescopeClient("P", **argument)


@pytest.mark.parametrize("client", [DescopeClient, descope_ml.DescopeClientAsync])
def test_skip_verify_is_accepted_with_a_warning_for_this_machine_only(
    client: Any, server: LocalServer
) -> None:
    with pytest.warns(UserWarning, match="certificate is not verified") as caught:
        client("P", skip_verify=True, base_url=server.url).close()
    assert caught[0].filename == __file__
    for base_url in (None, "https://192.0.2.7"):
        with pytest.raises(ConfigError, match="`skipVerify` is only for a server on this machine"):
            client("P", skip_verify=True, base_url=base_url)


def test_types_of_the_configuration_can_be_read() -> None:
    assert "project_id" in typing.cast("Any", Config).__annotations__
