"""Wrong clocks: that of this machine, or the `Date` of a response. No sign-in is lost to them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest

import descope_ml
from descope_ml import DeliveryMethod, DescopeClient
from descope_ml.web.cookies import set_cookies
from support import faces
from support.emulator import Emulator, run_emulator
from support.faces import Face
from support.user import User

# How far the clock of the service is ahead of that of this machine.
OFFSETS = ["30s", "-30s", "12m", "-12m", "48h", "-48h"]

# Seconds by which a measured difference of clocks may be wrong: `Date` has whole seconds, and the
# machine may be slow.
TOLERANCE = 30


@pytest.fixture(scope="module")
def own_emulator() -> Iterator[Emulator]:
    """An emulator whose clock the tests change."""
    with run_emulator() as own:
        yield own


@pytest.fixture(autouse=True)
def _reset(own_emulator: Emulator) -> None:
    own_emulator.control("reset")


@pytest.fixture
def client(own_emulator: Emulator) -> DescopeClient:
    """A new client. Others may have logged that the clocks differ."""
    return DescopeClient(
        own_emulator.project_id,
        base_url=own_emulator.base_url,
        management_key=own_emulator.management_key,
        max_idle_connections=0,
    )


def sign_in(client: DescopeClient, emulator: Emulator, phone: str) -> dict[str, Any]:
    """Signs a new user up, and opens a session."""
    client.magiclink.sign_up(DeliveryMethod.SMS, phone, "https://app.example.com", {"phone": phone})
    return client.magiclink.verify(emulator.messages(phone)[0]["token"])


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("name", faces.FACES)
def test_no_session_is_lost_because_of_the_clock_of_this_machine(
    name: str, offset: str, face: Callable[[str], Face], own_emulator: Emulator
) -> None:
    own_emulator.control("clock", offset=offset)
    user = User(face(name), own_emulator)
    signed_in = user.sign_up()
    server_time = own_emulator.control("clock", advance="0s")["now"]
    assert abs(signed_in["serverTime"] - server_time) < TOLERANCE
    refreshed = user.call_ok("session/refresh", refreshToken=signed_in["refreshJwt"])
    assert refreshed["session"]["userId"] == signed_in["session"]["userId"]


@pytest.mark.parametrize("date", ["2h", "-2h", "none"])
@pytest.mark.parametrize("name", faces.FACES)
def test_no_session_is_lost_because_of_a_wrong_date(
    name: str, date: str, face: Callable[[str], Face], own_emulator: Emulator
) -> None:
    own_emulator.control("faults", path="/*", date=date)
    user = User(face(name), own_emulator)
    refresh_token = user.sign_up()["refreshJwt"]
    refreshed = user.call_ok("session/refresh", refreshToken=refresh_token)
    # The session would have expired by then.
    assert ("serverTime" in refreshed) == (date == "-2h")


@pytest.mark.parametrize("name", faces.FACES)
def test_the_error_about_an_expired_token_says_that_the_clock_may_be_wrong(
    name: str, face: Callable[[str], Face], own_emulator: Emulator
) -> None:
    own_emulator.control("clock", offset="-12m")
    user = User(face(name), own_emulator)
    session = user.sign_up()["sessionJwt"]
    error = user.call_error("session/validate", sessionToken=session)
    assert (error["name"], error["reason"]) == ("DESCOPE_E_TOKEN", "expired")
    assert "The clock of this machine may be wrong: it says " in error["message"]
    assert error["message"].count(" GMT") == 2


@pytest.mark.parametrize(("offset", "text"), [("12m", "behind"), ("-12m", "ahead of")])
def test_the_difference_is_logged_once_a_client_and_is_in_events(
    offset: str,
    text: str,
    client: DescopeClient,
    own_emulator: Emulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    own_emulator.control("clock", offset=offset)
    events: list[dict[str, Any]] = []
    descope_ml.set_event_handler(events.append)
    with caplog.at_level(logging.WARNING, "descope_ml"):
        sign_in(client, own_emulator, "+14155550101")
        sign_in(client, own_emulator, "+14155550102")
    descope_ml.set_event_handler(None)
    warnings = [message for message in caplog.messages if "clock" in message]
    assert len(warnings) == 1
    assert f"s {text} that of the service" in warnings[0]
    differences = [event["clockDifferenceSeconds"] for event in events]
    assert len(differences) == 4
    expected = -720 if offset == "12m" else 720
    assert all(abs(difference - expected) < TOLERANCE for difference in differences)


def test_equal_clocks_are_not_mentioned(
    client: DescopeClient, own_emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    events: list[dict[str, Any]] = []
    descope_ml.set_event_handler(events.append)
    with caplog.at_level(logging.WARNING, "descope_ml"):
        sign_in(client, own_emulator, "+14155550103")
    descope_ml.set_event_handler(None)
    assert caplog.messages == []
    assert not any("clockDifferenceSeconds" in event for event in events)


@pytest.mark.parametrize("offset", OFFSETS)
def test_cookies_live_as_long_as_the_refresh_token(
    offset: str, client: DescopeClient, own_emulator: Emulator
) -> None:
    class Response(SimpleCookie):
        def set_cookie(self, name: str, value: str, **attributes: Any) -> None:
            """Sets a cookie as web frameworks do."""
            self[name] = value
            self[name]["max-age"] = attributes["max_age"]

    own_emulator.control("clock", offset=offset)
    login = sign_in(client, own_emulator, "+14155550104")
    login["cookieData"]["maxAge"] = 0  # As if the service did not say how long.
    response = Response()
    set_cookies(response, login)
    token = login["refreshSessionToken"]
    for name in ("DS", "DSR"):
        assert abs(int(response[name]["max-age"]) - (token["exp"] - token["iat"])) < TOLERANCE
