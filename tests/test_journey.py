"""The whole journey through every face, against the emulator: from sign-up to logout."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from support import faces
from support.emulator import Emulator
from support.faces import Face
from support.traveller import Traveller

URI = "https://app.example.com/verify"


@pytest.fixture(params=faces.NAMES)
def traveller(
    request: pytest.FixtureRequest, face: Callable[[str], Face], emulator: Emulator
) -> Traveller:
    """A new user at each face."""
    return Traveller(face(request.param), emulator)


def test_a_user_signs_up_in_and_out(traveller: Traveller, emulator: Emulator) -> None:
    """Sign-up, session, who it is, refresh, history, logout; after it nothing works any more."""
    signed_in = traveller.signs_up(redirectUrl=URI)
    user_id = signed_in["user"]["userId"]
    assert signed_in["firstSeen"] is True
    assert signed_in["session"]["userId"] == user_id
    assert signed_in["session"]["jwt"] == signed_in["sessionJwt"]
    assert signed_in["refreshClaims"]["drn"] == "DSR"

    session = traveller.does("session/validate", sessionToken=signed_in["sessionJwt"])
    assert session == signed_in["session"]
    assert session["projectId"] == emulator.project_id
    remote = traveller.does("session/validate_remote", sessionToken=signed_in["sessionJwt"])
    assert remote["parsedJWT"]["sub"] == user_id

    refresh_token = signed_in["refreshJwt"]
    me = traveller.does("session/me", refreshToken=refresh_token)
    assert (me["userId"], me["name"], me["verifiedPhone"]) == (user_id, "Ada", True)
    refreshed = traveller.does("session/refresh", refreshToken=refresh_token)
    assert refreshed["session"]["userId"] == user_id
    assert refreshed["refreshJwt"]
    history = traveller.does("session/history", refreshToken=refresh_token)
    assert [entry["userId"] for entry in history["authHistory"]] == [user_id]

    traveller.does("session/logout", refreshToken=refresh_token)
    ended = traveller.fails("session/refresh", refreshToken=refresh_token)
    assert (ended["name"], ended["errorCode"]) == ("DESCOPE_E_API", "E064001")
    assert traveller.fails("session/me", refreshToken=refresh_token)["httpStatus"] == 401


def test_a_link_works_once_and_older_ones_stay_good(traveller: Traveller) -> None:
    """Each link of several is verified once; a second time is an error with its own code."""
    traveller.signs_up(redirectUrl=URI)
    for _ in range(2):
        traveller.does("magiclink/signin/sms", loginId=traveller.phone, redirectUrl=URI)
    newer = traveller.token()
    traveller.does("magiclink/verify", token=newer)
    again = traveller.fails("magiclink/verify", token=newer)
    assert (again["errorCode"], again["outcome"], again["attempts"]) == ("E062504", "refused", 1)


@pytest.mark.parametrize("method", ["sms", "email", "whatsapp"])
def test_every_method_delivers_a_link(traveller: Traveller, method: str) -> None:
    """Sign-up, sign-in and sign-up-or-in by each method; the session says by which it was."""
    address = traveller.email if method == "email" else traveller.phone
    masked = "maskedEmail" if method == "email" else "maskedPhone"
    for operation in ("signup-in", "signin"):
        answer = traveller.does(f"magiclink/{operation}/{method}", loginId=address)
        assert address not in answer[masked]
        signed_in = traveller.does("magiclink/verify", token=traveller.token(address))
        assert signed_in["session"]["claims"]["amr"] == [method]
        assert signed_in["firstSeen"] is (operation == "signup-in")
    taken = traveller.fails(f"magiclink/signup/{method}", loginId=address)
    assert taken["errorCode"] == "E062107"
    unknown = traveller.fails(f"magiclink/signin/{method}", loginId=f"no{address}")
    assert unknown["errorCode"] == "E062108"


def test_claims_reach_the_session(traveller: Traveller) -> None:
    """Custom claims of the sign-in are in the token."""
    traveller.signs_up()
    options = {"customClaims": {"tier": "gold", "seats": 7}}
    traveller.does("magiclink/signin/sms", loginId=traveller.phone, loginOptions=options)
    signed_in = traveller.does("magiclink/verify", token=traveller.token())
    claims = signed_in["session"]["claims"]
    assert (claims["tier"], claims["seats"]) == ("gold", 7)


def test_a_second_factor_shows_in_the_session(traveller: Traveller) -> None:
    """MFA needs the session's refresh token, and is told of in the new one."""
    first = traveller.signs_up()
    options = {"mfa": True}
    refused = traveller.fails("magiclink/signin/sms", loginId=traveller.phone, loginOptions=options)
    assert (refused["name"], refused["outcome"]) == ("DESCOPE_E_ARGUMENT", "not_sent")
    traveller.does(
        "magiclink/signin/sms",
        loginId=traveller.phone,
        loginOptions=options,
        refreshToken=first["refreshJwt"],
    )
    second = traveller.does("magiclink/verify", token=traveller.token())
    assert "mfa" in second["session"]["claims"]["amr"]


