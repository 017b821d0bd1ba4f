"""Clients of the official package and of ours: what they are made from, and as whom they ask."""

from __future__ import annotations

import json
from typing import Any

import descope
import pytest

import descope_ml
from support.drop_in import PHONE, URI, journey, raised
from support.recording_server import RecordingServer, run_server
from support.tokens import token_placeholders

PACKAGES = pytest.mark.parametrize("package", [descope, descope_ml], ids=["official", "ours"])
KINDS = pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])

_REFUSED = "AuthException 400, invalid argument"
_BAD_KEY = "AuthException 500, invalid public key"
# What clients are made with, and how the official package and ours refuse it; None: not at all.
REFUSALS: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "no project": ({"project_id": None}, _REFUSED, _REFUSED),
    "an empty project": ({"project_id": ""}, _REFUSED, _REFUSED),
    # Ours is typed as every other configuration that cannot work.
    "a public key that is no JSON": ({"public_key": "key"}, _BAD_KEY, _REFUSED),
    "a public key without an algorithm": ({"public_key": {"kid": "K"}}, _BAD_KEY, _REFUSED),
    "a public key of another type": ({"public_key": 5}, _BAD_KEY, _REFUSED),
    # What ours cannot honour it does not take.
    "answers to be kept": ({"verbose": True}, None, _REFUSED),
    "a cache for FGA": ({"fga_cache_url": "https://fga.example.com"}, None, _REFUSED),
    "no check of TLS": ({"skip_verify": True}, None, _REFUSED),
}


@KINDS
@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.filterwarnings("ignore:.*SECURITY WARNING")
def test_what_a_client_is_not_made_with(name: str, is_async: bool) -> None:
    options, *expected = REFUSALS[name]
    for package, refusal in zip((descope, descope_ml), expected):
        kind = package.DescopeClientAsync if is_async else package.DescopeClient
        assert made(kind, {"project_id": "P2test", **options}) == refusal


def made(kind: Any, options: dict[str, Any]) -> Any:
    """How a client refuses to be made; None where it does not."""
    try:
        kind(**options)
    except Exception as error:
        return raised(error)
    return None


def bearers(server: RecordingServer) -> list[tuple[str, str, Any]]:
    """The method and path of each request, and its bearer."""
    return [(one.method, one.path, one.header("Authorization")) for one in server.received]


@PACKAGES
@KINDS
def test_the_environment_says_what_is_not_given(
    monkeypatch: pytest.MonkeyPatch, package: Any, is_async: bool
) -> None:
    with run_server() as server:
        monkeypatch.setenv("DESCOPE_PROJECT_ID", "P2test")
        monkeypatch.setenv("DESCOPE_BASE_URI", server.url)
        monkeypatch.setenv("DESCOPE_AUTH_MANAGEMENT_KEY", "A")
        monkeypatch.setenv("DESCOPE_PUBLIC_KEY", token_placeholders()["JWK"])
        # The official plain client reads the project from the environment, and then demands it.
        project_id = "P2test" if package is descope and not is_async else ""
        with journey(package, is_async, None, project_id=project_id) as j:
            j("magiclink.sign_in", j.method("SMS"), PHONE, URI)
            j("validate_session", token_placeholders()["SESSION"])
            options = j.package.LoginOptions(mfa=True)
            j("magiclink.sign_in", j.method("SMS"), PHONE, URI, options, "r-jwt")
        assert [isinstance(end, (str, dict)) for _, end in j.steps] == [True] * 3
        path = "/v1/auth/magiclink/signin/sms"
        assert bearers(server) == [
            ("POST", path, "Bearer P2test:A"),
            ("POST", path, "Bearer P2test:r-jwt:A"),
        ]


@PACKAGES
@KINDS
def test_what_is_given_counts_before_the_environment(
    monkeypatch: pytest.MonkeyPatch, package: Any, is_async: bool
) -> None:
    with run_server() as server:
        monkeypatch.setenv("DESCOPE_PROJECT_ID", "P2other")
        monkeypatch.setenv("DESCOPE_BASE_URI", "http://127.0.0.1:9")
        monkeypatch.setenv("DESCOPE_MANAGEMENT_KEY", "other")
        options = {"project_id": "P2test", "base_url": server.url, "management_key": "M"}
        server.script = [{"json": {"link": f"{URI}?t=1", "loginId": PHONE, "user": {}}}]
        with journey(package, is_async, None, **options) as j:
            j("mgmt.user.generate_magic_link_for_test_user", j.method("SMS"), PHONE, URI)
            j("mgmt.user.delete_all_test_users")
        assert [end is None or isinstance(end, dict) for _, end in j.steps] == [True] * 2
        requests = [one for one in bearers(server) if one[1] != "/v1/mgmt/license"]
        assert requests == [
            ("POST", "/v1/mgmt/tests/generate/magiclink", "Bearer P2test:M"),
            ("DELETE", "/v1/mgmt/user/test/delete/all", "Bearer P2test:M"),
        ]


@KINDS
def test_both_packages_send_the_same_to_the_service(is_async: bool) -> None:
    """Body by body, by the service's reading: null is absent, and the redirect has two names."""
    sent = []
    for package in (descope, descope_ml):
        with run_server() as server:
            server.script = [{"json": {"maskedPhone": "m", "maskedEmail": "m"}}]
            with journey(package, is_async, None, project_id="P2test", base_url=server.url) as j:
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
            sent.append([plain(one.path, json.loads(one.body)) for one in server.received])
    official, ours = sent
    assert len(ours) == 7
    assert ours == official


def plain(path: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A body as the service reads it: what is null, false or empty is what is left out."""
    redirect = body.pop("URI", None)
    body.setdefault("redirectUrl", redirect)
    return path, _given(body)


def _given(value: dict[str, Any]) -> dict[str, Any]:
    read = {key: _given(held) if isinstance(held, dict) else held for key, held in value.items()}
    return {key: held for key, held in read.items() if held}
