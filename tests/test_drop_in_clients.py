"""Clients of the official package and ours: arguments, environment and requests."""

from __future__ import annotations

import json
from typing import Any

import descope
import pytest

import descope_ml
from support.drop_in import KINDS, PHONE, URI, Kind, describe_exception, open_journey
from support.emulator import run_emulator
from support.recording_server import RecordingServer, run_server
from support.tokens import token_placeholders

PACKAGES = pytest.mark.parametrize("package", [descope, descope_ml], ids=["official", "ours"])
EACH_KIND = pytest.mark.parametrize("kind", KINDS)

_INVALID_ARGUMENT = "AuthException 400, invalid argument"
_BAD_KEY = "AuthException 500, invalid public key"
# Arguments of a client, and the exceptions of the official package and ours. None: accepted.
INVALID_OPTIONS: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "no project": ({"project_id": None}, _INVALID_ARGUMENT, _INVALID_ARGUMENT),
    "an empty project": ({"project_id": ""}, _INVALID_ARGUMENT, _INVALID_ARGUMENT),
    # Ours has the same type as for every other invalid configuration.
    "a public key that is not JSON": ({"public_key": "key"}, _BAD_KEY, _INVALID_ARGUMENT),
    "a public key without an algorithm": (
        {"public_key": {"kid": "K"}},
        _BAD_KEY,
        _INVALID_ARGUMENT,
    ),
    "a public key of another type": ({"public_key": 5}, _BAD_KEY, _INVALID_ARGUMENT),
    # Ours rejects options that it does not support.
    "verbose": ({"verbose": True}, None, _INVALID_ARGUMENT),
    "an FGA cache": ({"fga_cache_url": "https://fga.example.com"}, None, _INVALID_ARGUMENT),
    "skipped TLS verification": ({"skip_verify": True}, None, _INVALID_ARGUMENT),
}


@pytest.mark.parametrize("client", ["DescopeClient", "DescopeClientAsync"])
@pytest.mark.parametrize("name", INVALID_OPTIONS)
@pytest.mark.filterwarnings("ignore:.*SECURITY WARNING")
def test_invalid_options_raise_the_expected_exception(name: str, client: str) -> None:
    options, *expected = INVALID_OPTIONS[name]
    for package, exception in zip((descope, descope_ml), expected):
        found = construction_error(getattr(package, client), {"project_id": "P2test", **options})
        assert found == exception


@PACKAGES
@EACH_KIND
@pytest.mark.filterwarnings("ignore:.*SECURITY WARNING", "ignore:skip_verify")
def test_skip_verify_signs_in_over_https_on_this_machine(package: Any, kind: Kind) -> None:
    """As the live tests of the official package do, with clean-up."""
    with run_emulator("--tls") as emulator:
        options = {
            "project_id": emulator.project_id,
            "base_url": emulator.base_url,
            "management_key": emulator.management_key,
        }
        with open_journey(package, kind, None, **options, skip_verify=True) as j:
            j("mgmt.user.create_test_user", PHONE, phone=PHONE)
            generate = "mgmt.user.generate_magic_link_for_test_user"
            link = j(generate, j.method("SMS"), PHONE, URI)
            login = j("magiclink.verify", link["link"].rpartition("t=")[2])
            refreshed = j("refresh_session", login["refreshSessionToken"]["jwt"])
            session = j("validate_session", refreshed["sessionToken"]["jwt"])
            assert session["userId"] == login["userId"]
            j("logout", login["refreshSessionToken"]["jwt"])
            j("mgmt.user.delete", PHONE)
            assert j.steps[-1] == ("mgmt.user.delete", None)
            j(generate, j.method("SMS"), PHONE, URI)
            assert j.steps[-1][1] == "AuthException 400, server error"
    if package is descope_ml:
        with run_emulator("--tls") as emulator:
            options["base_url"] = emulator.base_url
            with open_journey(package, kind, None, **options) as j:
                j("me", "a.b.c")
                assert j.steps == [("me", "TlsError")]


def construction_error(client: Any, options: dict[str, Any]) -> Any:
    """The exception when a client is created; None if there is none."""
    try:
        client(**options)
    except Exception as error:
        return describe_exception(error)
    return None


def bearers(server: RecordingServer) -> list[tuple[str, str, Any]]:
    """The method, path and Authorization header of each request."""
    return [(one.method, one.path, one.header("Authorization")) for one in server.received]