@pytest.mark.parametrize("method", ["email", "phone/sms", "phone/whatsapp"])
def test_an_address_changes_once_it_is_verified(traveller: Traveller, method: str) -> None:
    """The link goes to the new address, which is the user's only afterwards."""
    signed_in = traveller.signs_up()
    key = method.partition("/")[0]
    address = traveller.email if key == "email" else traveller.phone.replace("+1415", "+1628")
    traveller.does(
        f"magiclink/update/{method}",
        loginId=traveller.phone,
        refreshToken=signed_in["refreshJwt"],
        redirectUrl=URI,
        addToLoginIDs=True,
        **{key: address},
    )
    before = traveller.does("session/me", refreshToken=signed_in["refreshJwt"])
    assert before.get(key) != address
    verified = traveller.does("magiclink/verify", token=traveller.token(address))
    assert verified["user"]["userId"] == signed_in["user"]["userId"]
    assert verified["user"][key] == address
    assert address in verified["user"]["loginIds"]


def test_a_test_user_needs_no_message(traveller: Traveller) -> None:
    """Made, linked, signed in with roles and a tenant, moved into the tenant."""
    made = traveller.does(
        "test/create_user",
        loginId=traveller.phone,
        phone=traveller.phone,
        verifiedPhone=True,
        roleNames=["admin"],
        userTenants=[{"tenantId": "T1", "roleNames": ["clerk"]}],
    )
    link = traveller.does(
        "test/generate_magiclink",
        loginId=traveller.phone,
        deliveryMethod="sms",
        redirectUrl=URI,
    )["link"]
    assert link.startswith(URI)
    (token,) = parse_qs(urlsplit(link).query)["t"]
    signed_in = traveller.does("magiclink/verify", token=token)
    session = signed_in["session"]
    assert session["userId"] == made["user"]["userId"]
    assert session["roles"] == ["admin"]
    claims = session["claims"]
    roles = traveller.does("session/match_roles", claims=claims, roles=["admin", "owner"])
    assert roles == {"all": False, "matched": ["admin"]}
    in_tenant = traveller.does("session/match_roles", claims=claims, roles=["clerk"], tenant="T1")
    assert in_tenant == {"all": True, "matched": ["clerk"]}
    selected = traveller.does(
        "session/select_tenant", tenant="T1", refreshToken=signed_in["refreshJwt"]
    )
    assert selected["session"]["claims"]["dct"] == "T1"
    refused = traveller.fails(
        "session/select_tenant", tenant="T2", refreshToken=signed_in["refreshJwt"]
    )
    assert refused["name"] == "DESCOPE_E_API"


def test_all_sessions_end_together(traveller: Traveller) -> None:
    """After logout_all no refresh token of the user works."""
    tokens = [traveller.signs_up()["refreshJwt"]]
    traveller.does("magiclink/signin/sms", loginId=traveller.phone)
    tokens.append(traveller.does("magiclink/verify", token=traveller.token())["refreshJwt"])
    traveller.does("session/logout_all", refreshToken=tokens[0])
    for token in tokens:
        assert traveller.fails("session/refresh", refreshToken=token)["errorCode"] == "E064001"
