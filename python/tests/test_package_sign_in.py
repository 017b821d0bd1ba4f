"""`DescopeClient.magiclink.sign_in`: what it sends, returns and rejects."""

from __future__ import annotations

import copy
import inspect
import pickle
from types import MappingProxyType
from typing import Any

import pytest

from descope_ml import (
    ArgumentError,
    AuthException,
    DeliveryMethod,
    DescopeClient,
    DescopeError,
    LoginOptions,
)
from local_server import MASKED, LocalServer

PHONE = "+14155550123"


def test_official_arguments_are_sent_with_the_names_of_the_api(
    client: DescopeClient, server: LocalServer
) -> None:
    options = LoginOptions(
        stepup=True,
        mfa=False,
        revoke_other_sessions=True,
        custom_claims={"plan": ["pro", 1.0, None], "näme": "ż"},
        template_options={"app": "x"},
        template_id="T",
        locale="pl-PL",
        sso_app_id="S",
        pkce_challenge="cGtjZQ==",
        revoke_other_sessions_types=("web", "ios"),
        tenant_id="N",
    )
    masked = client.magiclink.sign_in(
        DeliveryMethod.SMS, PHONE, "https://app.example.com/verify", options, "refresh-jwt"
    )
    assert masked == MASKED
    assert server.last.path == "/v1/auth/magiclink/signin/sms"
    assert server.last.headers["authorization"] == "Bearer P2test:refresh-jwt"
    assert server.last.body == {
        "loginId": PHONE,
        "redirectUrl": "https://app.example.com/verify",
        "loginOptions": {
            "stepup": True,
            "customClaims": {"plan": ["pro", 1.0, None], "näme": "ż"},
            "mfa": False,
            "ssoAppId": "S",
            "revokeOtherSessions": True,
            "revokeOtherSessionsTypes": ["web", "ios"],
            "templateOptions": {"app": "x"},
            "templateId": "T",
            "locale": "pl-PL",
            "pkceChallenge": "cGtjZQ==",
            "tenantId": "N",
        },
    }


def test_arguments_that_are_not_given_are_not_sent(
    client: DescopeClient, server: LocalServer
) -> None:
    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    assert server.last.text == f'{{"loginId":"{PHONE}"}}'
    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE, None, LoginOptions(stepup=None, mfa=None))
    assert server.last.body == {"loginId": PHONE, "loginOptions": {}}
    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE, None, LoginOptions())
    assert server.last.body["loginOptions"] == {"stepup": False, "mfa": False}


def test_login_options_can_be_a_mapping_with_the_names_of_the_api(
    client: DescopeClient, server: LocalServer
) -> None:
    options = MappingProxyType({"locale": "de", "customClaims": MappingProxyType({"n": 2**70})})
    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE, login_options=options)
    assert server.last.body["loginOptions"] == {"customClaims": {"n": 2**70}, "locale": "de"}


@pytest.mark.parametrize(
    "method",
    [
        DeliveryMethod.VOICE,
        DeliveryMethod.EMBEDDED,
        "sms",
        2,
        None,
    ],
)
def test_a_delivery_method_without_links_is_rejected(client: DescopeClient, method: Any) -> None:
    with pytest.raises(AuthException, match=r"magiclink/signin/sms|DeliveryMethod\.SMS") as caught:
        client.magiclink.sign_in(method, PHONE)
    assert caught.value.status_code == 400
    assert caught.value.error_type == "invalid argument"


@pytest.mark.parametrize("login_id", ["", None, 5, b"x", "\ud800"])
def test_an_invalid_login_id_is_rejected(client: DescopeClient, login_id: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        client.magiclink.sign_in(DeliveryMethod.SMS, login_id)
    assert caught.value.outcome == "not_sent"


@pytest.mark.parametrize("token", [None, ""])
@pytest.mark.parametrize("options", [LoginOptions(stepup=True), LoginOptions(mfa=True)])
def test_step_up_and_mfa_need_a_refresh_token(
    client: DescopeClient, server: LocalServer, options: LoginOptions, token: str | None
) -> None:
    with pytest.raises(AuthException, match="refresh") as caught:
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE, None, options, token)
    assert caught.value.status_code == 400
    assert not server.received


def test_an_unknown_login_option_is_rejected_with_a_suggestion(client: DescopeClient) -> None:
    with pytest.raises(ArgumentError, match="did you mean `customClaims`"):
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE, None, {"customClaim": {}})


def test_parameters_have_the_official_names_and_order() -> None:
    assert list(inspect.signature(DescopeClient).parameters)[:10] == [
        "project_id",
        "public_key",
        "skip_verify",
        "management_key",
        "timeout_seconds",
        "jwt_validation_leeway",
        "auth_management_key",
        "fga_cache_url",
        "base_url",
        "verbose",
    ]
    sign_in = inspect.signature(DescopeClient("P").magiclink.sign_in)
    assert list(sign_in.parameters)[:5] == [
        "method",
        "login_id",
        "uri",
        "login_options",
        "refresh_token",
    ]
    assert sign_in.return_annotation == "str"
    assert list(inspect.signature(LoginOptions).parameters)[:7] == [
        "stepup",
        "mfa",
        "revoke_other_sessions",
        "custom_claims",
        "template_options",
        "template_id",
        "locale",
    ]
    assert {method.name: method.value for method in DeliveryMethod} == {
        "WHATSAPP": 1,
        "SMS": 2,
        "EMAIL": 3,
        "EMBEDDED": 4,
        "VOICE": 5,
    }


def test_a_client_shows_no_secret_and_cannot_be_pickled(server: LocalServer) -> None:
    client = DescopeClient(
        "P", base_url=server.url, management_key="mk-secret", auth_management_key="ak-secret"
    )
    assert "secret" not in repr(client) + repr(vars(client)) + repr(client.magiclink)
    for duplicate in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="make one in each process"):
            duplicate(client)
        with pytest.raises(TypeError, match="pickle"):
            duplicate(vars(vars(client)["_client"])["_native"])


def test_repr_of_login_options_shows_no_personal_data() -> None:
    options = LoginOptions(
        custom_claims={"a": "secret"}, template_options={"b": "secret"}, pkce_challenge="secret"
    )
    assert "secret" not in repr(options)


def test_calls_reuse_the_connection(client: DescopeClient, server: LocalServer) -> None:
    for _ in range(3):
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    assert len({request.connection for request in server.received}) == 1


def test_every_failure_is_a_descope_error(client: DescopeClient, server: LocalServer) -> None:
    server.respond_with(200, {})
    with pytest.raises(DescopeError, match="maskedPhone") as caught:
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    assert (caught.value.name, caught.value.outcome) == ("DESCOPE_E_PROTOCOL", "unknown")
