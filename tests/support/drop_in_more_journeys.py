"""All journeys: those of `drop_in_journeys`, and with tenants, access keys and embedded links."""

from __future__ import annotations

from typing import Any

from descope.management.user import CreateUserObj  # type: ignore[attr-defined]

import descope_ml
from support.drop_in import EMAIL, PHONE, Journey
from support.drop_in_journeys import JOURNEYS, journey, single_call

__all__ = ["JOURNEYS"]


@journey("my_tenants")
def _my_tenants(j: Journey) -> None:
    tenants = [j.package.AssociatedTenant("T1", ["clerk"]), j.package.AssociatedTenant("T2")]
    refresh = j.test_user(user_tenants=tenants)["refreshSessionToken"]["jwt"]
    j("my_tenants", refresh, True)
    j("my_tenants", refresh, False, ["T1", "T9"])
    j("my_tenants", refresh, ids=["T2"])
    j("my_tenants", refresh, True, [])
    j("select_tenant", "T1", refresh)
    j("my_tenants", refresh, dct=True)
    j("my_tenants", refresh)
    j("my_tenants", refresh, False, [])
    j("my_tenants", refresh, True, ["T1"])
    j("logout", refresh)
    j("my_tenants", refresh, True)


for _token in (None, ""):
    single_call(f"{_token!r} as the refresh token of my_tenants", "my_tenants", _token, True)
    single_call(f"{_token!r} as an access key", "exchange_access_key", _token)
single_call("garbage as the refresh token of my_tenants", "my_tenants", "garbage", True)
single_call("garbage as an access key", "exchange_access_key", "garbage")


def _access_key(j: Journey, **options: Any) -> str:
    """Creates an access key and returns its cleartext."""
    assert j.emulator is not None
    body = {"name": "robot", **options}
    created = j.emulator.post("/v1/mgmt/accesskey/create", body, key=j.emulator.management_key)
    return str(created["cleartext"])


@journey("an access key")
def _exchange(j: Journey) -> None:
    tenants = [{"tenantId": "T1", "roleNames": ["clerk"]}]
    key = _access_key(j, roleNames=["reader"], keyTenants=tenants, customClaims={"tier": "gold"})
    login = j("exchange_access_key", key)
    j("validate_session", login["sessionToken"]["jwt"])
    j("validate_roles", login, ["reader"])
    j("validate_tenant_roles", login, "T1", ["clerk"])
    options = j.package.AccessKeyLoginOptions({"run": [7, None]}, "T1")
    j("exchange_access_key", key, None, options)
    j("exchange_access_key", key, login_options=j.package.AccessKeyLoginOptions())
    j("exchange_access_key", key, None, j.package.AccessKeyLoginOptions(selected_tenant="T9"))


@journey("an expired access key")
def _expired_key(j: Journey) -> None:
    assert j.emulator is not None
    now = j.emulator.control("clock", advance="1s")["now"]
    key = _access_key(j, expireTime=now + 60)
    j.emulator.control("clock", advance="2m")
    j("exchange_access_key", key)


@journey("an access key without the required audience")
def _audience(j: Journey) -> None:
    j("exchange_access_key", _access_key(j), "app")


@journey("embedded links")
def _embedded_links(j: Journey) -> None:
    assert j.emulator is not None
    generate = "mgmt.user.generate_embedded_link"
    j.sign_up()
    token = j(generate, PHONE, {"tier": "gold", "seats": [7, None]})
    j("magiclink.verify", token)
    j("magiclink.verify", token)
    tokens = [j(generate, PHONE), j(generate, PHONE, None, 120), j(generate, PHONE, timeout=0)]
    j.emulator.control("clock", advance="90s")
    for token in tokens:
        j("magiclink.verify", token)
    j(generate, "+14155550999")


@journey("embedded links for new users")
def _embedded_sign_up(j: Journey) -> None:
    generate = "mgmt.user.generate_sign_up_embedded_link"
    options = j.package.LoginOptions(custom_claims={"tier": "gold"})
    token = j(generate, PHONE, _new_user(j, EMAIL, PHONE, "Ada"), True, False, options, 120)
    j("magiclink.verify", token)
    j("magiclink.verify", token)
    j(generate, PHONE)
    j("magiclink.verify", j(generate, "grace", phone_verified=True))


@journey("the given name of a new user of an embedded link")
def _given_name(j: Journey) -> None:
    user = _new_user(j, name="Ada L", given_name="Ada", middle_name="M", family_name="L")
    token = j("mgmt.user.generate_sign_up_embedded_link", PHONE, user)
    j("magiclink.verify", token)


def _new_user(j: Journey, *args: Any, **kwargs: Any) -> Any:
    """The details of a new user, in the class of the package."""
    if j.package is descope_ml:
        return descope_ml.CreateUserObj(*args, **kwargs)
    return CreateUserObj(*args, **kwargs)


for _id in (None, ""):
    single_call(
        f"{_id!r} as the login ID of an embedded link", "mgmt.user.generate_embedded_link", _id
    )
    single_call(
        f"{_id!r} as the login ID of an embedded sign-up link",
        "mgmt.user.generate_sign_up_embedded_link",
        _id,
    )
single_call(
    "a negative timeout of an embedded link",
    "mgmt.user.generate_embedded_link",
    PHONE,
    timeout=-1,
)
