"""Change the import and it works: the same calls through the official package and through ours."""

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
from support.drop_in import Difference, check, journey
from support.drop_in_journeys import CASES
from support.emulator import Emulator, run_emulator

REFUSED_BEFORE = "AuthException 400, invalid argument"
REFUSED_BY_SERVICE = "AuthException 400, server error"
NOT_A_TOKEN = "AuthException 401, invalid token"

SIGNED_IN = frozenset(
    [
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
)
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

_TOKEN = "every token that does not hold is a TokenError with 401, which a server can answer with"
_EMPTY = "what the service would refuse for being empty or no text is not sent"
_SERVICE = "whether an address is one the service says, with rules that are its own"

# Everything that ours does otherwise against the emulator; docs/python.md tells it to users.
DIFFERENCES: dict[str, Difference] = {
    "an expired session is refreshed": Difference(
        _TOKEN, {4: ("AuthException 500, invalid token", NOT_A_TOKEN)}
    ),
    "garbage as a refresh token": Difference(
        _TOKEN, {0: ("AuthException 500, invalid token", NOT_A_TOKEN)}
    ),
    "an audience that the token lacks": Difference(
        _TOKEN, {2: ("MissingRequiredClaimError", NOT_A_TOKEN)}
    ),
    "a tampered session token": Difference(
        _TOKEN,
        {2: ("InvalidSignatureError", NOT_A_TOKEN), 3: ("InvalidSignatureError", SIGNED_IN)},
    ),
    "a session token that another key has signed": Difference(
        _TOKEN,
        {
            2: ("InvalidSignatureError", NOT_A_TOKEN),
            3: ("AuthException 500, invalid public key", NOT_A_TOKEN),
        },
    ),
    "a session token that nobody has signed": Difference(
        _TOKEN, dict.fromkeys((2, 3, 4), ("AuthException 500, invalid token", NOT_A_TOKEN))
    ),
    "a refresh token in the place of a session token": Difference(
        "a token is taken for what it is issued as (`drn`), and only for that",
        {2: (REFRESH_CLAIMS, NOT_A_TOKEN), 3: ("AuthException 401, server error", NOT_A_TOKEN)},
    ),
    "tokens in cookies: the refresh token": Difference(
        "the session token is taken from its cookie too", {1: (REFRESH_ONLY, SIGNED_IN)}
    ),
    **{
        f"{token!r} as a link's token": Difference(
            _EMPTY, {0: (REFUSED_BY_SERVICE, REFUSED_BEFORE)}
        )
        for token in (None, "")
    },
    **{
        f"'' as the refresh token of {name}": Difference(
            _EMPTY, {0: ("AuthException 401, server error", REFUSED_BEFORE)}
        )
        for name in ("logout", "logout_all", "me", "history")
    },
    **{
        f"{login_id!r} as the login ID of a sign-up-or-in": Difference(
            _EMPTY, {0: (REFUSED_BY_SERVICE, REFUSED_BEFORE)}
        )
        for login_id in (None, "")
    },
    "a number as a login ID": Difference(_EMPTY, {0: (REFUSED_BY_SERVICE, REFUSED_BEFORE)}),
    "a link by voice": Difference(
        "no link is delivered by voice", {2: ("AuthException 404, server error", REFUSED_BEFORE)}
    ),
    "a phone number by voice": Difference(
        "the method decides how the link is sent, and none is by voice",
        {0: ("+1********99", REFUSED_BEFORE)},
    ),
    **{
        f"a sign-up with the {address}": Difference(
            _SERVICE, {0: (REFUSED_BEFORE, REFUSED_BY_SERVICE)}
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
        f"a sign-up with the {address}": Difference(_SERVICE, {0: (REFUSED_BEFORE, masked)})
        for address, masked in (
            ("phone number '++14155550123'", "++*********23"),
            ("odd email address 'ada@localhost'", "a**@l****host"),
            ("odd email address 'ada@intranet.local'", "a**@i*********ocal"),
        )
    },
}

# Names of the official package that have no part in magic links and sessions.
ELSEWHERE = frozenset(
    [
        "AccessKeyLoginOptions",
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
# Methods of the official clients that have none either.
OTHER_METHODS = frozenset({"exchange_access_key", "my_tenants"})
OTHER_PROPERTIES = frozenset(
    ["enchantedlink", "oauth", "otp", "password", "saml", "sso", "totp", "webauthn"]
)


@pytest.fixture(scope="module")
def clean() -> Iterator[Emulator]:
    """An emulator that is set back before every journey."""
    with run_emulator() as one:
        yield one


def steps_of(package: Any, is_async: bool, name: str, emulator: Emulator) -> list[tuple[str, Any]]:
    """What each call of a case led to with a package."""
    emulator.control("reset")
    options: dict[str, Any] = {
        "project_id": emulator.project_id,
        "base_url": emulator.base_url,
        "management_key": emulator.management_key,
    }
    if package is descope_ml:
        # Unknown keys are asked for at once, as the official package does however often it is told.
        options["keys_interval_seconds"] = 0.001
    with journey(package, is_async, emulator, **options) as j:
        CASES[name](j)
        return j.steps


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("name", CASES)
def test_both_packages_do_the_same(clean: Emulator, name: str, is_async: bool) -> None:
    official = steps_of(descope, is_async, name, clean)
    ours = steps_of(descope_ml, is_async, name, clean)
    check(official, ours, DIFFERENCES.get(name))


def test_every_intended_difference_has_its_case() -> None:
    assert set(DIFFERENCES) <= set(CASES)


def test_every_official_name_of_this_part_is_there() -> None:
    assert set(descope.__all__) - set(descope_ml.__all__) == ELSEWHERE
    for name in set(descope.__all__) & set(descope_ml.__all__):
        value = getattr(descope, name)
        if isinstance(value, str):
            assert getattr(descope_ml, name) == value, name


def test_official_names_are_in_their_official_modules_too() -> None:
    ours: Any
    for ours, official in (
        (descope_ml.exceptions, descope.exceptions),
        (descope_ml.common, descope.common),
    ):
        for name in ours.__all__:
            value = getattr(official, name)
            assert getattr(ours, name) is getattr(descope_ml, name)
            assert not isinstance(value, str) or getattr(ours, name) == value
    for name in dir(descope.exceptions):
        if name.startswith(("ERROR_TYPE_", "API_")) or name.endswith("Exception"):
            assert hasattr(descope_ml.exceptions, name)


@pytest.mark.parametrize("kind", ["DescopeClient", "DescopeClientAsync"])
def test_every_official_method_of_this_part_has_its_parameters(kind: str) -> None:
    official = getattr(descope, kind)("P2test", management_key="K", base_url="http://127.0.0.1:9")
    ours = getattr(descope_ml, kind)("P2test", management_key="K")
    same_parameters(getattr(descope, kind), getattr(descope_ml, kind))
    for name in dir(official):
        if name.startswith("_") or name in OTHER_METHODS | OTHER_PROPERTIES:
            continue
        if inspect.ismethod(getattr(official, name)):
            same_parameters(getattr(official, name), getattr(ours, name))
    for name in dir(official.magiclink):
        if not name.startswith("_"):
            same_parameters(getattr(official.magiclink, name), getattr(ours.magiclink, name))
    for name in dir(ours.mgmt.user):
        if not name.startswith("_") and name != "close":
            same_parameters(getattr(official.mgmt.user, name), getattr(ours.mgmt.user, name))
    for name in ("LoginOptions", "SignUpOptions", "AssociatedTenant", "AssociatedFamily"):
        same_parameters(getattr(descope, name), getattr(descope_ml, name), ours_has_more=True)


def same_parameters(official: Any, ours: Any, ours_has_more: bool = False) -> None:
    """Ours has the official parameters first, by name and order; what it adds has to be named."""
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
