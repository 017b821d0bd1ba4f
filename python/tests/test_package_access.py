"""Tenants of the user, access keys and embedded links: what each method sends and returns."""

from __future__ import annotations

from typing import Any

import pytest

from descope_ml import (
    AccessKeyLoginOptions,
    ApiError,
    ArgumentError,
    AuthException,
    ConfigError,
    CreateUserObj,
    DescopeClient,
    LoginOptions,
    TokenError,
    common,
)
from local_server import LocalServer
from tokens import PROJECT, Signer

TENANTS: dict[str, Any] = {"tenants": [{"id": "T1", "name": "One", "customAttributes": {"a": 1}}]}


def test_my_tenants_sends_a_selection_and_returns_the_response(
    client: DescopeClient, server: LocalServer
) -> None:
    server.respond_with(200, TENANTS)
    assert client.my_tenants("r-jwt", True) == TENANTS
    assert server.last.path == "/v1/auth/me/tenants"
    assert server.last.headers["authorization"] == f"Bearer {PROJECT}:r-jwt"
    assert server.last.body == {"dct": True}
    for ids in (["T1", "T2"], ("T1", "T2")):
        assert client.my_tenants("r-jwt", False, ids) == TENANTS
        assert server.last.body == {"dct": False, "ids": ["T1", "T2"]}


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "`dct` or `ids` is required"),
        ({"ids": []}, "`dct` or `ids` is required"),
        ({"dct": True, "ids": ["T1"]}, "`dct` and `ids` exclude each other"),
        ({"ids": "T1"}, "`ids` must be an array of strings"),
        ({"dct": "T1"}, "`dct` must be"),
    ],
)
def test_my_tenants_needs_exactly_one_selection(
    client: DescopeClient, server: LocalServer, arguments: Any, field: str
) -> None:
    with pytest.raises(ArgumentError, match=field) as caught:
        client.my_tenants("r-jwt", **arguments)
    assert isinstance(caught.value, AuthException)
    assert (caught.value.status_code, server.received) == (400, [])


def test_exchange_access_key_returns_the_official_dictionary(
    client: DescopeClient, server: LocalServer
) -> None:
    signer = Signer()
    server.keys.status, server.keys.body = 200, signer.key_set
    token = signer.token(sub="K2robot", roles=["reader"])
    server.respond_with(200, {"sessionJwt": token, "keyId": "K2robot", "expiration": 7})
    result = client.exchange_access_key("ak-secret")
    assert server.last.path == "/v1/auth/accesskey/exchange"
    assert server.last.headers["authorization"] == f"Bearer {PROJECT}:ak-secret"
    assert server.last.body == {}
    assert result.pop("sessionToken")["jwt"] == token
    assert result == {
        "permissions": [],
        "roles": ["reader"],
        "tenants": {},
        "projectId": PROJECT,
        "keyId": "K2robot",
    }
    options = AccessKeyLoginOptions({"plan": "pro"}, "T1")
    client.exchange_access_key("ak-secret", login_options=options)
    sent = {"loginOptions": {"customClaims": {"plan": "pro"}, "selectedTenant": "T1"}}
    assert server.last.body == sent
    client.exchange_access_key("ak-secret", login_options=sent["loginOptions"])
    assert server.last.body == sent
    with pytest.raises(TokenError) as caught:
        client.exchange_access_key("ak-secret", "app")
    assert caught.value.reason == "wrong_audience"


def test_errors_of_an_exchange_do_not_contain_the_access_key(
    client: DescopeClient, server: LocalServer
) -> None:
    for key in ("ak secret", "ak:secret", ["ak-secret"], None, ""):
        with pytest.raises(ArgumentError, match="`accessKey`") as caught:
            client.exchange_access_key(key)  # type: ignore[arg-type]
        assert "secret" not in str(caught.value) + repr(caught.value)
    assert server.received == []
    server.keys.status, server.keys.body = 200, Signer().key_set
    server.respond_with(401, {"errorCode": "E062803"})
    with pytest.raises(ApiError, match="the access key is wrong") as refused:
        client.exchange_access_key("ak-secret")
    assert refused.value.status_code == 401


def test_access_key_options_have_the_official_attributes() -> None:
    options = AccessKeyLoginOptions(custom_claims={"a": 1})
    options.customClaims = {"note": "secret"}
    options.selectedTenant = "T1"
    assert (options.custom_claims, options.selected_tenant) == ({"note": "secret"}, "T1")
    assert (options.customClaims, options.selectedTenant) == ({"note": "secret"}, "T1")
    assert repr(options) == "AccessKeyLoginOptions(selected_tenant='T1')"
    assert common.AccessKeyLoginOptions is AccessKeyLoginOptions


def test_embedded_links_send_every_argument_and_return_the_token(server: LocalServer) -> None:
    client = DescopeClient(PROJECT, base_url=server.url, management_key="mk")
    server.respond_with(200, {"token": "one-time"})
    assert client.mgmt.user.generate_embedded_link("ada", {"plan": "pro"}, 60) == "one-time"
    assert server.last.path == "/v1/mgmt/user/signin/embeddedlink"
    assert server.last.headers["authorization"] == f"Bearer {PROJECT}:mk"
    assert server.last.body == {"loginId": "ada", "customClaims": {"plan": "pro"}, "timeout": 60}
    assert client.mgmt.user.generate_embedded_link("ada") == "one-time"
    assert server.last.body == {"loginId": "ada", "timeout": 0}
    generate = client.mgmt.user.generate_sign_up_embedded_link
    options = LoginOptions(locale="de")
    user = CreateUserObj("ada@example.com", given_name="Ada")
    assert generate("ada", user, True, False, options, 60) == "one-time"
    assert server.last.path == "/v1/mgmt/user/signup/embeddedlink"
    # An attribute of an object that is None is sent as null, which the API treats as absent.
    body = {key: _without_none(value) for key, value in server.last.body.items()}
    assert body == {
        "loginId": "ada",
        "user": {"email": "ada@example.com", "givenName": "Ada"},
        "emailVerified": True,
        "phoneVerified": False,
        "loginOptions": {"stepup": False, "mfa": False, "locale": "de"},
        "timeout": 60,
    }
    assert "ada" not in repr(user).lower()


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: member for key, member in value.items() if member is not None}
    return value


def test_embedded_links_need_the_management_key_and_a_whole_timeout(
    server: LocalServer, client: DescopeClient
) -> None:
    with pytest.raises(ConfigError, match="DESCOPE_MANAGEMENT_KEY"):
        client.mgmt.user.generate_embedded_link("ada")
    for timeout in (-1, 1.5, "60", 2**31):
        with pytest.raises(ArgumentError, match="`timeout` must be a whole number"):
            client.mgmt.user.generate_embedded_link("ada", timeout=timeout)  # type: ignore[arg-type]
        with pytest.raises(ArgumentError, match="`timeout` must be a whole number"):
            client.mgmt.user.generate_sign_up_embedded_link("ada", timeout=timeout)  # type: ignore[arg-type]
    assert server.received == []
