"""The magic-link journey with the official packages of Python, Node and Java.

These packages are made for the service. An emulator that they work with behaves like the service.
Each program makes the same steps and reports the results; the tests compare all reports with the
same expected values.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from official.runner import run_journey

PACKAGES = ["python", "python-async", "node", "java"]
PHONE = "+14155550101"
EMAIL = "ada@example.com"
WHATSAPP = "+14155550103"

Report = dict[str, Any]


@pytest.fixture(scope="module", params=PACKAGES)
def report(request: pytest.FixtureRequest) -> Report:
    """The report of the program for one package."""
    package: str = request.param
    return {**run_journey(package), "package": package}


@pytest.mark.parametrize(
    ("method", "address", "by_phone"),
    [("Sms", PHONE, True), ("Email", EMAIL, False), ("Whatsapp", WHATSAPP, True)],
)
def test_verified_link_marks_the_address_as_verified(
    report: Report, method: str, address: str, by_phone: bool
) -> None:
    result = report[f"signUp{method}"]
    user = result["user"]
    assert user["loginIds"] == [address]
    assert user["phone" if by_phone else "email"] == address
    assert (user["verifiedPhone"], user["verifiedEmail"]) == (by_phone, not by_phone)
    assert result["firstSeen"] is True
    assert "*" in result["masked"]
    assert result["masked"] != address


@pytest.mark.parametrize("method", ["Sms", "Email", "Whatsapp"])
def test_session_has_the_expected_claims(report: Report, method: str) -> None:
    for step in (f"signUp{method}", f"signIn{method}"):
        claims = report[step]["claims"]
        assert claims["sub"] == report[step]["user"]["userId"]
        assert claims["iss"].rsplit("/", 1)[-1] == report["projectId"]
        assert claims["drn"] == "DS"
        assert claims["amr"] == [method.lower()]


@pytest.mark.parametrize("method", ["Sms", "Email", "Whatsapp"])
def test_sign_in_returns_the_user_who_signed_up(report: Report, method: str) -> None:
    signed_up, signed_in = report[f"signUp{method}"], report[f"signIn{method}"]
    assert signed_in["user"] == signed_up["user"]
    assert signed_in["masked"] == signed_up["masked"]
    assert signed_in["firstSeen"] is False


def test_custom_claims_are_only_in_the_session_of_their_sign_in(report: Report) -> None:
    assert report["signInSms"]["claims"]["tier"] == "gold"
    assert "tier" not in report["signInEmail"]["claims"]
    assert "tier" not in report["refresh"]


def test_link_works_once(report: Report) -> None:
    assert report["reusedLink"]["code"] == "E062504"


def test_tampered_session_is_rejected(report: Report) -> None:
    wording = {"java": "Invalid Token"}.get(report["package"], "signature verification failed")
    assert re.search(wording, report["tamperedSession"]["text"], re.IGNORECASE)


def test_second_sign_up_and_unknown_user_have_their_error_codes(report: Report) -> None:
    assert report["signUpAgain"]["code"] == "E062107"
    assert report["unknownUser"]["code"] == "E062108"


def test_sign_up_or_in_creates_a_user_once(report: Report) -> None:
    first, second = report["signUpOrInNew"], report["signUpOrInAgain"]
    assert (first["firstSeen"], second["firstSeen"]) == (True, False)
    assert first["user"]["loginIds"] == ["bo@example.com"]
    assert second["user"] == first["user"]


def test_refreshed_session_belongs_to_the_same_user(report: Report) -> None:
    assert report["refresh"]["sub"] == report["signUpSms"]["user"]["userId"]
    assert report["refresh"]["drn"] == "DS"
    assert report["refresh"]["amr"] == ["sms"]


def test_me_returns_the_user_who_signed_in(report: Report) -> None:
    assert report["me"] == report["signUpSms"]["user"]


def test_history_contains_every_sign_in(report: Report) -> None:
    history = report["history"]
    assert {entry["userId"] for entry in history} == {report["me"]["userId"]}
    assert [entry["ip"] for entry in history] == ["127.0.0.1"] * 3
    times = [entry["loginTime"] for entry in history]
    assert times == sorted(times, reverse=True)


def test_session_cannot_be_refreshed_after_logout(report: Report) -> None:
    assert report["logout"]["code"] == "E064001"


def test_logout_all_ends_every_session(report: Report) -> None:
    assert report["beforeLogoutAll"] is None
    assert [error["code"] for error in report["logoutAll"]] == ["E064001", "E064001"]


def test_new_email_counts_after_verification(report: Report) -> None:
    change = report["updateEmail"]
    assert change["before"] == report["me"]
    assert change["after"] == {
        **report["me"],
        "email": "ada.new@example.com",
        "verifiedEmail": True,
    }
    assert "*" in change["masked"]


def test_new_phone_counts_after_verification_and_replaces_the_login_id(
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
def test_roles_and_permissions_are_matched(
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


def test_tenant_of_other_users_grants_nothing(report: Report) -> None:
    assert report["elsewhere"] == [False, False]


def test_selected_tenant_is_in_the_session(report: Report) -> None:
    claims = report["selectTenant"]
    assert claims["dct"] == "T1"
    assert claims["tenants"] == {"T1": {"roles": ["viewer"], "permissions": ["read"]}}


def test_test_user_signs_in_with_a_generated_link(
    report: Report,
) -> None:
    result = report["testUser"]
    assert result["made"]["loginIds"] == ["tester"]
    assert result["user"] == result["made"]
    assert result["claims"]["sub"] == result["made"]["userId"]
    assert result["claims"]["roles"] == ["tester"]
    # The Java package sends the redirect URL as `uri` here, which the service ignores.
    project = report["baseUrl"].split("//")[1]
    assert result["host"] == (project if report["package"] == "java" else "app.example.com")


def test_deleted_test_users_are_unknown(report: Report) -> None:
    assert report["deletedTestUser"]["code"] == "E062108"
