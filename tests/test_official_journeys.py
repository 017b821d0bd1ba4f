"""The magic-link journey by the official packages of Python, Node and Java.

What they send, read and check is made for the service, so what fits them fits the service. Each
program walks the same steps and reports what it saw; the tests hold all of them to the same values.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from official.runner import journey

PACKAGES = ["python", "python-async", "node", "java"]
PHONE = "+14155550101"
EMAIL = "ada@example.com"
WHATSAPP = "+14155550103"

Report = dict[str, Any]


@pytest.fixture(scope="module", params=PACKAGES)
def report(request: pytest.FixtureRequest) -> Report:
    """What the program of one package saw."""
    package: str = request.param
    return {**journey(package), "package": package}


@pytest.mark.parametrize(
    ("method", "address", "by_phone"),
    [("Sms", PHONE, True), ("Email", EMAIL, False), ("Whatsapp", WHATSAPP, True)],
)
def test_a_user_signs_up_and_the_link_proves_the_address(
    report: Report, method: str, address: str, by_phone: bool
) -> None:
    seen = report[f"signUp{method}"]
    user = seen["user"]
    assert user["loginIds"] == [address]
    assert user["phone" if by_phone else "email"] == address
    assert (user["verifiedPhone"], user["verifiedEmail"]) == (by_phone, not by_phone)
    assert seen["firstSeen"] is True
    assert "*" in seen["masked"]
    assert seen["masked"] != address


@pytest.mark.parametrize("method", ["Sms", "Email", "Whatsapp"])
def test_the_session_is_valid_by_the_keys_of_the_project(report: Report, method: str) -> None:
    for step in (f"signUp{method}", f"signIn{method}"):
        claims = report[step]["claims"]
        assert claims["sub"] == report[step]["user"]["userId"]
        assert claims["iss"].rsplit("/", 1)[-1] == report["projectId"]
        assert claims["drn"] == "DS"
        assert claims["amr"] == [method.lower()]


@pytest.mark.parametrize("method", ["Sms", "Email", "Whatsapp"])
def test_a_user_who_signs_in_is_the_one_who_signed_up(report: Report, method: str) -> None:
    signed_up, signed_in = report[f"signUp{method}"], report[f"signIn{method}"]
    assert signed_in["user"] == signed_up["user"]
    assert signed_in["masked"] == signed_up["masked"]
    assert signed_in["firstSeen"] is False


def test_custom_claims_are_in_the_session_that_was_asked_for_with_them(report: Report) -> None:
    assert report["signInSms"]["claims"]["tier"] == "gold"
    assert "tier" not in report["signInEmail"]["claims"]
    assert "tier" not in report["refresh"]


def test_a_link_works_once(report: Report) -> None:
    assert report["reusedLink"]["code"] == "E062504"


def test_a_tampered_session_is_refused(report: Report) -> None:
    wording = {"java": "Invalid Token"}.get(report["package"], "signature verification failed")
    assert re.search(wording, report["tamperedSession"]["text"], re.IGNORECASE)


def test_signing_up_twice_and_signing_in_unknown_have_their_codes(report: Report) -> None:
    assert report["signUpAgain"]["code"] == "E062107"
    assert report["unknownUser"]["code"] == "E062108"


def test_sign_up_or_in_makes_a_user_once(report: Report) -> None:
    new, again = report["signUpOrInNew"], report["signUpOrInAgain"]
    assert (new["firstSeen"], again["firstSeen"]) == (True, False)
    assert new["user"]["loginIds"] == ["bo@example.com"]
    assert again["user"] == new["user"]


def test_a_refreshed_session_is_the_same_users(report: Report) -> None:
    assert report["refresh"]["sub"] == report["signUpSms"]["user"]["userId"]
    assert report["refresh"]["drn"] == "DS"
    assert report["refresh"]["amr"] == ["sms"]


def test_me_is_the_user_who_signed_in(report: Report) -> None:
    assert report["me"] == report["signUpSms"]["user"]


def test_the_history_has_every_sign_in(report: Report) -> None:
    history = report["history"]
    assert {entry["userId"] for entry in history} == {report["me"]["userId"]}
    assert [entry["ip"] for entry in history] == ["127.0.0.1"] * 3
    times = [entry["loginTime"] for entry in history]
    assert times == sorted(times, reverse=True)


def test_after_a_logout_the_session_cannot_be_refreshed(report: Report) -> None:
    assert report["logout"]["code"] == "E064001"


def test_a_logout_of_all_ends_every_session(report: Report) -> None:
    assert report["beforeLogoutAll"] is None
    assert [refused["code"] for refused in report["logoutAll"]] == ["E064001", "E064001"]


def test_another_email_counts_once_its_link_is_verified(report: Report) -> None:
    change = report["updateEmail"]
    assert change["before"] == report["me"]
    assert change["after"] == {
        **report["me"],
        "email": "ada.new@example.com",
        "verifiedEmail": True,
    }
    assert "*" in change["masked"]


def test_another_phone_counts_once_its_link_is_verified_and_replaces_the_login_id(
    report: Report,
) -> None:
    change = report["updatePhone"]
    assert change["before"] == report["updateEmail"]["after"]
    assert change["after"] == {
        **change["before"],
        "phone": "+14155550104",
        "loginIds": ["+14155550104"],
    }
    assert "*" in change["masked"]


@pytest.mark.parametrize(
    ("step", "role", "permission"),
    [("rights", "editor", "edit"), ("tenantRights", "viewer", "read")],
)
def test_roles_and_permissions_are_found_in_the_session(
    report: Report, step: str, role: str, permission: str
) -> None:
    assert report[step] == {
        "hasRole": True,
        "hasRoles": False,
        "matchedRoles": [role],
        "hasPermission": True,
        "hasPermissions": False,
        "matchedPermissions": [permission],
    }


def test_a_tenant_that_the_user_is_not_in_gives_no_rights(report: Report) -> None:
    assert report["elsewhere"] == [False, False]


def test_a_selected_tenant_is_the_current_one_of_the_session(report: Report) -> None:
    claims = report["selectTenant"]
    assert claims["dct"] == "T1"
    assert claims["tenants"] == {"T1": {"roles": ["viewer"], "permissions": ["read"]}}


def test_a_test_user_made_by_the_management_key_signs_in_by_a_generated_link(
    report: Report,
) -> None:
    seen = report["testUser"]
    assert seen["made"]["loginIds"] == ["tester"]
    assert seen["user"] == seen["made"]
    assert seen["claims"]["sub"] == seen["made"]["userId"]
    assert seen["claims"]["roles"] == ["tester"]
    # Java spells the redirect URL `uri` here, which the service does not read.
    project = report["baseUrl"].split("//")[1]
    assert seen["host"] == (project if report["package"] == "java" else "app.example.com")


def test_deleted_test_users_are_unknown(report: Report) -> None:
    assert report["deletedTestUser"]["code"] == "E062108"
