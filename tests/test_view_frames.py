"""An exception of a view, or of the cookies, shows no token and no address in our frames."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import pytest
from flask import Flask, Response, g
from flask.testing import FlaskClient

from descope_ml import DescopeClient, django, fastapi, flask
from descope_ml.web.cookie_settings import CookieSettings
from support.emulator import Emulator

URI = "https://app.example.com/verify"

_numbers = itertools.count()


def shown(error: BaseException, secrets: list[str]) -> list[str]:
    """The local variables in frames of the package that contain a secret."""
    return [
        f"{frame.f_code.co_name}.{name}"
        for frame in frames(error.__traceback__)
        if frame.f_globals["__name__"].partition(".")[0] == "descope_ml"
        for name, value in frame.f_locals.items()
        if any(secret in repr(value) for secret in secrets)
    ]


def frames(entry: TracebackType | None) -> Iterator[Any]:
    """The frames that an exception has passed."""
    while entry is not None:
        yield entry.tb_frame
        entry = entry.tb_next


@pytest.fixture
def client(emulator: Emulator) -> DescopeClient:
    """A client that blocks."""
    return DescopeClient(emulator.project_id, base_url=emulator.base_url)


@pytest.fixture
def email() -> str:
    """An address that no other test uses."""
    return f"frames{next(_numbers)}@example.com"


@pytest.fixture
def site(client: DescopeClient) -> FlaskClient:
    """A site in Flask whose views all raise, each by one of the decorators."""
    app = Flask("site")
    app.testing = True

    def view() -> str:
        message = "the view failed"
        raise LookupError(message)

    decorators = {
        "sign-up": flask.descope_signup_magiclink_by_email(client, URI),
        "sign-in": flask.descope_signin_magiclink_by_email(client, URI),
        "verify": flask.descope_verify_magiclink_token(client),
        "validate": flask.descope_validate_auth(client),
        "log-out": flask.descope_logout(client),
        "guarded": flask.require_session(client),
    }
    for name, decorator in decorators.items():
        app.add_url_rule(f"/{name}", name, decorator(view), methods=["GET", "POST"])

    @app.get("/sign-out")
    def sign_out() -> str:
        flask.sign_out(client)
        return view()

    @app.get("/verified")
    def verified() -> str:
        g.login = flask.verified(client)
        return view()

    return app.test_client(use_cookies=False)


def test_an_exception_of_a_view_of_flask_shows_no_secret(
    site: FlaskClient, client: DescopeClient, emulator: Emulator, email: str
) -> None:
    secrets = [email]

    def fail(path: str, **request: Any) -> None:
        with pytest.raises(LookupError, match="the view failed") as failed:
            site.open(path, base_url="https://app.example.com", **request)
        assert shown(failed.value, secrets) == [], path

    def link_token() -> str:
        token = str(emulator.messages(email)[0]["token"])
        secrets.append(token)
        return token

    fail("/sign-up", method="POST", json={"email": email})
    fail("/verify", query_string={"t": link_token()})
    fail("/sign-in", method="POST", json={"email": email})
    fail("/verified", query_string={"t": link_token()})
    for path in ("/sign-out", "/log-out"):
        fail("/sign-in", method="POST", json={"email": email})
        login = client.magiclink.verify(link_token())
        session, refresh = login["sessionToken"]["jwt"], login["refreshSessionToken"]["jwt"]
        secrets += [session, refresh]
        for guarded in ("/guarded", "/validate"):
            for token in (session, "garbage"):
                fail(guarded, headers={"Cookie": f"DS={token}; DSR={refresh}"})
        fail(path, headers={"Cookie": f"DS={session}; DSR={refresh}"})


@pytest.mark.parametrize("package", [django, fastapi, flask])
def test_an_exception_of_the_cookies_shows_no_token(package: Any) -> None:
    token = {"jwt": "eyJsecret", "exp": 10, "iat": 0}
    login = {"sessionToken": token, "cookieData": {"sessionCookieName": "a;b"}}
    auth = package.DescopeAuth(DescopeClient("P2test"), cookies=CookieSettings(path="/"))
    for set_cookies in (package.set_cookies, auth.set_cookies):
        with pytest.raises(ValueError, match="the name of a cookie is invalid") as failed:
            set_cookies(Response(), login)
        assert shown(failed.value, ["eyJsecret"]) == []
