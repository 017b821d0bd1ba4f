"""Sessions: what each method sends, returns and raises."""

from __future__ import annotations

import copy
import pickle
import time
from collections.abc import Callable
from typing import Any

import pytest

import descope_ml
from descope_ml import (
    ApiError,
    ArgumentError,
    AuthException,
    ConfigError,
    DescopeClient,
    DescopeError,
    DescopeResponse,
    ProtocolError,
    TokenError,
)
from local_server import LocalServer
from tokens import PROJECT, Signer


@pytest.fixture
def signer(server: LocalServer) -> Signer:
    """A signer whose public key the local server sends."""
    signer = Signer()
    server.keys.status, server.keys.body = 200, signer.key_set
    return signer


def test_validate_session_returns_the_official_dictionary(
    client: DescopeClient, signer: Signer, server: LocalServer
) -> None:
    authorization: dict[str, Any] = {
        "permissions": ["read"],
        "roles": ["admin"],
        "tenants": {"T1": {"roles": ["clerk"]}},
    }
    token = signer.token(plan="pro", **authorization)
    result = client.validate_session(token)
    claims = {**result["sessionToken"]}
    assert claims.pop("jwt") == token
    assert claims["plan"] == "pro"
    names = {"projectId": PROJECT, "userId": "U2test"}
    session_token = {**claims, "jwt": token}
    assert result == {**session_token, "sessionToken": session_token, **authorization, **names}
    assert client.validate_session(token) == result
    assert (server.key_fetches, server.received) == (1, [])


def test_a_session_without_roles_has_empty_lists(client: DescopeClient, signer: Signer) -> None:
    result = client.validate_session(signer.token())
    assert (result["permissions"], result["roles"], result["tenants"]) == ([], [], {})


INVALID_TOKENS: dict[str, Callable[[Signer], str]] = {
    "malformed": lambda _: "not-a-token",
    "expired": lambda signer: signer.token(exp=int(time.time()) - 60),
    "not_yet_valid": lambda signer: signer.token(nbf=int(time.time()) + 600),
    "bad_signature": lambda signer: Signer(signer.kid).token(),
    "unknown_key": lambda _: Signer("another").token(),
    "wrong_issuer": lambda signer: signer.token(iss="P2other"),
    "wrong_audience": lambda signer: signer.token(aud="app"),
    "not_a_session": lambda signer: signer.token("DSR"),
}


@pytest.mark.parametrize("reason", INVALID_TOKENS)
def test_an_invalid_token_is_a_token_error(
    client: DescopeClient, signer: Signer, reason: str
) -> None:
    token = INVALID_TOKENS[reason](signer)
    with pytest.raises(TokenError) as caught:
        client.validate_session(token)
    error = caught.value
    assert isinstance(error, AuthException)
    assert (error.reason, error.error_type) == (reason, "invalid token")
    assert error.status_code == (400 if reason == "not_yet_valid" else 401)
    assert (error.status, error.name) == (30, "DESCOPE_E_TOKEN")
    assert error.document["error"]["reason"] == reason
    assert token not in str(error) + repr(error)


def test_a_configured_public_key_needs_no_network(server: LocalServer) -> None:
    signer = Signer()
    client = DescopeClient(PROJECT, signer.public_key, base_url=server.url)
    assert client.validate_session(signer.token())["userId"] == "U2test"
    assert server.key_fetches == 0


@pytest.mark.parametrize("token", ["", None])
def test_a_missing_token_has_the_official_error_type(client: DescopeClient, token: Any) -> None:
    calls: list[Callable[[], object]] = [
        lambda: client.validate_session(token),
        lambda: client.validate_session_remote(token),
        lambda: client.refresh_session(token),
        lambda: client.validate_and_refresh_session(token, "r"),
        lambda: client.select_tenant("T1", token),
    ]
    for call in calls:
        with pytest.raises(AuthException) as caught:
            call()
        assert (caught.value.status_code, caught.value.error_type) == (400, "invalid token")
        assert caught.value.outcome == "not_sent"
    for other in (client.logout, client.logout_all, client.me, client.history):
        with pytest.raises(AuthException) as caught:
            other(token)
        assert (caught.value.status_code, caught.value.error_type) == (400, "invalid argument")


def test_a_refresh_returns_the_old_refresh_token_if_there_is_no_new_one(
    client: DescopeClient, signer: Signer, server: LocalServer
) -> None:
    refresh_token, session = signer.token("DSR"), signer.token()
    server.respond_with(200, {"sessionJwt": session})
    result = client.refresh_session(refresh_token, external_token="x-token")
    assert result["sessionToken"]["jwt"] == session
    assert result["refreshSessionToken"]["jwt"] == refresh_token
    assert server.last.path == "/v1/auth/refresh"
    assert server.last.headers["authorization"] == f"Bearer {PROJECT}:{refresh_token}"
    assert server.last.body == {"externalToken": "x-token"}


