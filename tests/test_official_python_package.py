"""The official Python package against the emulator: what it sends, reads and checks fits.

So the emulator answers as the service does, and what is shown against it holds for the service.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from descope import REFRESH_SESSION_TOKEN_NAME as REFRESH
from descope import SESSION_TOKEN_NAME as SESSION
from descope import AuthException, DeliveryMethod, DescopeClient, RateLimitException

import descope_ml
from support.emulator import Emulator, run_emulator

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
    """A client of the emulator that all tests share."""
    return client(emulator)


@pytest.fixture
def changing() -> Iterator[Emulator]:
    """An emulator of one test alone, which may change it."""
    with run_emulator() as one:
        yield one


@pytest.fixture
def phone() -> str:
    """A phone number that no other test has."""
    return f"+1415{next(_numbers)}"


@pytest.fixture
def user(official: DescopeClient, phone: str) -> str:
    """The phone number of a user who has signed up."""
    official.magiclink.sign_up(SMS, phone, URI, {"name": "Ada"})
    return phone


def tokens(emulator: Emulator, to: str) -> list[str]:
    """The tokens of the links that were sent to a phone, newest first."""
    return [message["token"] for message in emulator.messages(to)]


def test_a_user_who_signed_up_signs_in_and_has_a_valid_session(
    official: DescopeClient, emulator: Emulator, user: str
) -> None:
    """Sign-up, sign-in, link, session, and its signature by the keys of the project."""
    masked = official.magiclink.sign_in(SMS, user, URI)
    assert masked.endswith(user[-2:])
    assert user not in masked

    login = official.magiclink.verify(tokens(emulator, user)[0])
    assert user in login["user"]["loginIds"]
    assert login["firstSeen"] is True

    session = official.validate_session(login[SESSION]["jwt"])
    assert session["userId"] == login["user"]["userId"]
    assert session["projectId"] == emulator.project_id


def test_a_link_that_our_library_asked_for_is_verified_by_the_official_package(
    official: DescopeClient, emulator: Emulator, user: str
) -> None:
    """Both libraries talk about the same users and links."""
    answer = descope_ml.magiclink_signin_sms(
        {"loginId": user, "redirectUrl": URI, "loginOptions": {"customClaims": {"tier": "gold"}}},
        project_id=emulator.project_id,
        base_url=emulator.base_url,
    )
    assert answer["maskedPhone"] == official.magiclink.sign_in(SMS, user, URI)
    newest, asked_for, *_ = tokens(emulator, user)
    assert newest != asked_for
    login = official.magiclink.verify(asked_for)
    session = official.validate_session(login[SESSION]["jwt"])
    assert session["tier"] == "gold"


def test_an_older_link_is_valid_after_a_newer_one(
    official: DescopeClient, emulator: Emulator, user: str
) -> None:
    """Another link does not take back the one before."""
    official.magiclink.sign_in(SMS, user, URI)
    official.magiclink.sign_in(SMS, user, URI)
    newer, older, *_ = tokens(emulator, user)
    assert newer != older
    assert official.magiclink.verify(older)[SESSION]["jwt"]
    assert official.magiclink.verify(newer)[SESSION]["jwt"]


def test_a_link_works_once(official: DescopeClient, emulator: Emulator, user: str) -> None:
    """A token that has been verified is refused."""
    token = tokens(emulator, user)[0]
    assert official.magiclink.verify(token)[SESSION]["jwt"]
    with pytest.raises(AuthException) as refused:
        official.magiclink.verify(token)
    assert refused.value.status_code in (400, 401)


def test_a_user_who_never_signed_up_is_unknown(official: DescopeClient, phone: str) -> None:
    """The service's own code, through both libraries."""
    with pytest.raises(AuthException, match="E062108") as refused:
        official.magiclink.sign_in(SMS, phone, URI)
    assert refused.value.status_code == 400


def test_a_test_user_is_made_and_signed_in_without_a_message(
    official: DescopeClient, phone: str
) -> None:
    """The management API hands out the link of a test user."""
    made = official.mgmt.user.create_test_user(phone, phone=phone, verified_phone=True)
    assert phone in made["user"]["loginIds"]
    link = official.mgmt.user.generate_magic_link_for_test_user(SMS, phone, URI)
    assert link["link"].startswith(URI)
    (token,) = parse_qs(urlsplit(link["link"]).query)["t"]
    login = official.magiclink.verify(token)
    assert official.validate_session(login[SESSION]["jwt"])["userId"] == made["user"]["userId"]


def test_an_expired_link_has_the_code_of_a_used_one(changing: Emulator, phone: str) -> None:
    """A link is valid for as long as the project says."""
    official = client(changing)
    official.magiclink.sign_up(SMS, phone, URI, {"phone": phone})
    changing.control("clock", advance="4m")
    with pytest.raises(AuthException, match="E062504") as refused:
        official.magiclink.verify(tokens(changing, phone)[0])
    assert refused.value.status_code == 401


def test_a_refresh_token_in_a_cookie_is_found(changing: Emulator, phone: str) -> None:
    """A project may hand out its tokens as cookies."""
    official = client(changing)
    changing.put_settings(tokens="cookies")
    official.magiclink.sign_up(SMS, phone, URI, {"phone": phone})
    login = official.magiclink.verify(tokens(changing, phone)[0])
    assert login[REFRESH]["drn"] == "DSR"
    assert official.me(login[REFRESH]["jwt"])["phone"] == phone
    # This package looks for the session in the body alone.
    assert SESSION not in login


def test_a_session_by_a_new_key_is_valid_beside_one_by_the_old(
    changing: Emulator, phone: str
) -> None:
    """The keys are fetched again for a key that is not among those at hand."""
    official = client(changing)
    official.magiclink.sign_up(SMS, phone, URI, {"phone": phone})
    old = official.magiclink.verify(tokens(changing, phone)[0])
    changing.control("keys/rotate", keepOld=True)
    new = official.refresh_session(old[REFRESH]["jwt"])
    assert official.validate_session(new[SESSION]["jwt"])["userId"] == old["userId"]
    assert official.validate_session(old[SESSION]["jwt"])["userId"] == old["userId"]


def test_a_rate_limit_says_when_to_come_back(changing: Emulator, phone: str) -> None:
    """The time is in a header, as the service has it."""
    official = client(changing)
    changing.control(
        "faults",
        path="/v1/auth/magiclink/signin/sms",
        status=429,
        headers={"Retry-After": "7"},
        times=1,
    )
    with pytest.raises(RateLimitException) as refused:
        official.magiclink.sign_in(SMS, phone, URI)
    assert str(refused.value.status_code) == "E130429"
    assert refused.value.rate_limit_parameters == {"Retry-After": 7}


def test_a_passing_failure_of_the_service_is_tried_again(changing: Emulator, phone: str) -> None:
    """The package repeats after some statuses, and the emulator can answer with each."""
    official = client(changing)
    official.magiclink.sign_up(SMS, phone, URI, {"phone": phone})
    path = "/v1/auth/magiclink/signin/sms"
    changing.control("faults", path=path, status=503, times=1)
    assert official.magiclink.sign_in(SMS, phone, URI).endswith(phone[-2:])
    assert [one["status"] for one in changing.requests() if one["path"] == path] == [503, 200]
