"""Magic links: what each method other than `sign_in` sends and returns."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import descope_ml
from descope_ml import (
    ArgumentError,
    AuthException,
    DeliveryMethod,
    DescopeClient,
    LoginOptions,
    ProtocolError,
    SignUpOptions,
    operations,
)
from local_server import MASKED, LocalServer
from tokens import PROJECT, Signer

PHONE = "+14155550123"
EMAIL = "ada@example.com"
URI = "https://app.example.com/verify"


@pytest.mark.parametrize(
    ("method", "login_id", "key", "masked_key"),
    [
        (DeliveryMethod.SMS, PHONE, "phone", "maskedPhone"),
        (DeliveryMethod.WHATSAPP, PHONE, "phone", "maskedPhone"),
        (DeliveryMethod.EMAIL, EMAIL, "email", "maskedEmail"),
    ],
)
def test_each_delivery_method_has_its_path_and_masked_address(
    client: DescopeClient,
    server: LocalServer,
    method: DeliveryMethod,
    login_id: str,
    key: str,
    masked_key: str,
) -> None:
    server.respond_with(200, {masked_key: "m***d"})
    name = method.name.lower()
    assert client.magiclink.sign_in(method, login_id, URI) == "m***d"
    assert server.last.path == f"/v1/auth/magiclink/signin/{name}"
    assert client.magiclink.sign_up_or_in(method, login_id, URI) == "m***d"
    assert server.last.path == f"/v1/auth/magiclink/signup-in/{name}"
    assert client.magiclink.sign_up(method, login_id, URI) == "m***d"
    assert server.last.path == f"/v1/auth/magiclink/signup/{name}"
    assert server.last.body == {
        "loginId": login_id,
        "redirectUrl": URI,
        key: login_id,
        "user": {key: login_id},
    }


def test_a_sign_up_sends_the_user_and_does_not_modify_it(
    client: DescopeClient, server: LocalServer
) -> None:
    user = {"name": "Ada", "email": EMAIL, "phone": None}
    options = SignUpOptions(
        revoke_other_sessions=True,
        custom_claims={"plan": "pro"},
        template_options={"app": "x"},
        template_id="T",
        tenant_id="N",
    )
    client.magiclink.sign_up(DeliveryMethod.SMS, PHONE, None, user, options, provider_id="V")
    assert server.last.body == {
        "loginId": PHONE,
        "phone": PHONE,
        "user": {"name": "Ada", "email": EMAIL, "phone": PHONE},
        "providerId": "V",
        "loginOptions": {
            "customClaims": {"plan": "pro"},
            "templateOptions": {"app": "x"},
            "templateId": "T",
            "tenantId": "N",
            "revokeOtherSessions": True,
        },
    }
    assert user == {"name": "Ada", "email": EMAIL, "phone": None}


def test_the_address_of_a_sign_up_can_differ_from_the_login_id(
    client: DescopeClient, server: LocalServer
) -> None:
    client.magiclink.sign_up(DeliveryMethod.WHATSAPP, "ada", URI, {"phone": PHONE})
    assert (server.last.body["loginId"], server.last.body["phone"]) == ("ada", PHONE)


@pytest.mark.parametrize("user", ["Ada", 5, [("name", "Ada")]])
def test_a_user_that_is_not_a_mapping_is_rejected(client: DescopeClient, user: Any) -> None:
    with pytest.raises(ArgumentError, match="`user`") as caught:
        client.magiclink.sign_up(DeliveryMethod.SMS, PHONE, URI, user)
    assert caught.value.status_code == 400


def test_an_unknown_key_of_the_user_is_rejected_with_a_suggestion(
    client: DescopeClient,
) -> None:
    with pytest.raises(ArgumentError, match="did you mean `givenName`"):
        client.magiclink.sign_up(DeliveryMethod.SMS, PHONE, URI, {"given_name": "Ada"})


def test_sign_up_or_in_takes_sign_up_options_and_login_options(
    client: DescopeClient, server: LocalServer
) -> None:
    client.magiclink.sign_up_or_in(DeliveryMethod.SMS, PHONE, URI, SignUpOptions(template_id="T"))
    assert server.last.body["loginOptions"] == {"templateId": "T"}
    client.magiclink.sign_up_or_in(
        DeliveryMethod.SMS, PHONE, URI, LoginOptions(mfa=True), refresh_token="r-jwt"
    )
    assert server.last.headers["authorization"] == "Bearer P2test:r-jwt"


def test_options_have_the_official_attributes() -> None:
    for options in (LoginOptions(custom_claims={"a": 1}), SignUpOptions(custom_claims={"a": 1})):
        assert options.customClaims == {"a": 1}
        options.customClaims = {"b": 2}
        options.revokeOtherSessions = True
        options.templateId = "T"
        options.templateOptions = {"c": "d"}
        document = {key: value for key, value in options.document().items() if value}
        assert document == {
            "customClaims": {"b": 2},
            "revokeOtherSessions": True,
            "templateId": "T",
            "templateOptions": {"c": "d"},
        }


def test_verify_returns_the_official_dictionary(client: DescopeClient, server: LocalServer) -> None:
    signer = Signer()
    server.keys.status, server.keys.body = 200, signer.key_set
    answer = signer.session_response(
        cookieExpiration=1_900_000_000,
        cookieMaxAge=600,
        cookieDomain="example.com",
        cookiePath="/app",
    )
    answer["sessionJwt"] = signer.token(permissions=["read"], tenants={"T1": {}}, dsub="U2other")
    server.respond_with(200, answer)
    result = client.magiclink.verify("t0ken")
    assert server.last.path == "/v1/auth/magiclink/verify"
    assert server.last.body == {"token": "t0ken"}
    assert list(result) == [
        "sessionToken",
        "refreshSessionToken",
        "permissions",
        "roles",
        "tenants",
        "projectId",
        "userId",
        "cookieData",
        "user",
        "firstSeen",
    ]
    assert result["sessionToken"]["jwt"] == answer["sessionJwt"]
    assert result["sessionToken"]["drn"] == "DS"
    assert result["refreshSessionToken"]["jwt"] == answer["refreshJwt"]
    assert result["refreshSessionToken"]["sub"] == "U2test"
    assert (result["projectId"], result["userId"]) == (PROJECT, "U2other")
    assert (result["permissions"], result["roles"]) == (["read"], [])
    assert result["tenants"] == {"T1": {}}
    assert result["cookieData"] == {
        "exp": 1_900_000_000,
        "maxAge": 600,
        "domain": "example.com",
        "path": "/app",
    }
    assert (result["user"], result["firstSeen"]) == ({"userId": "U2test"}, False)


def test_verify_takes_tokens_from_cookies_and_returns_their_names(
    client: DescopeClient, server: LocalServer
) -> None:
    signer = Signer()
    server.keys.status, server.keys.body = 200, signer.key_set
    session, names = signer.token(), {"sessionCookieName": "MYDS", "sessionCookieDomain": "x.org"}
    server.respond_with(200, {"sessionJwt": "", **names}, Set_Cookie=f"MYDS={session}; Secure")
    result = client.magiclink.verify("t0ken")
    assert result["sessionToken"]["jwt"] == session
    assert "refreshSessionToken" not in result
    nothing = {"exp": 0, "maxAge": 0, "domain": "", "path": "/"}
    assert result["cookieData"] == {**nothing, **names}
    assert (result["user"], result["firstSeen"]) == ({}, True)


def test_a_response_without_a_session_is_a_protocol_error(
    client: DescopeClient, server: LocalServer
) -> None:
    server.keys.status, server.keys.body = 200, Signer().key_set
    server.respond_with(200, {})
    with pytest.raises(ProtocolError, match="session token"):
        client.magiclink.verify("t0ken")


@pytest.mark.parametrize("token", ["", None, 5])
def test_an_invalid_link_token_is_rejected_before_it_is_sent(
    client: DescopeClient, server: LocalServer, token: Any
) -> None:
    with pytest.raises(ArgumentError, match="`token`") as caught:
        client.magiclink.verify(token)
    assert (caught.value.status_code, server.received) == (400, [])


@pytest.mark.parametrize("audience", ["app", ["app"], ("x", "app"), {"app"}, iter(["app"])])
def test_an_audience_can_be_any_collection(
    client: DescopeClient, server: LocalServer, audience: Any
) -> None:
    signer = Signer()
    server.keys.status, server.keys.body = 200, signer.key_set
    answer = {"sessionJwt": signer.token(aud="app"), "refreshJwt": signer.token("DSR", aud="app")}
    server.respond_with(200, answer)
    assert client.magiclink.verify("t0ken", audience)["userId"] == "U2test"


def test_updates_send_the_official_arguments_and_more(
    client: DescopeClient, server: LocalServer
) -> None:
    common = {
        "loginId": "ada",
        "addToLoginIDs": True,
        "onMergeUseExisting": True,
        "templateOptions": {"a": "b"},
        "templateId": "T",
        "providerId": "V",
        "redirectUrl": URI,
        "locale": "de",
        "failOnConflict": True,
    }
    more: dict[str, Any] = {"uri": URI, "locale": "de", "fail_on_conflict": True}
    server.respond_with(200, {"maskedEmail": MASKED, "maskedPhone": MASKED})
    link = client.magiclink
    options = (True, True, {"a": "b"}, "T", "V")
    assert link.update_user_email("ada", EMAIL, "r-jwt", *options, **more) == MASKED
    assert server.last.path == "/v1/auth/magiclink/update/email"
    assert server.last.body == {**common, "email": EMAIL}
    for method in (DeliveryMethod.SMS, DeliveryMethod.WHATSAPP):
        assert link.update_user_phone(method, "ada", PHONE, "r-jwt", *options, **more) == MASKED
        assert server.last.path == f"/v1/auth/magiclink/update/phone/{method.name.lower()}"
        assert server.last.body == {**common, "phone": PHONE}
        assert server.last.headers["authorization"] == "Bearer P2test:r-jwt"


def test_an_update_by_a_method_without_links_is_rejected(client: DescopeClient) -> None:
    for method in (DeliveryMethod.EMAIL, DeliveryMethod.VOICE, DeliveryMethod.EMBEDDED):
        with pytest.raises(AuthException, match="update/phone/sms") as caught:
            client.magiclink.update_user_phone(method, "ada", PHONE, "r-jwt")
        assert caught.value.error_type == "invalid argument"


_UPDATE = "add_to_login_ids on_merge_use_existing template_options template_id provider_id"


@pytest.mark.parametrize(
    ("call", "first"),
    [
        (DescopeClient("P").magiclink.sign_up, "method login_id uri user signup_options"),
        (DescopeClient("P").magiclink.sign_up_or_in, "method login_id uri signup_options"),
        (DescopeClient("P").magiclink.verify, "token audience"),
        (
            DescopeClient("P").magiclink.update_user_email,
            f"login_id email refresh_token {_UPDATE}",
        ),
        (
            DescopeClient("P").magiclink.update_user_phone,
            f"method login_id phone refresh_token {_UPDATE}",
        ),
    ],
)
def test_additional_parameters_are_keyword_only(call: Callable[..., Any], first: str) -> None:
    parameters = inspect.signature(call).parameters.values()
    positional = [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    assert positional == first.split()
    assert all(one.default is None for one in parameters if one.kind is one.KEYWORD_ONLY)


def test_each_link_operation_has_a_function(server: LocalServer) -> None:
    both = {"maskedEmail": MASKED, "maskedPhone": MASKED}
    server.respond_with(200, both)
    request = {"loginId": "ada", "phone": PHONE, "email": EMAIL, "refreshToken": "r"}
    keys = {
        "signin": ("loginId",),
        "signup": ("loginId",),
        "signup_in": ("loginId",),
        "update_email": ("loginId", "email", "refreshToken"),
        "update_phone": ("loginId", "phone", "refreshToken"),
    }
    names = [name for name in descope_ml.__all__ if name.startswith("magiclink_")]
    assert len(names) == sum(name.startswith("magiclink/") for name in operations.OPERATIONS)
    for name in set(names) - {"magiclink_verify"}:
        step = name.removeprefix("magiclink_")
        step = step if step in keys else step.rpartition("_")[0]
        call = getattr(descope_ml, name)
        sent = {key: request[key] for key in keys[step]}
        assert call(sent, project_id="P", base_url=server.url) == both
        path = name.replace("signup_in", "signup-in").replace("_", "/")
        assert server.last.path == f"/v1/auth/{path}"