def test_a_session_token_is_not_a_refresh_token(
    client: DescopeClient, signer: Signer, server: LocalServer
) -> None:
    with pytest.raises(TokenError) as caught:
        client.refresh_session(signer.token())
    assert (caught.value.reason, server.received) == ("not_a_refresh_token", [])


@pytest.mark.parametrize("reason", INVALID_TOKENS)
def test_an_invalid_session_is_refreshed(
    client: DescopeClient, signer: Signer, server: LocalServer, reason: str
) -> None:
    refresh_token, session = signer.token("DSR"), signer.token()
    server.respond_with(200, {"sessionJwt": session})
    result = client.validate_and_refresh_session(INVALID_TOKENS[reason](signer), refresh_token)
    assert result["sessionToken"]["jwt"] == session
    assert "cookieData" in result


def test_a_valid_session_is_not_refreshed(
    client: DescopeClient, signer: Signer, server: LocalServer
) -> None:
    assert "cookieData" not in client.validate_and_refresh_session(signer.token(), "")
    assert server.received == []


def test_an_invalid_session_needs_a_refresh_token(client: DescopeClient, signer: Signer) -> None:
    with pytest.raises(AuthException, match="refreshToken") as caught:
        client.validate_and_refresh_session(INVALID_TOKENS["expired"](signer), "")
    assert (caught.value.status_code, caught.value.error_type) == (400, "invalid token")


def test_a_failed_key_fetch_is_not_a_token_error(
    client: DescopeClient, server: LocalServer
) -> None:
    token = Signer().token()
    server.keys.status, server.keys.body = 500, "down"
    with pytest.raises(ApiError, match="public keys") as caught:
        client.validate_session(token)
    assert caught.value.http_status == 500
    other = DescopeClient(PROJECT, base_url=server.url, max_attempts=1)
    server.keys.status, server.keys.body = 200, "{}"
    with pytest.raises(ProtocolError, match="not a JSON Web Key Set"):
        other.validate_session(token)


def test_each_call_sends_its_token(
    client: DescopeClient, signer: Signer, server: LocalServer
) -> None:
    server.respond_with(200, {"userId": "U2test", "email": "ada@example.com"})
    assert client.me("r-jwt") == {"userId": "U2test", "email": "ada@example.com"}
    assert (server.last.method, server.last.path) == ("GET", "/v1/auth/me")
    assert server.last.headers["authorization"] == f"Bearer {PROJECT}:r-jwt"
    history = [{"userId": "U2test"}]
    for answer in ({"authHistory": history}, history):
        server.respond_with(200, answer)
        assert client.history("r-jwt") == history
    assert (server.last.method, server.last.path) == ("GET", "/v1/auth/me/history")
    server.respond_with(200, {"parsedJWT": {"sub": "U2test"}})
    assert client.validate_session_remote("s-jwt") == {"sub": "U2test"}
    assert server.last.path == "/v1/auth/validate"
    assert server.last.headers["authorization"] == f"Bearer {PROJECT}:s-jwt"
    server.respond_with(
        200, {"sessionJwt": signer.token(dct="T1"), "refreshJwt": signer.token("DSR")}
    )
    assert client.select_tenant("T1", "r-jwt")["sessionToken"]["dct"] == "T1"
    assert server.last.path == "/v1/auth/tenant/select"
    assert server.last.body == {"tenant": "T1"}


@pytest.mark.parametrize(("name", "path"), [("logout", "logout"), ("logout_all", "logoutall")])
def test_a_logout_returns_a_response(
    client: DescopeClient, server: LocalServer, name: str, path: str
) -> None:
    answer = {"sessionJwt": "", "cookiePath": "/secret"}
    server.respond_with(200, answer)
    response = getattr(client, name)("r-jwt", logout_type=["web"])
    assert server.last.path == f"/v1/auth/{path}"
    assert server.last.body == {"logoutType": ["web"]}
    assert isinstance(response, DescopeResponse)
    assert (response.ok, response.is_success, response.status_code) == (True, True, 200)
    assert response.json() == answer == dict(response.items())
    assert response == answer
    assert response.raise_for_status() is response
    assert (response["cookiePath"], response.get("x", 1)) == ("/secret", 1)
    assert "secret" not in repr(response) + str(response)
    assert b"secret" in response.content
    server.respond_with(401, {"errorCode": "E064001"})
    with pytest.raises(AuthException) as caught:
        getattr(client, name)("r-jwt")
    assert caught.value.status_code == 401


def test_a_response_without_a_required_field_is_a_protocol_error(
    client: DescopeClient, server: LocalServer
) -> None:
    server.respond_with(200, {})
    calls: list[Callable[[str], object]] = [
        client.me,
        client.history,
        client.validate_session_remote,
    ]
    for call in calls:
        with pytest.raises(ProtocolError):
            call("r-jwt")


