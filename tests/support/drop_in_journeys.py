"""The journeys that both packages make against the emulator, by name."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from support.drop_in import EMAIL, PHONE, URI, Calls, Journey
from support.emulator import TOKENS_IN_COOKIES

JOURNEYS: dict[str, Calls] = {}

_FOREIGN_KEY = rsa.generate_private_key(65537, 2048)


def journey(name: str) -> Callable[[Calls], Calls]:
    """Registers a journey under a name."""

    def register(run: Calls) -> Calls:
        assert name not in JOURNEYS
        JOURNEYS[name] = run
        return run

    return register


def single_call(name: str, call: str, *args: Any, **kwargs: Any) -> None:
    """Registers a journey with one call."""

    @journey(name)
    def _single(j: Journey) -> None:
        j(call, *args, **kwargs)


@journey("sign-up, session, refresh, me, logout")
def _whole_journey(j: Journey) -> None:
    session, refresh = j.sign_up()
    j("validate_session", session)
    j("refresh_session", refresh)
    j("validate_and_refresh_session", session, refresh)
    j("me", refresh)
    j("history", refresh)
    j("logout", refresh)
    j("refresh_session", refresh)
    j("me", refresh)
    j("logout", refresh)


@journey("sign-up, sign-in and sign-up-or-in by every method")
def _methods(j: Journey) -> None:
    for name, address in (("SMS", PHONE), ("WHATSAPP", "+14155550124"), ("EMAIL", EMAIL)):
        method = j.method(name)
        j("magiclink.sign_up", method, address, URI)
        j("magiclink.sign_in", method, address, URI)
        j("magiclink.verify", j.link_token(address))
        j("magiclink.sign_up_or_in", method, address, URI)
        j("magiclink.sign_up", method, address, URI)
        other = "grace@example.com" if name == "EMAIL" else address[:-2] + "99"
        j("magiclink.sign_up_or_in", method, other, URI)


@journey("sign-up options")
def _sign_up_options(j: Journey) -> None:
    options = j.package.SignUpOptions(
        revoke_other_sessions=True,
        custom_claims={"tier": "gold", "seats": [7, None]},
        template_options={"app": "x"},
        template_id="T1",
    )
    user = {"name": "Ada", "email": EMAIL, "givenName": "A", "familyName": "L"}
    j("magiclink.sign_up", j.method("SMS"), PHONE, URI, user, options)
    j("magiclink.verify", j.link_token())
    j("magiclink.sign_up_or_in", j.method("SMS"), PHONE, URI, signup_options=options)
    j("magiclink.verify", j.link_token())


@journey("sign-in options")
def _sign_in_options(j: Journey) -> None:
    _, refresh = j.sign_up()
    claims = j.package.LoginOptions(
        revoke_other_sessions=True, custom_claims={"tier": "gold"}, locale="de", template_id="T1"
    )
    j("magiclink.sign_in", j.method("SMS"), PHONE, URI, claims)
    j("magiclink.verify", j.link_token())
    j("refresh_session", refresh)


@journey("step-up and second factor")
def _second_factor(j: Journey) -> None:
    _, refresh = j.sign_up()
    for options in (j.package.LoginOptions(stepup=True), j.package.LoginOptions(mfa=True)):
        for token in (None, "", refresh):
            j("magiclink.sign_in", j.method("SMS"), PHONE, URI, options, token)
        j("magiclink.verify", j.link_token())


@journey("each link works once, also an older one after a newer one")
def _once(j: Journey) -> None:
    j.sign_up()
    j("magiclink.sign_in", j.method("SMS"), PHONE, URI)
    older = j.link_token()
    j("magiclink.sign_in", j.method("SMS"), PHONE, URI)
    j("magiclink.verify", j.link_token())
    j("magiclink.verify", older)
    j("magiclink.verify", older)


@journey("an expired link")
def _expired_link(j: Journey) -> None:
    j("magiclink.sign_up", j.method("SMS"), PHONE, URI)
    token = j.link_token()
    assert j.emulator is not None
    j.emulator.control("clock", advance="10m")
    j("magiclink.verify", token)


@journey("a new email address and a new phone number")
def _another_address(j: Journey) -> None:
    _, refresh = j.sign_up()
    j("magiclink.update_user_email", PHONE, EMAIL, refresh)
    j("magiclink.verify", j.link_token(EMAIL))
    j("magiclink.update_user_email", PHONE, "b@example.com", refresh, True, False, {"a": "b"}, "T")
    new = "+14155550199"
    j("magiclink.update_user_phone", j.method("SMS"), PHONE, new, refresh, True, True)
    j("magiclink.verify", j.link_token(new))
    j("me", refresh)


@journey("tenant roles, select_tenant and logout_all")
def _tenant(j: Journey) -> None:
    tenants = [j.package.AssociatedTenant("T1", ["clerk"])]
    login = j.test_user(role_names=["admin"], user_tenants=tenants)
    refresh = login["refreshSessionToken"]["jwt"]
    for roles in (["admin"], ["admin", "owner"], "admin", []):
        j("validate_roles", login, roles)
        j("get_matched_roles", login, roles)
        j("validate_permissions", login, roles)
        j("get_matched_permissions", login, roles)
        for tenant in ("T1", "T2", ""):
            j("validate_tenant_roles", login, tenant, roles)
            j("get_matched_tenant_roles", login, tenant, roles)
            j("validate_tenant_permissions", login, tenant, roles)
            j("get_matched_tenant_permissions", login, tenant, roles)
    j("select_tenant", "T1", refresh)
    j("select_tenant", "T2", refresh)
    j("logout_all", refresh)
    j("refresh_session", refresh)


@journey("roles and permissions without a session or tenant")
def _no_session(j: Journey) -> None:
    empty_sessions: list[Any] = [None, {}]
    for session in empty_sessions:
        j("validate_permissions", session, [])
        j("get_matched_roles", session, ["a"])
        j("validate_tenant_roles", session, "T1", [])
    session_with_roles = {"roles": ["a"], "permissions": ["b"]}
    j("validate_tenant_roles", session_with_roles, None, ["a"])
    j("get_matched_tenant_permissions", session_with_roles, None, ["b"])
    j("validate_tenant_permissions", session_with_roles, "T1", [])


@journey("test users")
def _test_users(j: Journey) -> None:
    login = j.test_user(
        email=EMAIL, verified_email=True, given_name="A", role_names=["r"], custom_attributes={}
    )
    j("validate_session", login["sessionToken"]["jwt"])
    j("mgmt.user.create_test_user", PHONE)
    generate = "mgmt.user.generate_magic_link_for_test_user"
    options = j.package.LoginOptions(custom_claims={"tier": "gold"})
    for name in ("EMAIL", "WHATSAPP", "EMBEDDED"):
        j(generate, j.method(name), PHONE, URI, options)
    j(generate, j.method("SMS"), "+14155550999", URI)
    j("mgmt.user.delete", PHONE)
    j("mgmt.user.delete", PHONE)
    j("mgmt.user.delete_all_test_users")
    j(generate, j.method("SMS"), PHONE, URI)


@journey("an expired session is refreshed")
def _expired_session(j: Journey) -> None:
    assert j.emulator is not None
    j.emulator.control("clock", set=int(time.time()) - 7_200)
    j("magiclink.sign_up", j.method("SMS"), PHONE, URI)
    # The client would reject the expired session in this response, so it is not used here.
    response = j.emulator.post("/v1/auth/magiclink/verify", {"token": j.link_token()})
    session, refresh = response["sessionJwt"], response["refreshJwt"]
    j.emulator.control("clock", advance="2h")
    j("validate_session", session)
    j("validate_and_refresh_session", session, refresh)
    j("validate_and_refresh_session", session, "")
    j("validate_and_refresh_session", session, "garbage")


@journey("a session that is not valid yet")
def _not_yet(j: Journey) -> None:
    assert j.emulator is not None
    j.emulator.control("clock", advance="1h")
    j("magiclink.sign_up", j.method("SMS"), PHONE, URI)
    j("magiclink.verify", j.link_token())


@journey("a session after key rotation")
def _rotated(j: Journey) -> None:
    session, refresh = j.sign_up()
    assert j.emulator is not None
    j.emulator.control("keys/rotate")
    j("validate_session", session)
    j("refresh_session", refresh)


@journey("tokens in cookies: the refresh token")
def _cookies(j: Journey) -> None:
    assert j.emulator is not None
    j.emulator.put_settings(project_settings=TOKENS_IN_COOKIES)
    j("magiclink.sign_up", j.method("SMS"), PHONE, URI)
    j("magiclink.verify", j.link_token())


@journey("a session without the required audience")
def _audience(j: Journey) -> None:
    session, _ = j.sign_up()
    j("validate_session", session, "app")


@journey("a refresh token instead of a session token")
def _swapped(j: Journey) -> None:
    session, refresh = j.sign_up()
    j("validate_session", refresh)
    j("refresh_session", session)


def _claims(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def _with_roles(token: str) -> str:
    head, _, signature = token.split(".")
    claims = json.dumps({**_claims(token), "roles": ["owner"]}).encode()
    return f"{head}.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.{signature}"


@journey("a tampered session token")
def _tampered(j: Journey) -> None:
    session, refresh = j.sign_up()
    j("validate_session", _with_roles(session))
    j("validate_and_refresh_session", _with_roles(session), refresh)


@journey("a session token signed with another key")
def _foreign(j: Journey) -> None:
    session, _ = j.sign_up()
    kid = jwt.get_unverified_header(session)["kid"]
    for key_id in (kid, "unknown"):
        j("validate_session", jwt.encode(_claims(session), _FOREIGN_KEY, "RS256", {"kid": key_id}))


@journey("a session token without a signature")
def _unsigned(j: Journey) -> None:
    session, _ = j.sign_up()
    j("validate_session", jwt.encode(_claims(session), "", "none"))
    j("validate_session", session.rpartition(".")[0])
    j("validate_session", "garbage")


for _token in (None, ""):
    single_call(f"{_token!r} as a session token", "validate_session", _token)
    single_call(
        f"{_token!r} as a session token to refresh", "validate_and_refresh_session", _token, "r"
    )
    single_call(f"{_token!r} as a refresh token", "refresh_session", _token)
    single_call(f"{_token!r} as the refresh token of a tenant", "select_tenant", "T1", _token)
    for _name in ("logout", "logout_all", "me", "history"):
        single_call(f"{_token!r} as the refresh token of {_name}", _name, _token)
    single_call(f"{_token!r} as the token of a link", "magiclink.verify", _token)
single_call("garbage as a refresh token", "refresh_session", "garbage")
single_call("garbage as the refresh token of me", "me", "garbage")
single_call("garbage as the token of a link", "magiclink.verify", "garbage")

for _id in (None, ""):

    @journey(f"{_id!r} as a login ID")
    def _no_login_id(j: Journey, login_id: Any = _id) -> None:
        sms = j.method("SMS")
        j("magiclink.sign_in", sms, login_id, URI)
        j("magiclink.sign_up", sms, login_id, URI)
        j("magiclink.update_user_email", login_id, EMAIL, "r")
        j("magiclink.update_user_phone", sms, login_id, PHONE, "r")

    @journey(f"{_id!r} as the login ID of a sign-up-or-in")
    def _no_login_id_or_in(j: Journey, login_id: Any = _id) -> None:
        j("magiclink.sign_up_or_in", j.method("SMS"), login_id, URI)


@journey("a number as a login ID")
def _number(j: Journey) -> None:
    j("magiclink.sign_in", j.method("SMS"), 5, URI)


@journey("an invalid delivery method")
def _no_method(j: Journey) -> None:
    for method in ("sms", 2, None, j.method("EMBEDDED")):
        j("magiclink.sign_in", method, PHONE, URI)
        j("magiclink.sign_up", method, PHONE, URI)
        j("magiclink.sign_up_or_in", method, PHONE, URI)
        j("magiclink.update_user_phone", method, PHONE, PHONE, "r")
        if method != j.method("EMBEDDED"):
            j("mgmt.user.generate_magic_link_for_test_user", method, PHONE, URI)


@journey("a link by voice")
def _voice(j: Journey) -> None:
    j.sign_up()
    j("magiclink.sign_in", j.method("VOICE"), PHONE, URI)


@journey("a phone number by voice")
def _phone_by_voice(j: Journey) -> None:
    _, refresh = j.sign_up()
    j.steps.clear()
    j("magiclink.update_user_phone", j.method("VOICE"), PHONE, "+14155550199", refresh)


@journey("an unknown user")
def _unknown(j: Journey) -> None:
    j("magiclink.sign_in", j.method("SMS"), PHONE, URI)
    j("magiclink.sign_in", j.method("EMAIL"), EMAIL, URI)


for _address in ("123", "not a number", "++14155550123"):

    @journey(f"a sign-up with the phone number {_address!r}")
    def _bad_phone(j: Journey, address: str = _address) -> None:
        j("magiclink.sign_up", j.method("SMS"), address, URI)


for _address in ("ada", "ada@", "@example.com"):

    @journey(f"a sign-up with the email address {_address!r}")
    def _bad_email(j: Journey, address: str = _address) -> None:
        j("magiclink.sign_up", j.method("EMAIL"), address, URI)


for _address in ("ada@localhost", "ada@intranet.local"):

    @journey(f"a sign-up with the odd email address {_address!r}")
    def _odd_email(j: Journey, address: str = _address) -> None:
        j("magiclink.sign_up", j.method("EMAIL"), address, URI)


@journey("a redirect to a domain that is not approved")
def _unapproved(j: Journey) -> None:
    assert j.emulator is not None
    j.emulator.put_settings(project_settings={"approved_domains": ["example.com"]})
    j("magiclink.sign_up", j.method("SMS"), PHONE, "https://evil.example.org/")
    j("magiclink.sign_up", j.method("SMS"), PHONE, URI)


@journey("no redirect URL")
def _no_redirect(j: Journey) -> None:
    j("magiclink.sign_up", j.method("SMS"), PHONE, None)
    j("magiclink.sign_in", j.method("SMS"), PHONE, "")
    j("magiclink.verify", j.link_token())
