"""Every public name of the official package that concerns links and sessions is here, in its place.

`LEFT_OUT` lists the rest, each with its reason.
"""

from __future__ import annotations

import ast
import enum
import fnmatch
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import descope
import pytest

import descope_ml
from descope_ml import AssociatedFamily, AssociatedTenant
from descope_ml.management import common

SIGN_IN = "another way to sign in"
MANAGEMENT = "a part of the management API that has nothing to do with links and sessions"
INTERNAL = "the official package makes its requests with it; here the native library does that"

# Patterns of names that this package does not have on purpose. A name is `module:name` or
# `module:Class.member`, with the module after `descope.`.
LEFT_OUT = {
    # Modules.
    "authmethod.enchantedlink*": SIGN_IN,
    "authmethod.oauth*": SIGN_IN,
    "authmethod.otp*": SIGN_IN,
    "authmethod.password*": SIGN_IN,
    "authmethod.saml*": SIGN_IN,
    "authmethod.sso*": SIGN_IN,
    "authmethod.totp*": SIGN_IN,
    "authmethod.webauthn*": SIGN_IN,
    "auth": INTERNAL,
    "auth_async": INTERNAL,
    "http_client_async": INTERNAL,
    "jwt_common": INTERNAL,
    "mgmt": INTERNAL,
    "mgmt_async": INTERNAL,
    "management.[!cu]*": MANAGEMENT,
    "management.user_pwd": MANAGEMENT,
    # Names of modules that are here.
    ":CustomAttribute*": MANAGEMENT,
    ":Descoper*": MANAGEMENT,
    ":MgmtKey*": MANAGEMENT,
    ":SAMLIDP*": MANAGEMENT,
    ":FlowRunOptions": MANAGEMENT,
    ":*Mapping": MANAGEMENT,
    ":FGAGroupMappingRelation": MANAGEMENT,
    ":SSO*": MANAGEMENT,
    ":XAA*": MANAGEMENT,
    ":UserObj": "for the import of many users",
    ":UserPassword*": "passwords are another way to sign in",
    "common:PHONE_REGEX": "the service validates addresses",
    "common:EndpointsV1.*_otp_*": SIGN_IN,
    "common:EndpointsV1.verify_code_auth_path": SIGN_IN,
    "common:EndpointsV1.*enchantedlink*": SIGN_IN,
    "common:EndpointsV1.oauth_*": SIGN_IN,
    "common:EndpointsV1.*saml_*": SIGN_IN,
    "common:EndpointsV1.*sso_*": SIGN_IN,
    "common:EndpointsV1.*totp_*": SIGN_IN,
    "common:EndpointsV1.*webauthn_*": SIGN_IN,
    "common:EndpointsV1.*password_*": SIGN_IN,
    "common:get_method_string": INTERNAL,
    "descope_client*:LICENSE_HANDSHAKE_TIMEOUT_SECONDS": "making a client sends nothing",
    "descope_client*:logger": "the logger `descope_ml` has all records",
    "common:signup_options_to_dict": INTERNAL,
    "common:validate_refresh_token_provided": INTERNAL,
    "*:DescopeClient*.ALGORITHM_KEY": INTERNAL,
    "*:DescopeClient*.enchantedlink": SIGN_IN,
    "*:DescopeClient*.oauth": SIGN_IN,
    "*:DescopeClient*.otp": SIGN_IN,
    "*:DescopeClient*.password": SIGN_IN,
    "*:DescopeClient*.saml": SIGN_IN,
    "*:DescopeClient*.sso": SIGN_IN,
    "*:DescopeClient*.totp": SIGN_IN,
    "*:DescopeClient*.webauthn": SIGN_IN,
    "flask:descope_*otp*": SIGN_IN,
    "flask:descope_verify_code_*": SIGN_IN,
    "flask:descope_oauth": SIGN_IN,
    "http_client:HTTPClient": INTERNAL,
    "*:DescopeResponse.headers": "the native library has processed them already",
    "*:DescopeResponse.cookies": "the native library has processed them already",
    "*:DescopeResponse.url": "the native library sends the request",
    "management.common:[!Aa]*": MANAGEMENT,
    "*:MagicLink*.__init__": "the clients make it",
    "*:User*.__init__": "the clients make it",
    "*:DescopeResponse.__init__": "the clients make it",
    "management.common:AccessType": MANAGEMENT,
}

# Values that differ on purpose: constants, and defaults of arguments.
DIFFERENT = {
    "DEFAULT_TIMEOUT_SECONDS": "10 s for a whole call, not 60 s for each phase",
    "timeout_seconds": "None stands for these 10 s",
}

# What other people import from a module that imports it from a private one.
RE_EXPORTED = {"descope.management.user": ["CreateUserObj"]}