def test_each_session_operation_has_a_function(server: LocalServer, signer: Signer) -> None:
    session, refresh = signer.token(), signer.token("DSR")
    answer = {
        **signer.session_response(sessionJwt=session, refreshJwt=refresh),
        "userId": "U2test",
        "authHistory": [],
        "parsedJWT": {},
    }
    server.respond_with(200, answer)
    config: Any = {"project_id": PROJECT, "base_url": server.url, "public_key": signer.public_key}
    validated = descope_ml.session_validate({"sessionToken": session}, **config)
    assert (validated["jwt"], validated["userId"]) == (session, "U2test")
    assert descope_ml.session_validate_remote({"sessionToken": session}, **config) == answer
    by_refresh = {"refreshToken": refresh}
    assert descope_ml.session_refresh(by_refresh, **config)["session"] == validated
    in_tenant = descope_ml.session_select_tenant({**by_refresh, "tenant": "T1"}, **config)
    assert in_tenant["refreshClaims"]["drn"] == "DSR"
    assert descope_ml.magiclink_verify({"token": "t"}, **config)["session"] == validated
    for call in (descope_ml.session_me, descope_ml.session_history):
        assert call(by_refresh, **config) == answer
    for call in (descope_ml.session_logout, descope_ml.session_logout_all):
        assert call(by_refresh, **config) == answer
    roles = descope_ml.session_match_roles({"claims": {"roles": ["a"]}, "roles": ["a"]})
    assert roles == {"all": True, "matched": ["a"]}


SESSION = {
    "permissions": ["read", "write"],
    "roles": ["admin"],
    "tenants": {"T1": {"permissions": ["pay"], "roles": ["clerk"]}, "T2": {}},
}


def test_roles_and_permissions_are_matched_as_in_the_official_package(
    client: DescopeClient,
) -> None:
    assert client.validate_permissions(SESSION, ["read", "write"])
    assert not client.validate_permissions(SESSION, ["read", "pay"])
    assert client.validate_permissions(SESSION, "read")
    assert client.validate_permissions(SESSION, [])
    assert client.get_matched_permissions(SESSION, ("pay", "write")) == ["write"]
    assert client.validate_roles(SESSION, ["admin"])
    assert not client.validate_roles(SESSION, "clerk")
    assert client.get_matched_roles(SESSION, ["admin", "owner"]) == ["admin"]
    assert client.validate_tenant_permissions(SESSION, "T1", ["pay"])
    assert not client.validate_tenant_permissions(SESSION, "T2", ["pay"])
    assert client.validate_tenant_permissions(SESSION, "T2", [])
    assert not client.validate_tenant_permissions(SESSION, "T3", [])
    assert client.get_matched_tenant_permissions(SESSION, "T1", ["pay", "read"]) == ["pay"]
    assert client.validate_tenant_roles(SESSION, "T1", "clerk")
    assert client.get_matched_tenant_roles(SESSION, "T3", ["clerk"]) == []


@pytest.mark.parametrize("empty", [None, {}])
def test_no_session_has_no_permissions(client: DescopeClient, empty: Any) -> None:
    assert not client.validate_permissions(empty, [])
    assert not client.validate_tenant_roles(empty, "T1", [])
    assert client.get_matched_permissions(empty, ["read"]) == []


def test_tenant_none_matches_nothing(client: DescopeClient) -> None:
    nothing: Any = None
    assert not client.validate_tenant_permissions(SESSION, nothing, ["read"])
    assert client.get_matched_tenant_roles(SESSION, nothing, ["admin"]) == []


@pytest.mark.parametrize("roles", [None, 5, [5], {"a": 1}.items()])
def test_invalid_roles_are_rejected(client: DescopeClient, roles: Any) -> None:
    with pytest.raises(ArgumentError, match="`roles"):
        client.validate_roles(SESSION, roles)


@pytest.mark.parametrize("session", ["a token", 5, ["roles"]])
def test_an_invalid_session_argument_is_rejected(client: DescopeClient, session: Any) -> None:
    with pytest.raises(ArgumentError, match="`claims`"):
        client.validate_roles(session, ["admin"])


def test_clients_cannot_be_pickled_or_copied(client: DescopeClient) -> None:
    for part in (client, client.magiclink, client.mgmt, client.mgmt.user):
        for duplicate in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="make one in each process"):
                duplicate(part)


def test_a_closed_client_raises_an_error(client: DescopeClient) -> None:
    magiclink = client.magiclink
    client.close()
    calls: list[Callable[[], object]] = [
        lambda: client.me("r"),
        lambda: magiclink.verify("t"),
    ]
    for call in calls:
        with pytest.raises(DescopeError, match="the client is closed"):
            call()


def test_a_part_can_be_closed_alone(client: DescopeClient, server: LocalServer) -> None:
    client.magiclink.close()
    client.mgmt.close()
    calls: list[Callable[[], object]] = [
        lambda: client.magiclink.verify("t"),
        client.mgmt.user.delete_all_test_users,
    ]
    for call in calls:
        with pytest.raises(ConfigError, match="the client is closed"):
            call()
    server.respond_with(200, {"userId": "U2test"})
    assert client.me("r-jwt") == {"userId": "U2test"}
