"""The official Python package works with the emulator, so the emulator behaves like the service."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from descope import REFRESH_SESSION_TOKEN_NAME as REFRESH
from descope import SESSION_TOKEN_NAME as SESSION
from descope import AuthException, DeliveryMethod, DescopeClient, RateLimitException

import descope_ml
from support.emulator import TOKENS_IN_COOKIES, Emulator, run_emulator

SMS = DeliveryMethod.SMS
URI = "https://app.example.com/verify"

_numbers = itertools.count(1_000_000)


def client(emulator: Emulator) -> DescopeClient:
    """A client of the official package."""
    return DescopeClient(
        emulator.project_id,
        base_url=emulator.base_url,
        management_key=emulator.management_key,
    )


@pytest.fixture
def official(emulator: Emulator) -> DescopeClient:
    """A client of the official package for the shared emulator."""
    return client(emulator)


@pytest.fixture
def own_emulator() -> Iterator[Emulator]:
    """An emulator for one test, which may change it."""
    with run_emulator() as running:
        yield running


@pytest.fixture
def phone() -> str:
    """A phone number that no other test uses."""
    return f"+1415{next(_numbers)}"


@pytest.fixture
def user(official: DescopeClient, phone: str) -> str:
    """The phone number of a user who has signed up."""
    official.magiclink.sign_up(SMS, phone, URI, {"name": "Ada"})
    return phone


def tokens(emulator: Emulator, to: str) -> list[str]:
    """The tokens of the links that were sent to an address, newest first."""
    return [message["token"] for message in emulator.messages(to)]


def test_sign_up_sign_in_and_session_validation(
    official: DescopeClient, emulator: Emulator, user: str
) -> None:
    """The session is valid according to the keys of the project."""
    masked = official.magiclink.sign_in(SMS, user, URI)
    assert masked.endswith(user[-2:])
    assert user not in masked

    login = official.magiclink.verify(tokens(emulator, user)[0])
    assert user in login["user"]["loginIds"]
    assert login["firstSeen"] is True

    session = official.validate_session(login[SESSION]["jwt"])
    assert session["userId"] == login["user"]["userId"]
    assert session["projectId"] == emulator.project_id


def test_official_package_verifies_a_link_of_our_library(
    official: DescopeClient, emulator: Emulator, user: str
) -> None:
    """Both libraries use the same users and links."""
    response = descope_ml.magiclink_signin_sms(
        {"loginId": user, "redirectUrl": URI, "loginOptions": {"customClaims": {"tier": "gold"}}},
        project_id=emulator.project_id,
        base_url=emulator.base_url,
    )
    assert response["maskedPhone"] == official.magiclink.sign_in(SMS, user, URI)
    newest, ours, *_ = tokens(emulator, user)
    assert newest != ours
    login = official.magiclink.verify(ours)
    session = official.validate_session(login[SESSION]["jwt"])
    assert session["tier"] == "gold"


def test_older_link_stays_valid_after_a_newer_one(
    official: DescopeClient, emulator: Emulator, user: str
) -> None:
    """A new link does not invalidate the one before."""
    official.magiclink.sign_in(SMS, user, URI)
    official.magiclink.sign_in(SMS, user, URI)
    newer, older, *_ = tokens(emulator, user)
    assert newer != older
    assert official.magiclink.verify(older)[SESSION]["jwt"]
    assert official.magiclink.verify(newer)[SESSION]["jwt"]


def test_link_works_once(official: DescopeClient, emulator: Emulator, user: str) -> None:
    """The second verification of a link fails."""
    token = tokens(emulator, user)[0]
    assert official.magiclink.verify(token)[SESSION]["jwt"]
    with pytest.raises(AuthException) as caught:
        official.magiclink.verify(token)
    assert caught.value.status_code in (400, 401)


def test_unknown_user_has_the_code_of_the_service(official: DescopeClient, phone: str) -> None:
    """The exception contains the error code."""
    with pytest.raises(AuthException, match="E062108") as caught:
        official.magiclink.sign_in(SMS, phone, URI)
    assert caught.value.status_code == 400


def test_test_user_signs_in_with_a_generated_link(official: DescopeClient, phone: str) -> None:
    """The management API returns the link of a test user."""
    created = official.mgmt.user.create_test_user(phone, phone=phone, verified_phone=True)
    assert phone in created["user"]["loginIds"]
    link = official.mgmt.user.generate_magic_link_for_test_user(SMS, phone, URI)
    assert link["link"].startswith(URI)
    (token,) = parse_qs(urlsplit(link["link"]).query)["t"]
    login = official.magiclink.verify(token)
    assert official.validate_session(login[SESSION]["jwt"])["userId"] == created["user"]["userId"]


def test_expired_link_has_the_code_of_a_used_link(own_emulator: Emulator, phone: str) -> None:
    """A link expires after the time in the project settings."""
    official = client(own_emulator)
    official.magiclink.sign_up(SMS, phone, URI, {"phone": phone})
    own_emulator.control("clock", advance="4m")
    with pytest.raises(AuthException, match="E062504") as caught:
        official.magiclink.verify(tokens(own_emulator, phone)[0])
    assert caught.value.status_code == 401


def test_refresh_token_is_read_from_a_cookie(own_emulator: Emulator, phone: str) -> None:
    """A project can send its tokens as cookies."""
    official = client(own_emulator)
    own_emulator.put_settings(project_settings=TOKENS_IN_COOKIES)
    official.magiclink.sign_up(SMS, phone, URI, {"phone": phone})
    login = official.magiclink.verify(tokens(own_emulator, phone)[0])
    assert login[REFRESH]["drn"] == "DSR"
    assert official.me(login[REFRESH]["jwt"])["phone"] == phone
    # This package reads the session token only from the body.
    assert SESSION not in login


def test_sessions_of_the_old_and_the_new_key_are_valid_after_rotation(
    own_emulator: Emulator, phone: str
) -> None:
    """The keys are fetched again for an unknown key ID."""
    official = client(own_emulator)
    official.magiclink.sign_up(SMS, phone, URI, {"phone": phone})
    old = official.magiclink.verify(tokens(own_emulator, phone)[0])
    own_emulator.control("keys/rotate", keepOld=True)
    new = official.refresh_session(old[REFRESH]["jwt"])
    assert official.validate_session(new[SESSION]["jwt"])["userId"] == old["userId"]
    assert official.validate_session(old[SESSION]["jwt"])["userId"] == old["userId"]


def test_rate_limit_has_a_retry_after(own_emulator: Emulator, phone: str) -> None:
    """The time is in a header, as with the service."""
    official = client(own_emulator)
    own_emulator.control(
        "faults",
        path="/v1/auth/magiclink/signin/sms",
        status=429,
        headers={"Retry-After": "7"},
        times=1,
    )
    with pytest.raises(RateLimitException) as caught:
        official.magiclink.sign_in(SMS, phone, URI)
    assert str(caught.value.status_code) == "E130429"
    assert caught.value.rate_limit_parameters == {"Retry-After": 7}


def test_temporary_failure_is_retried(own_emulator: Emulator, phone: str) -> None:
    """The package retries after some status codes, and the emulator can respond with each."""
    official = client(own_emulator)
    official.magiclink.sign_up(SMS, phone, URI, {"phone": phone})
    path = "/v1/auth/magiclink/signin/sms"
    own_emulator.control("faults", path=path, status=503, times=1)
    assert official.magiclink.sign_in(SMS, phone, URI).endswith(phone[-2:])
    assert [one["status"] for one in own_emulator.requests() if one["path"] == path] == [503, 200]
