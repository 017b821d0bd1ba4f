"""A Django site with `django-descope`, which imports `descope`. Prints what its users see."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import descope_ml

descope_ml.install_as_descope()

import django  # type: ignore[import-untyped] # noqa: E402
from django.conf import settings  # type: ignore[import-untyped] # noqa: E402

settings.configure(
    SECRET_KEY="for this test",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django_descope",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django_descope.middleware.DescopeMiddleware",
    ],
)
django.setup()

from django.contrib.auth import logout  # type: ignore[import-untyped] # noqa: E402
from django.core.management import call_command  # type: ignore[import-untyped] # noqa: E402
from django.http import HttpRequest, HttpResponse, JsonResponse  # type: ignore[import-untyped] # noqa: E402
from django.test import Client  # type: ignore[import-untyped] # noqa: E402
from django.urls import include, path  # type: ignore[import-untyped] # noqa: E402
from django_descope import descope_client  # type: ignore[import-untyped] # noqa: E402

from support.emulator import Emulator  # noqa: E402

EMULATOR = Emulator(
    os.environ["DESCOPE_BASE_URI"],
    os.environ["DESCOPE_PROJECT_ID"],
    os.environ["DESCOPE_MANAGEMENT_KEY"],
    None,
)


def who_am_i(request: HttpRequest) -> HttpResponse:
    """The user as the site sees them."""
    user: Any = request.user
    if not user.is_authenticated:
        return JsonResponse({"is_authenticated": False})
    session = descope_client.validate_session(request.session["DS"])
    names = ("is_authenticated", "email", "is_staff", "is_superuser")
    found = {name: getattr(user, name) for name in names}
    return JsonResponse({**found, "is_user_of_session": user.username == session["userId"]})


def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session at the service and in the site."""
    descope_client.logout(request.session["DSR"])
    logout(request)
    return HttpResponse()


urlpatterns = [
    path("auth/", include("django_descope.urls")),
    path("who-am-i", who_am_i),
    path("sign-out", sign_out),
]


def tokens_of(name: str, role: str) -> dict[str, str]:
    """Creates a test user, who signs in with a link; and the tokens as the browser posts them."""
    email = f"{name}@example.com"
    users = descope_client.mgmt.user
    users.create_test_user(name, email=email, verified_email=True, role_names=[role])
    method = descope_ml.DeliveryMethod.EMAIL
    link = users.generate_magic_link_for_test_user(method, name, "https://app.example.com/verify")
    token = link["link"].rpartition("t=")[2]
    # Not by the client, which does not accept a session that has expired already.
    login = EMULATOR.post("/v1/auth/magiclink/verify", {"token": token})
    return {"DS": login["sessionJwt"], "DSR": login["refreshJwt"]}


def signed_in(tokens: dict[str, str]) -> Client:
    """A browser of a user who has signed in."""
    browser = Client()
    assert browser.post("/auth/store_jwt", tokens).status_code == 200
    return browser


def expired_tokens(name: str, role: str) -> dict[str, str]:
    """Tokens of which the session token has expired, and the refresh token has not."""
    EMULATOR.control("clock", set=int(time.time()) - 7_200)
    tokens = tokens_of(name, role)
    EMULATOR.control("clock", set=int(time.time()))
    return tokens


def error_of_refresh(refresh_token: str) -> str:
    """The class of the exception of a refresh."""
    try:
        descope_client.refresh_session(refresh_token)
    except descope_ml.AuthException as error:
        return "AuthException" if error.status_code == 401 else str(error.status_code)
    return "none"


def steps() -> dict[str, Any]:
    """Everything that the users do, and what they see."""
    call_command("migrate", verbosity=0)
    seen: dict[str, Any] = {}
    browser = Client()

    def see(name: str, browser: Client) -> None:
        answer = browser.get("/who-am-i")
        seen[name] = answer.json() if answer.status_code == 200 else answer.status_code

    see("nobody has signed in", browser)
    seen["a session without a token is stored"] = browser.post("/auth/store_jwt").status_code
    forged = browser.post("/auth/store_jwt", {"DS": "a.b.c", "DSR": "a.b.c"})
    seen["a forged session is stored"] = forged.status_code
    see("a forged session", browser)

    old = expired_tokens("ada", "is_staff")
    stored = browser.post("/auth/store_jwt", old)
    seen["the session is stored"] = stored.status_code
    see("an expired session", browser)
    seen["the expired token was replaced"] = browser.session["DS"] != old["DS"]
    see("a user with a role", browser)

    tokens = tokens_of("bob", "is_superuser")
    browser = signed_in(tokens)
    see("a superuser", browser)
    assert browser.get("/sign-out").status_code == 200
    see("after the sign-out", browser)
    seen["the refresh token after the sign-out"] = error_of_refresh(tokens["DSR"])

    tokens = expired_tokens("eve", "is_staff")
    descope_client.logout(tokens["DSR"])
    see("an expired session that was revoked", signed_in(tokens))
    return seen


if __name__ == "__main__":
    print(json.dumps(steps()))
