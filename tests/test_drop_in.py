"""Our package as a drop-in: calls have the same results as with the official package."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import descope
import descope.common
import descope.exceptions
import pytest

import descope_ml
import descope_ml.common
import descope_ml.exceptions
from support.drop_in import KINDS, SIGNED_IN, Difference, Kind, compare, open_journey
from support.drop_in_more_journeys import JOURNEYS
from support.emulator import Emulator, run_emulator

REJECTED_BY_CLIENT = "AuthException 400, invalid argument"
REJECTED_BY_SERVICE = "AuthException 400, server error"
INVALID_TOKEN = "AuthException 401, invalid token"

REFRESH_ONLY = SIGNED_IN - {"sessionToken"}
REFRESH_CLAIMS = frozenset(
    [
        "amr",
        "drn",
        "exp",
        "iat",
        "iss",
        "jti",
        "jwt",
        "permissions",
        "projectId",
        "rexp",
        "roles",
        "sessionToken",
        "sub",
        "tenants",
        "userId",
    ]
)

_TOKEN = "every invalid token is a TokenError with status 401, which a server can return"
_CLOCK = "what the service has just sent is judged by the clock of the service"
_EMPTY = "values that the service rejects for being empty or of another type are not sent"
_SERVICE = "the service validates addresses, by its own rules"

# All intended differences of our package. docs/python.md lists them for users.
DIFFERENCES: dict[str, Difference] = {
    "a session that is not valid yet": Difference(
        _CLOCK, {1: ("AuthException 400, invalid token", SIGNED_IN)}
    ),
    "embedded links": Difference(_CLOCK, {9: ("AuthException 400, invalid token", SIGNED_IN)}),
    "an expired session is refreshed": Difference(
        _TOKEN, {4: ("AuthException 500, invalid token", INVALID_TOKEN)}
    ),
    "garbage as a refresh token": Difference(
        _TOKEN, {0: ("AuthException 500, invalid token", INVALID_TOKEN)}
    ),
    "a session without the required audience": Difference(
        _TOKEN, {2: ("MissingRequiredClaimError", INVALID_TOKEN)}
    ),
    "an access key without the required audience": Difference(
        _TOKEN, {0: ("MissingRequiredClaimError", INVALID_TOKEN)}
    ),
    "a tampered session token": Difference(
        _TOKEN,
        {2: ("InvalidSignatureError", INVALID_TOKEN), 3: ("InvalidSignatureError", SIGNED_IN)},
    ),
    "a session token signed with another key": Difference(
        _TOKEN,
        {
            2: ("InvalidSignatureError", INVALID_TOKEN),
            3: ("AuthException 500, invalid public key", INVALID_TOKEN),
        },
    ),
    "a session token without a signature": Difference(
        _TOKEN, dict.fromkeys((2, 3, 4), ("AuthException 500, invalid token", INVALID_TOKEN))
    ),
    "a refresh token instead of a session token": Difference(
        "the claim `drn` decides whether a token is a session token or a refresh token",
        {2: (REFRESH_CLAIMS, INVALID_TOKEN), 3: ("AuthException 401, server error", INVALID_TOKEN)},
    ),
    "tokens in cookies: the refresh token": Difference(
        "the session token is also read from its cookie", {1: (REFRESH_ONLY, SIGNED_IN)}
    ),
    **{
        f"{token!r} as the token of a link": Difference(
            _EMPTY, {0: (REJECTED_BY_SERVICE, REJECTED_BY_CLIENT)}
        )
        for token in (None, "")
    },
    **{
        f"'' as the refresh token of {name}": Difference(
            _EMPTY, {0: ("AuthException 401, server error", REJECTED_BY_CLIENT)}
        )
        for name in ("logout", "logout_all", "me", "history", "my_tenants")
    },
    **{
        f"{login_id!r} as the login ID of a sign-up-or-in": Difference(
            _EMPTY, {0: (REJECTED_BY_SERVICE, REJECTED_BY_CLIENT)}
        )
        for login_id in (None, "")
    },
    **{
        f"{login_id!r} as the login ID of an embedded {link}": Difference(
            _EMPTY, {0: (REJECTED_BY_SERVICE, REJECTED_BY_CLIENT)}
        )
        for login_id in (None, "")
        for link in ("link", "sign-up link")
    },
    "a negative timeout of an embedded link": Difference(
        _EMPTY, {0: (REJECTED_BY_SERVICE, REJECTED_BY_CLIENT)}
    ),
    "the given name of a new user of an embedded link": Difference(
        "the names are sent as the published API spells them", {1: (SIGNED_IN, SIGNED_IN)}
    ),
    "a number as a login ID": Difference(_EMPTY, {0: (REJECTED_BY_SERVICE, REJECTED_BY_CLIENT)}),
    "a link by voice": Difference(
        "links cannot be sent by voice",
        {2: ("AuthException 404, server error", REJECTED_BY_CLIENT)},
    ),
    "a phone number by voice": Difference(
        "the method decides how the link is sent, and voice is not supported",
        {0: ("+1********99", REJECTED_BY_CLIENT)},
    ),
    **{
        f"a sign-up with the {address}": Difference(
            _SERVICE, {0: (REJECTED_BY_CLIENT, REJECTED_BY_SERVICE)}
        )
        for address in (
            "phone number '123'",
            "phone number 'not a number'",
            "email address 'ada'",
            "email address 'ada@'",
            "email address '@example.com'",
        )
    },
    **{
        f"a sign-up with the {address}": Difference(_SERVICE, {0: (REJECTED_BY_CLIENT, masked)})
        for address, masked in (
            ("phone number '++14155550123'", "++*********23"),
            ("odd email address 'ada@localhost'", "a**@l****host"),
            ("odd email address 'ada@intranet.local'", "a**@i*********ocal"),
        )
    },
}

# Official names that are unrelated to magic links and sessions.
UNRELATED_NAMES = frozenset(
    [
        "AttributeMapping",
        "CustomAttribute",
        "CustomAttributeOption",
        "DescoperAttributes",
        "DescoperCreate",
        "DescoperProjectRole",
        "DescoperRBAC",
        "DescoperRole",
        "DescoperTagRole",
        "FGAGroupMapping",
        "FGAGroupMappingRelation",
        "FlowRunOptions",
        "MgmtKeyProjectRole",
        "MgmtKeyReBac",
        "MgmtKeyStatus",
        "MgmtKeyTagRole",
        "OIDCAttributeMapping",
        "RoleMapping",
        "SAMLIDPAttributeMappingInfo",
        "SAMLIDPGroupsMappingInfo",
        "SAMLIDPRoleGroupMappingInfo",
        "SSOOIDCSettings",
        "SSOSAMLSettings",
        "SSOSAMLSettingsByMetadata",
        "UserObj",
        "UserPassword",
        "UserPasswordBcrypt",
        "UserPasswordDjango",
        "UserPasswordFirebase",
        "UserPasswordPbkdf2",
        "XAAIssuerSettings",
        "XAAJWTBearerSettings",
        "XAASettings",
    ]
)
# Properties of the official clients that are unrelated as well.
UNRELATED_PROPERTIES = frozenset(
    ["enchantedlink", "oauth", "otp", "password", "saml", "sso", "totp", "webauthn"]
)


@pytest.fixture(scope="module")
def fresh_emulator() -> Iterator[Emulator]:
    """An emulator that is reset before every journey."""
    with run_emulator() as running:
        yield running


def steps_of(package: Any, kind: Kind, name: str, emulator: Emulator) -> list[tuple[str, Any]]:
    """The result of each call of a journey with a package."""
    emulator.control("reset")
    options: dict[str, Any] = {
        "project_id": emulator.project_id,
        "base_url": emulator.base_url,
        "management_key": emulator.management_key,
    }
    if package is descope_ml:
        # Fetches keys for unknown key IDs at any time, as the official package does.
        options["keys_interval_seconds"] = 0.001
    with open_journey(package, kind, emulator, **options) as j:
        JOURNEYS[name](j)
        return j.steps


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", JOURNEYS)
def test_both_packages_have_the_same_results(
    fresh_emulator: Emulator, name: str, kind: Kind
) -> None:
    official = steps_of(descope, kind, name, fresh_emulator)
    ours = steps_of(descope_ml, kind, name, fresh_emulator)
    compare(official, ours, DIFFERENCES.get(name))


def test_every_intended_difference_belongs_to_a_journey() -> None:
    assert set(DIFFERENCES) <= set(JOURNEYS)


def test_every_related_official_name_exists() -> None:
    assert set(descope.__all__) - set(descope_ml.__all__) == UNRELATED_NAMES
    for name in set(descope.__all__) & set(descope_ml.__all__):
        value = getattr(descope, name)
        if isinstance(value, str):
            assert getattr(descope_ml, name) == value, name


def test_official_names_exist_in_their_official_modules() -> None:
    ours: Any
    for ours, official in (
        (descope_ml.exceptions, descope.exceptions),
        (descope_ml.common, descope.common),
    ):
        for name in ours.__all__:
            value = getattr(official, name)
            assert getattr(ours, name) is getattr(descope_ml, name, getattr(ours, name))
            assert not isinstance(value, str) or getattr(ours, name) == value
    for name in dir(descope.exceptions):
        if name.startswith(("ERROR_TYPE_", "API_")) or name.endswith("Exception"):
            assert hasattr(descope_ml.exceptions, name)


@pytest.mark.parametrize("kind", ["DescopeClient", "DescopeClientAsync"])
def test_every_related_official_method_has_the_same_parameters(kind: str) -> None:
    official = getattr(descope, kind)("P2test", management_key="K", base_url="http://127.0.0.1:9")
    ours = getattr(descope_ml, kind)("P2test", management_key="K")
    assert_same_parameters(getattr(descope, kind), getattr(descope_ml, kind))
    for name in dir(official):
        if name.startswith("_") or name in UNRELATED_PROPERTIES:
            continue
        if inspect.ismethod(getattr(official, name)):
            assert_same_parameters(getattr(official, name), getattr(ours, name))
    for name in dir(official.magiclink):
        if not name.startswith("_"):
            assert_same_parameters(getattr(official.magiclink, name), getattr(ours.magiclink, name))
    for name in dir(ours.mgmt.user):
        if not name.startswith("_") and name != "close":
            assert_same_parameters(getattr(official.mgmt.user, name), getattr(ours.mgmt.user, name))
    for name in (
        "AccessKeyLoginOptions",
        "AssociatedFamily",
        "AssociatedTenant",
        "LoginOptions",
        "SignUpOptions",
    ):
        assert_same_parameters(
            getattr(descope, name), getattr(descope_ml, name), ours_has_more=True
        )


def assert_same_parameters(official: Any, ours: Any, ours_has_more: bool = False) -> None:
    """Asserts that ours starts with the official parameters; more parameters are keyword-only."""
    theirs = list(inspect.signature(official).parameters.values())
    own = list(inspect.signature(ours).parameters.values())
    assert [one.name for one in own][: len(theirs)] == [one.name for one in theirs], ours
    for one, other in zip(theirs, own):
        is_optional = other.default is not inspect.Parameter.empty
        assert is_optional or one.default is inspect.Parameter.empty, f"{ours}: {one.name}"
        if one.default not in (None, inspect.Parameter.empty) and one.name != "timeout_seconds":
            assert other.default == one.default, f"{ours}: {one.name}"
        assert one.kind is other.kind, f"{ours}: {one.name}"
    for other in own[len(theirs) :]:
        assert ours_has_more or other.kind is other.KEYWORD_ONLY, f"{ours}: {other.name}"