def official_modules() -> Iterator[str]:
    """The public modules of the official package, without its name; the package itself is ''."""
    folder = Path(descope.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
        if not any(part.startswith("_") for part in parts):
            yield ".".join(parts)


def is_left_out(name: str, used: set[str]) -> bool:
    found = [pattern for pattern in LEFT_OUT if fnmatch.fnmatchcase(name, pattern)]
    used.update(found)
    return bool(found)


def public_names(module: ModuleType) -> Iterator[str]:
    """The names that a module defines, or lists in `__all__`."""
    if hasattr(module, "__all__"):
        yield from module.__all__
        return
    yield from RE_EXPORTED.get(module.__name__, ())
    for node in ast.parse(Path(str(module.__file__)).read_text()).body:
        targets = node.targets if isinstance(node, ast.Assign) else [node]
        names = [getattr(one, "name", getattr(one, "id", "_")) for one in targets]
        yield from (name for name in names if not name.startswith("_"))


def compared(used: set[str]) -> Iterator[tuple[str, Any, Any]]:
    """Each public name with the official object and ours. Ours is None where it is missing.

    Adds the patterns of `LEFT_OUT` that match a name to `used`.
    """
    for module in official_modules():
        if is_left_out(module, used):
            continue
        official = importlib.import_module(f"descope.{module}".rstrip("."))
        try:
            ours = importlib.import_module(f"descope_ml.{module}".rstrip("."))
        except ModuleNotFoundError:
            yield module, official, None
            continue
        for name in public_names(official):
            if is_left_out(f"{module}:{name}", used):
                continue
            pair = getattr(official, name), getattr(ours, name, None)
            yield f"{module}:{name}", *pair
            if inspect.isclass(pair[0]) and pair[1] is not None:
                yield from _members(f"{module}:{name}", *pair, used)


def _members(name: str, official: Any, ours: Any, used: set[str]) -> Iterator[tuple[str, Any, Any]]:
    if not is_left_out(f"{name}.__init__", used):
        yield f"{name}.__init__", official, ours
    for member in dir(official):
        full = f"{name}.{member}"
        if member.startswith("_") or hasattr(Exception, member) or hasattr(enum.Enum, member):
            continue
        if name.startswith("management.user") and not hasattr(ours, member):
            continue  # The rest of `mgmt.user`: see `test_users_have_the_calls_for_links`.
        if not is_left_out(full, used):
            yield full, getattr(official, member), getattr(ours, member, None)


def signature(value: Any) -> list[tuple[str, Any]]:
    """The parameters and their defaults."""
    parameters = inspect.signature(value).parameters.values()
    found = [one for one in parameters if one.kind is not inspect.Parameter.VAR_KEYWORD]
    return [(one.name, one.default) for one in found if one.name != "self"]


USED: set[str] = set()
COMPARED = {name: pair for name, *pair in compared(USED)}


def test_every_public_name_is_here_or_left_out_on_purpose() -> None:
    missing = [name for name, (_, ours) in COMPARED.items() if ours is None]
    assert not missing
    assert {"common:EndpointsV1", "flask:descope_logout", "management.common:AssociatedFamily"} <= (
        COMPARED.keys()
    )
    assert set(LEFT_OUT) == USED


FUNCTIONS = [
    name
    for name, (one, _) in COMPARED.items()
    if callable(one) and (not inspect.isclass(one) or name.endswith("__init__"))
]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_official_arguments_are_accepted_in_their_order(name: str) -> None:
    official, ours = (signature(one) for one in COMPARED[name])
    assert [one for one, _ in ours[: len(official)]] == [one for one, _ in official]
    for (argument, theirs), (_, default) in zip(official, ours):
        # What may be left out there may be left out here. None and an empty list say the same.
        is_same = default == theirs or not (default or theirs)
        assert theirs is inspect.Parameter.empty or is_same or argument in DIFFERENT
    added = ours[len(official) :]
    assert all(default is not inspect.Parameter.empty for _, default in added)


def test_constants_have_the_official_values() -> None:
    constants = {
        name: pair
        for name, pair in COMPARED.items()
        if isinstance(pair[0], (str, int)) and name.rpartition(":")[2] not in DIFFERENT
    }
    assert {name: ours for name, (_, ours) in constants.items()} == {
        name: official for name, (official, _) in constants.items()
    }
    assert "common:EndpointsV1.verify_magiclink_auth_path" in constants
    assert constants["common:DEFAULT_BASE_URL"][1] == "https://api.descope.com"


def test_delivery_methods_have_the_official_values() -> None:
    official, ours = COMPARED["common:DeliveryMethod"]
    assert {one.name: one.value for one in ours} == {one.name: one.value for one in official}


def test_users_have_the_calls_for_links() -> None:
    calls = {name for name in dir(descope_ml.management.Users) if not name.startswith("_")}
    assert calls - {"close"} == {
        "create_test_user",
        "delete",
        "delete_all_test_users",
        "generate_embedded_link",
        "generate_magic_link_for_test_user",
        "generate_sign_up_embedded_link",
    }


def test_tenants_and_families_are_converted_as_there() -> None:
    official: Any = importlib.import_module("descope.management.common")
    for tenant in ({"tenant_id": "T1"}, {"tenant_id": "T1", "role_names": ["a"]}):
        ours = common.associated_tenants_to_dict([AssociatedTenant(**tenant)])
        theirs = official.AssociatedTenant(**tenant)
        assert ours == official.associated_tenants_to_dict([theirs])
    for family in (
        {"family_id": "F1"},
        {"family_id": "F1", "role_names": [], "family_scoped_attributes": {"a": 1}},
    ):
        theirs = official.AssociatedFamily(**family)
        assert AssociatedFamily(**family).to_dict() == theirs.to_dict()
        ours = common.associated_families_to_dict([AssociatedFamily(**family)])
        assert ours == official.associated_families_to_dict([theirs])
