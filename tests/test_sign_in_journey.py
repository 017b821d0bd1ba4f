"""The complete journey of a user, from sign-up to logout, through every face."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from support import faces
from support.emulator import Emulator
from support.faces import Face
from support.user import User

URI = "https://app.example.com/verify"


@pytest.fixture(params=faces.FACES)
def user(request: pytest.FixtureRequest, face: Callable[[str], Face], emulator: Emulator) -> User:
    """A new user at each face."""
    return User(face(request.param), emulator)


def test_sign_up_session_refresh_and_logout(user: User, emulator: Emulator) -> None:
    """After the logout the refresh token is invalid."""
    signed_in = user.sign_up(redirectUrl=URI)
    user_id = signed_in["user"]["userId"]
    assert signed_in["firstSeen"] is True
    assert signed_in["session"]["userId"] == user_id
    assert signed_in["session"]["jwt"] == signed_in["sessionJwt"]
    assert signed_in["refreshClaims"]["drn"] == "DSR"

    session = user.call_ok("session/validate", sessionToken=signed_in["sessionJwt"])
    assert session == signed_in["session"]
    assert session["projectId"] == emulator.project_id
    remote = user.call_ok("session/validate_remote", sessionToken=signed_in["sessionJwt"])
    assert remote["parsedJWT"]["sub"] == user_id

    refresh_token = signed_in["refreshJwt"]
    me = user.call_ok("session/me", refreshToken=refresh_token)
    assert (me["userId"], me["name"], me["verifiedPhone"]) == (user_id, "Ada", True)
    refreshed = user.call_ok("session/refresh", refreshToken=refresh_token)
    assert refreshed["session"]["userId"] == user_id
    assert refreshed["refreshJwt"]
    history = user.call_ok("session/history", refreshToken=refresh_token)
    assert [entry["userId"] for entry in history["authHistory"]] == [user_id]

    user.call_ok("session/logout", refreshToken=refresh_token)
    error = user.call_error("session/refresh", refreshToken=refresh_token)
    assert (error["name"], error["errorCode"]) == ("DESCOPE_E_API", "E064001")
    assert user.call_error("session/me", refreshToken=refresh_token)["httpStatus"] == 401


def test_each_link_can_be_verified_once(user: User) -> None:
    """The second verification of a link is an error with a code of its own."""
    user.sign_up(redirectUrl=URI)
    for _ in range(2):
        user.call_ok("magiclink/signin/sms", loginId=user.phone, redirectUrl=URI)
    newer = user.link_token()
    user.call_ok("magiclink/verify", token=newer)
    error = user.call_error("magiclink/verify", token=newer)
    assert (error["errorCode"], error["outcome"], error["attempts"]) == ("E062504", "refused", 1)


@pytest.mark.parametrize("method", ["sms", "email", "whatsapp"])
def test_sign_in_and_sign_up_or_in_work_with_each_method(user: User, method: str) -> None:
    """Each method sends a link, and the session names the method."""
    address = user.email if method == "email" else user.phone
    masked = "maskedEmail" if method == "email" else "maskedPhone"
    for operation in ("signup-in", "signin"):
        response = user.call_ok(f"magiclink/{operation}/{method}", loginId=address)
        assert address not in response[masked]
        signed_in = user.call_ok("magiclink/verify", token=user.link_token(address))
        assert signed_in["session"]["claims"]["amr"] == [method]
        assert signed_in["firstSeen"] is (operation == "signup-in")
    taken = user.call_error(f"magiclink/signup/{method}", loginId=address)
    assert taken["errorCode"] == "E062107"
    unknown = user.call_error(f"magiclink/signin/{method}", loginId=f"no{address}")
    assert unknown["errorCode"] == "E062108"


def test_custom_claims_are_in_the_session(user: User) -> None:
    """The claims of the sign-in request are claims of the session token."""
    user.sign_up()
    options = {"customClaims": {"tier": "gold", "seats": 7}}
    user.call_ok("magiclink/signin/sms", loginId=user.phone, loginOptions=options)
    signed_in = user.call_ok("magiclink/verify", token=user.link_token())
    claims = signed_in["session"]["claims"]
    assert (claims["tier"], claims["seats"]) == ("gold", 7)


def test_mfa_needs_a_refresh_token_and_is_in_the_session(user: User) -> None:
    """The `amr` claim of the new session contains `mfa`."""
    first = user.sign_up()
    options = {"mfa": True}
    error = user.call_error("magiclink/signin/sms", loginId=user.phone, loginOptions=options)
    assert (error["name"], error["outcome"]) == ("DESCOPE_E_ARGUMENT", "not_sent")
    user.call_ok(
        "magiclink/signin/sms",
        loginId=user.phone,
        loginOptions=options,
        refreshToken=first["refreshJwt"],
    )
    second = user.call_ok("magiclink/verify", token=user.link_token())
    assert "mfa" in second["session"]["claims"]["amr"]


@pytest.mark.parametrize("method", ["email", "phone/sms", "phone/whatsapp"])
def test_updated_address_counts_after_verification(user: User, method: str) -> None:
    """The link goes to the new address. Until it is verified, the user keeps the old one."""
    signed_in = user.sign_up()
    key = method.partition("/")[0]
    address = user.email if key == "email" else user.phone.replace("+1415", "+1628")
    user.call_ok(
        f"magiclink/update/{method}",
        loginId=user.phone,
        refreshToken=signed_in["refreshJwt"],
        redirectUrl=URI,
        addToLoginIDs=True,
        **{key: address},
    )
    before = user.call_ok("session/me", refreshToken=signed_in["refreshJwt"])
    assert before.get(key) != address
    verified = user.call_ok("magiclink/verify", token=user.link_token(address))
    assert verified["user"]["userId"] == signed_in["user"]["userId"]
    assert verified["user"][key] == address
    assert address in verified["user"]["loginIds"]


def test_test_user_signs_in_with_a_generated_link(user: User) -> None:
    """A test user with roles and a tenant signs in without a message and selects the tenant."""
    created = user.call_ok(
        "test/create_user",
        loginId=user.phone,
        phone=user.phone,
        verifiedPhone=True,
        roleNames=["admin"],
        userTenants=[{"tenantId": "T1", "roleNames": ["clerk"]}],
    )
    link = user.call_ok(
        "test/generate_magiclink",
        loginId=user.phone,
        deliveryMethod="sms",
        redirectUrl=URI,
    )["link"]
    assert link.startswith(URI)
    (token,) = parse_qs(urlsplit(link).query)["t"]
    signed_in = user.call_ok("magiclink/verify", token=token)
    session = signed_in["session"]
    assert session["userId"] == created["user"]["userId"]
    assert session["roles"] == ["admin"]
    claims = session["claims"]
    roles = user.call_ok("session/match_roles", claims=claims, roles=["admin", "owner"])
    assert roles == {"all": False, "matched": ["admin"]}
    in_tenant = user.call_ok("session/match_roles", claims=claims, roles=["clerk"], tenant="T1")
    assert in_tenant == {"all": True, "matched": ["clerk"]}
    selected = user.call_ok(
        "session/select_tenant", tenant="T1", refreshToken=signed_in["refreshJwt"]
    )
    assert selected["session"]["claims"]["dct"] == "T1"
    error = user.call_error(
        "session/select_tenant", tenant="T2", refreshToken=signed_in["refreshJwt"]
    )
    assert error["name"] == "DESCOPE_E_API"


def test_tenants_are_returned_by_id_and_by_selection(user: User) -> None:
    """Before a tenant is selected, the selection is empty."""
    options = {"tenantId": "T1"}
    user.call_ok("magiclink/signup-in/sms", loginId=user.phone, loginOptions=options)
    token = user.call_ok("magiclink/verify", token=user.link_token())["refreshJwt"]
    tenants = {"tenants": [{"id": "T1", "name": "", "customAttributes": {}}]}
    by_id = user.call_ok("session/tenants", refreshToken=token, ids=["T1", "T9"])
    assert by_id == tenants
    assert user.call_ok("session/tenants", refreshToken=token, dct=True) == tenants
    both = user.call_error("session/tenants", refreshToken=token, dct=True, ids=["T1"])
    assert (both["name"], both["outcome"]) == ("DESCOPE_E_ARGUMENT", "not_sent")


def test_access_key_becomes_a_session(user: User, emulator: Emulator) -> None:
    """It has no refresh token, and its user ID is the ID of the key."""
    body = {"name": "robot", "roleNames": ["reader"], "keyTenants": [{"tenantId": "T1"}]}
    created = emulator.post("/v1/mgmt/accesskey/create", body, key=emulator.management_key)
    exchanged = user.call_ok(
        "session/exchange_access_key",
        accessKey=created["cleartext"],
        loginOptions={"selectedTenant": "T1", "customClaims": {"run": 7}},
    )
    assert "refreshJwt" not in exchanged
    session = exchanged["session"]
    assert (session["userId"], session["roles"]) == (created["key"]["id"], ["reader"])
    assert (session["claims"]["dct"], session["claims"]["run"]) == ("T1", 7)
    assert user.call_ok("session/validate", sessionToken=exchanged["sessionJwt"]) == session
    wrong = user.call_error("session/exchange_access_key", accessKey=user.phone.strip("+"))
    assert (wrong["errorCode"], wrong["outcome"]) == ("E062803", "refused")


def test_embedded_links_sign_up_and_in(user: User) -> None:
    """Each token works once. No message is sent."""
    profile = {"name": "Ada", "phone": user.phone}
    token = user.call_ok(
        "management/embedded_link_signup", loginId=user.phone, user=profile, phoneVerified=True
    )["token"]
    created = user.call_ok("magiclink/verify", token=token)["user"]
    assert (created["name"], created["verifiedPhone"]) == ("Ada", True)
    token = user.call_ok(
        "management/embedded_link", loginId=user.phone, customClaims={"tier": "gold"}, timeout=90
    )["token"]
    signed_in = user.call_ok("magiclink/verify", token=token)
    assert signed_in["session"]["claims"]["tier"] == "gold"
    assert signed_in["user"]["userId"] == created["userId"]
    assert user.call_error("magiclink/verify", token=token)["errorCode"] == "E062504"
    taken = user.call_error("management/embedded_link_signup", loginId=user.phone)
    assert taken["errorCode"] == "E062107"


def test_logout_all_ends_every_session(user: User) -> None:
    """After it, no refresh token of the user is valid."""
    tokens = [user.sign_up()["refreshJwt"]]
    user.call_ok("magiclink/signin/sms", loginId=user.phone)
    tokens.append(user.call_ok("magiclink/verify", token=user.link_token())["refreshJwt"])
    user.call_ok("session/logout_all", refreshToken=tokens[0])
    for token in tokens:
        assert user.call_error("session/refresh", refreshToken=token)["errorCode"] == "E064001"