@PACKAGES
@EACH_KIND
def test_environment_supplies_missing_arguments(
    monkeypatch: pytest.MonkeyPatch, package: Any, kind: Kind
) -> None:
    with run_server() as server:
        monkeypatch.setenv("DESCOPE_PROJECT_ID", "P2test")
        monkeypatch.setenv("DESCOPE_BASE_URI", server.url)
        monkeypatch.setenv("DESCOPE_AUTH_MANAGEMENT_KEY", "A")
        monkeypatch.setenv("DESCOPE_PUBLIC_KEY", token_placeholders()["JWK"])
        # The official synchronous client needs the argument even if the variable is set.
        project_id = "P2test" if package is descope and kind == "sync" else ""
        with open_journey(package, kind, None, project_id=project_id) as j:
            j("magiclink.sign_in", j.method("SMS"), PHONE, URI)
            j("validate_session", token_placeholders()["SESSION"])
            options = j.package.LoginOptions(mfa=True)
            j("magiclink.sign_in", j.method("SMS"), PHONE, URI, options, "r-jwt")
        assert [isinstance(result, (str, dict)) for _, result in j.steps] == [True] * 3
        path = "/v1/auth/magiclink/signin/sms"
        assert bearers(server) == [
            ("POST", path, "Bearer P2test:A"),
            ("POST", path, "Bearer P2test:r-jwt:A"),
        ]


@PACKAGES
@EACH_KIND
def test_arguments_override_the_environment(
    monkeypatch: pytest.MonkeyPatch, package: Any, kind: Kind
) -> None:
    with run_server() as server:
        monkeypatch.setenv("DESCOPE_PROJECT_ID", "P2other")
        monkeypatch.setenv("DESCOPE_BASE_URI", "http://127.0.0.1:9")
        monkeypatch.setenv("DESCOPE_MANAGEMENT_KEY", "other")
        options = {"project_id": "P2test", "base_url": server.url, "management_key": "M"}
        server.script = [{"json": {"link": f"{URI}?t=1", "loginId": PHONE, "user": {}}}]
        with open_journey(package, kind, None, **options) as j:
            j("mgmt.user.generate_magic_link_for_test_user", j.method("SMS"), PHONE, URI)
            j("mgmt.user.delete_all_test_users")
        assert [result is None or isinstance(result, dict) for _, result in j.steps] == [True] * 2
        requests = [one for one in bearers(server) if one[1] != "/v1/mgmt/license"]
        assert requests == [
            ("POST", "/v1/mgmt/tests/generate/magiclink", "Bearer P2test:M"),
            ("DELETE", "/v1/mgmt/user/test/delete/all", "Bearer P2test:M"),
        ]


@EACH_KIND
def test_both_packages_send_the_same_bodies(kind: Kind) -> None:
    """Compared as the service reads them: null means absent, and the redirect has two names."""
    sent = []
    for package in (descope, descope_ml):
        with run_server() as server:
            server.script = [{"json": any_response()}]
            config = {"project_id": "P2test", "base_url": server.url, "management_key": "M"}
            with open_journey(package, kind, None, **config) as j:
                sms, mail = j.method("SMS"), j.method("EMAIL")
                options = package.LoginOptions(True, True, True, {"a": 1}, {"b": "c"}, "T", "de")
                j("magiclink.sign_in", sms, PHONE, URI, options, "r-jwt")
                j("magiclink.sign_in", mail, "ada@example.com", URI)
                options = package.SignUpOptions(True, {"a": 1}, {"b": "c"}, "T")
                j("magiclink.sign_up", sms, PHONE, URI, {"name": "Ada"}, options)
                j("magiclink.sign_up", mail, "ada", URI, {"email": "ada@example.com"})
                j("magiclink.sign_up_or_in", sms, PHONE, URI, options)
                j("magiclink.update_user_email", "ada", "ada@example.com", "r", True, True)
                j("magiclink.update_user_email", "ada", "b@x.org", "r", False, False, {}, "T", "V")
                j("my_tenants", "r", True)
                j("my_tenants", "r", False, ["T1", "T2"])
                j("exchange_access_key", "K2", None, package.AccessKeyLoginOptions({"a": 1}, "T1"))
                j("exchange_access_key", "K2")
                j("mgmt.user.generate_embedded_link", "ada", {"a": [None]}, 7)
                options = package.LoginOptions(custom_claims={"a": 1}, template_id="T")
                sign_up = "mgmt.user.generate_sign_up_embedded_link"
                j(sign_up, "ada", None, True, True, options, 7)
                j(sign_up, "ada")
            posted = [one for one in server.received if one.method == "POST"]
            sent.append([normalize_body(one.path, json.loads(one.body)) for one in posted])
    official, ours = sent
    assert len(ours) == 14
    assert ours == official


def any_response() -> dict[str, Any]:
    """A response with everything that any of the calls expects, and the public keys."""
    response = {"maskedPhone": "m", "maskedEmail": "m", "token": "t", "tenants": []}
    session = token_placeholders()["SESSION"]
    return {**json.loads(token_placeholders()["ONE_KEY"]), **response, "sessionJwt": session}


def normalize_body(path: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A body as the service reads it: null, false and empty values count as absent."""
    redirect = body.pop("URI", None)
    body.setdefault("redirectUrl", redirect)
    return path, _without_empty(body)


def _without_empty(value: dict[str, Any]) -> dict[str, Any]:
    read = {key: _without_empty(v) if isinstance(v, dict) else v for key, v in value.items()}
    return {key: v for key, v in read.items() if v}
